"""A small magazine, written into a folder and built by the real Pelican.

write_magazine(tmp_path, {"2026-11/nytt-rum": {"title": "Ett nytt rum", "body": "Text."}})
output = build(tmp_path, today="2026-11-30")

`write_everything` writes one in which everything occurs, and `inv` runs the project's real commands.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from blinker import ANY
from pelican import Pelican
from pelican.settings import read_settings
from PIL import Image

from plugins.magazine import defaults, signals

ROOT = Path(__file__).resolve().parents[1]
TODAY = "2026-11-30"

SETTINGS = {
    "SITENAME": "Magasinet",
    "SITEURL": "https://magasinet.example",
    "CATEGORIES": [("nyheter", "Nyheter"), ("kultur", "Kultur & nöje"), ("tomt", "Tomt")],
    "TIMEZONE": "Europe/Stockholm",
    "JOBS": 1,
}
"""What the magazine of the tests is called, unless `build` is told otherwise."""

ARTICLES: Mapping[str, Mapping[str, Any]] = {
    "2026-10/forsta-artikeln": {"title": "Första artikeln"},
    "2026-11/andra-artikeln": {"title": "Andra artikeln", "category": "kultur"},
}


def write_magazine(root: Path, articles: Mapping[str, Mapping[str, Any]] = ARTICLES) -> Path:
    """Write the content of a magazine to `root/content`, and give that folder.

    Articles are named "2026-11/slug". They hold the keys of a header and, if wanted, the text as `body`; title,
    category and summary are filled in where they are missing. Each issue comes out on the first of its month, unless
    "2026-11/issue" says something else.
    """
    content = root / "content"
    issues = {name.split("/")[0] for name in articles}
    filled: dict[str, Mapping[str, Any]] = {f"{issue}/issue": {} for issue in sorted(issues)}
    for name, facts in (filled | dict(articles)).items():
        issue, slug = name.split("/")
        if slug == "issue":
            header = {"title": f"Nummer {issue}", "date": f"{issue}-01"}
        else:
            header = {"title": slug.capitalize(), "category": "nyheter", "summary": f"Det här är ingressen i {slug}."}
        write(content / "issues" / issue / f"{slug}.md", **(header | dict(facts)))
    return content


def write(path: Path, body: str = "En text.", **header: Any) -> None:
    """Write one Markdown file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    front = yaml.safe_dump(header, allow_unicode=True, sort_keys=False, width=1000)
    path.write_text(f"---\n{front}---\n\n{body}\n", encoding="utf-8")


def draw(path: Path, width: int = 900, height: int = 600, colour: str = "teal") -> None:
    """Draw a picture of one colour."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), colour).save(path)


def build(root: Path, *, today: str = TODAY, plugins: Sequence[str] = tuple(defaults.PLUGINS), **settings: Any) -> Path:
    """Build the magazine in `root/content` with these plugins and settings; gives the folder it was built into.

    Raises `ContentError` for what is wrong with the content, as a build does.
    """
    values = {key: value for key, value in vars(defaults).items() if key.isupper()}
    values |= SETTINGS | {"PATH": str(root / "content"), "OUTPUT_PATH": str(root / "output"), "TODAY": today}
    values |= {"CACHE_PATH": str(root / "cache"), "PLUGINS": list(plugins)} | settings
    # Handlers outlive a build: what another one loaded must not join in.
    for signal in (signals.check, signals.publish, signals.publish_unlinked):
        for handler in list(signal.receivers_for(ANY)):
            signal.disconnect(handler)
    Pelican(read_settings(override=values)).run()
    return Path(values["OUTPUT_PATH"])


# -- Another magazine, by the real commands ----------------------------------------------------------------------------

CONTRACT: Mapping[str, Any] = {
    "SITENAME": "Magasinet",
    "SITEURL": "https://magasinet.example",
    "DEFAULT_LANG": "sv",
    "CATEGORIES": [("nyheter", "Nyheter"), ("kultur", "Kultur & nöje"), ("tomt", "Tomt")],
    "LIVE_ARTICLES": 20,
    "MONTHS_OFF": (7,),
}
"""The settings that a magazine must give, and nothing else."""


def write_settings(root: Path, **changed: Any) -> Path:
    """Write `root/magazine.py`: the settings of the contract, as changed here; a key that is None is left out."""
    values = {key: value for key, value in (dict(CONTRACT) | changed).items() if value is not None}
    path = root / "magazine.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{key} = {value!r}\n" for key, value in values.items()), encoding="utf-8")
    return path


def inv_command(*arguments: str | Path) -> list[str]:
    """The command line of `inv` in this environment, from whatever folder it is started."""
    return [sys.executable, "-m", "invoke", "--search-root", str(ROOT), *map(str, arguments)]


def environment(**changed: str) -> dict[str, str]:
    """This process's environment without what would decide the day, and with what is changed here."""
    inherited = {key: value for key, value in os.environ.items() if key != "MAGAZINE_TODAY"}
    return inherited | {"PYTHONWARNINGS": "default"} | changed


