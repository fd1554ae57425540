"""What the tests of reading share: content folders made of a table of files, read by the product's own code."""

from __future__ import annotations

import importlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from blinker import ANY
from pelican.settings import read_settings
from PIL import Image as Pillow

from plugins.magazine import content, defaults, signals
from plugins.magazine.entries import Content
from plugins.magazine.generator import MagazineGenerator
from plugins.magazine.problems import Problem
from plugins.magazine.settings import Settings, from_pelican
from plugins.magazine.words import Words

TODAY = "2026-11-15"
CATEGORIES = [("nyheter", "Nyheter"), ("pa-gang", "På gång"), ("tankar", "Tankar")]
ISSUE = "---\ntitle: Numret\ndate: 2026-11-02\n---\n\nEditorialen.\n"
ISSUE_PATH = "issues/2026-11/issue.md"
ARTICLE_PATH = "issues/2026-11/artikel.md"
BODY_LINE = 7
"""Where the text begins in what `article()` makes without further header lines."""

Files = Mapping[str, str | bytes]


def article(body: str = "Texten.", header: str = "") -> str:
    """A valid article; `header` is further lines, from line 5 on."""
    if header and not header.endswith("\n"):
        header += "\n"
    return f"---\ntitle: Rubriken\ncategory: nyheter\nsummary: Ingressen.\n{header}---\n\n{body}\n"


def issue(date: str, header: str = "", body: str = "Editorialen.") -> str:
    """A valid issue.md; `header` is further lines, from line 4 on."""
    if header and not header.endswith("\n"):
        header += "\n"
    return f"---\ntitle: Numret\ndate: {date}\n{header}---\n\n{body}\n"


def picture(form: str = "PNG", size: tuple[int, int] = (4, 3)) -> bytes:
    """A tiny picture."""
    file = io.BytesIO()
    Pillow.new("RGB", size, "teal").save(file, form)
    return file.getvalue()


def write(root: Path, files: Files) -> Path:
    """Write the files below `root`/content; gives that folder."""
    folder = root / "content"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def values(root: Path, **changed: Any) -> dict[str, Any]:
    """Pelican's settings for the content folder in `root`, with an empty theme beside it."""
    (root / "theme" / "templates").mkdir(parents=True, exist_ok=True)
    own = {key: value for key, value in vars(defaults).items() if key.isupper()}
    return own | {
        "SITENAME": "Provet",
        "SITEURL": "https://prov.example",
        "DEFAULT_LANG": "sv",
        "CATEGORIES": CATEGORIES,
        "PATH": str(root / "content"),
        "OUTPUT_PATH": str(root / "output"),
        "THEME": str(root / "theme"),
        "CACHE_PATH": str(root / "cache"),
        "TODAY": TODAY,
        "JOBS": 1,
    } | changed  # fmt: skip


def settings(root: Path, **changed: Any) -> Settings:
    return from_pelican(values(root, **changed))


def read(root: Path, **changed: Any) -> Content:
    """Read `root`/content; the paths of problems are relative to the working folder, or absolute."""
    made = settings(root, **changed)
    return content.read(made, Words(made.lang))


def generator(root: Path, **changed: Any) -> MagazineGenerator:
    """What Pelican runs, without the rest of a build; `examine()` reads and checks everything."""
    given = values(root, **changed)
    for signal in (signals.check, signals.publish):  # what another test's plugins connected must not join in
        for handler in list(signal.receivers_for(ANY)):
            signal.disconnect(handler)
    for name in given["PLUGINS"]:
        importlib.import_module(name).register()
    made = read_settings(override=given)
    (root / "content").mkdir(parents=True, exist_ok=True)
    return MagazineGenerator(
        context={}, settings=made, path=made["PATH"], theme=made["THEME"], output_path=made["OUTPUT_PATH"]
    )


def examine(root: Path, **changed: Any) -> tuple[Problem, ...]:
    """All problems of `root`/content, as `inv check` finds them."""
    return generator(root, **changed).examine()


def placed(root: Path, problem: Problem) -> tuple[str, int, str]:
    """A problem as (path below the content folder, line, code)."""
    path = Path(problem.path)
    folder = root.resolve() / "content"
    below = path.relative_to(folder) if path.is_relative_to(folder) else path
    return below.as_posix(), problem.line, problem.code