def run(command: Sequence[object], cwd: Path = ROOT, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, with these changes to the environment."""
    return subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env=environment(**changed),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def inv(*arguments: str | Path, cwd: Path = ROOT, **changed: str) -> subprocess.CompletedProcess[str]:
    """Run one of the project's commands in a process of its own."""
    return run(inv_command(*arguments), cwd, **changed)


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes; folders end with a slash."""
    return {
        path.relative_to(folder).as_posix() + ("/" if path.is_dir() else ""): b""
        if path.is_dir()
        else path.read_bytes()
        for path in sorted(folder.rglob("*"))
    }


# -- A magazine in which everything occurs -----------------------------------------------------------------------------

MAIN_BODY = """\
Här börjar texten, med [ett avsnitt](#ett-avsnitt), [en krönika](kronika.md), [ett dokument](files/plan.pdf) och
[hela numret](/2026-11/). Så här långt[^1].

## Ett avsnitt

![En brygga i motljus](<images/bro över ån.png> "Bryggan i mars")

### Och ett till

| År | Antal |
|----|------:|
| 2025 | 12 |

> Vi sade "ja" -- och sedan...

[^1]: En not.
"""

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n" * 40

OLD, NEW = 23, 23
"""How many articles of the first category the issues 2025-12 and 2026-10 hold."""


def write_everything(root: Path) -> Path:
    """Write a magazine where everything occurs at least once, and give its content's folder.

    2026-11 is the current issue, 2026-10 and 2025-12 fill the first category beyond its room, 2026-12 is yet to come.
    """
    content = root / "content"
    articles: dict[str, Mapping[str, Any]] = {
        "2025-12/issue": {"title": "Årets sista", "date": "2025-12-01", "body": "Ett år är slut."},
        "2026-10/issue": {"title": "Höst i hamnen", "date": "2026-10-01", "body": "Löven faller."},
        "2026-11/issue": {
            "title": "Vem får plats?",
            "date": "2026-11-02",
            "lead": "huvudsak",
            "image": {"src": "images/omslag.jpg", "alt": "Omslaget visar en stol", "credit": "Bild: Redaktionen"},
            "body": "Editorialens första stycke.\n\nDess [andra stycke](huvudsak.md#ett-avsnitt) kommer här.",
        },
        "2026-11/huvudsak": {
            "title": "Huvudsaken om bryggan",
            "category": "kultur",
            "kind": "reportage",
            "summary": "Ingressen om bryggan i hamnen.",
            "authors": ["Redaktionen", "Sjöfartsbyrån"],
            "tags": ["bryggor", "vatten"],
            "places": ["Hamnen", "Ängslätten"],
            "image": {
                "src": "images/stor.png",
                "alt": "En stor brygga",
                "caption": "Bryggan en morgon",
                "credit": "Foto: Någon",
            },
            "files": [{"src": "files/plan.pdf", "title": "Planen för bryggan"}],
            "order": 1,
            "modified": "2026-11-20",
            "body": MAIN_BODY,
        },
        "2026-11/the-bridge": {
            "title": "The bridge",
            "category": "kultur",
            "kind": "reportage",
            "summary": "The ingress in English.",
            "lang": "en",
            "translation_of": "huvudsak",
            "image": {"src": "images/stor.png", "alt": "A large bridge"},
            "body": 'The text in "English".',
        },
        "2026-11/inbjudan": {
            "title": "Kom till bryggan",
            "kind": "inbjudan",
            "places": ["Hamnen"],
            "event": {
                "start": "2026-11-26 13:00",
                "end": "2026-11-26 16:00",
                "place": "Föreningarnas hus, Kajgatan 4",
                "register_by": "2026-11-20",
                "contact": "brygga@magasinet.example",
                "programme": ["13.00 Kaffe", "14.00 Samtal"],
            },
        },
        "2026-11/flera-dagar": {
            "title": "Mässa i dagarna tre",
            "kind": "inbjudan",
            "event": {"start": "2026-11-27", "end": "2026-11-29", "place": "Torget"},
        },
        "2026-11/notis": {"title": "En kort notis", "kind": "notis", "summary": "Kort sagt."},
        "2026-11/kronika": {
            "title": "Krönikan",
            "category": "kultur",
            "kind": "krönika",
            "authors": ["Redaktionen"],
            "tags": ["vatten"],
            "image": {"src": "images/liten.gif", "alt": ""},
        },
        "2026-11/utkast": {"title": "Ett utkast", "status": "draft"},
        "2026-12/kommande": {
            "title": "Ännu hemligt",
            "tags": ["bryggor"],
            "body": "Se [bryggan](../2026-11/huvudsak.md).",
        },
    }
    for number in range(1, OLD + 1):
        tags = ["vanligt", f"arkivord {number}"]
        articles[f"2025-12/gammal-{number:02}"] = {"tags": tags, "order": number, "pinned": number == OLD}
    for number in range(1, NEW + 1):
        articles[f"2026-10/host-{number:02}"] = {"tags": ["vanligt", f"höstord {number}"], "authors": ["Redaktionen"]}
    write_magazine(root, articles)
    november = content / "issues" / "2026-11"
    for name, size in (("stor.png", (1700, 900)), ("omslag.jpg", (900, 1200)), ("bro över ån.png", (640, 400))):
        shade(november / "images" / name, *size)
    shade(november / "images" / "liten.gif", 200, 150)
    (november / "files").mkdir()
    (november / "files" / "plan.pdf").write_bytes(PDF)
    write(content / "pages" / "om.md", "Om oss, med [ett nummer](../issues/2026-11/issue.md).", title="Om Magasinet")
    return content


def shade(path: Path, width: int, height: int) -> None:
    """Draw a picture that goes from dark to light, so that it does not look the same at each size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.linear_gradient("L").resize((width, height)).convert("RGB").save(path)
