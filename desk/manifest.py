"""What a published site consists of: every file with its SHA-256 and size, the day, and the commit it was made from.

`/manifest.json` lists the whole site, `/2026-11/manifest.json` one issue: its pages, pictures and files, its digest,
and the theme's files that they need. Whoever keeps these files can show later that not a byte has changed. Beside each
lies the same list as `SHA256SUMS`, for `sha256sum --check` in the site's folder.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugins.magazine.assets import FOLDER as THEME
from plugins.magazine.ledger import LEDGER
from plugins.magazine.parallel import spread
from plugins.magazine.settings import SettingsError
from plugins.magazine.site import Site

ROOT = Path(__file__).resolve().parent.parent
DIGESTS = "utskick"
NAME, SUMS = "manifest.json", "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class File:
    """One file of a site. `size` in bytes."""

    sha256: str
    size: int


def measure(folder: Path, jobs: int = 1) -> dict[str, File]:
    """Every file below a folder, by its path there, sorted."""
    paths = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())

    def one(path: str) -> tuple[str, int]:
        data = (folder / path).read_bytes()
        return hashlib.sha256(data).hexdigest(), len(data)

    return {path: File(*found) for path, found in zip(paths, spread(one, paths, jobs), strict=True)}


def write(folder: Path, files: Mapping[str, File], site: Site) -> dict[str, Any]:
    """Write the manifests of a site and of its issues into its folder; gives the site's."""
    head = {
        "magazine": site.settings.name,
        "url": site.settings.url,
        "built_for": site.settings.today.isoformat(),
        "commit": commit(site.settings.content),
        "software": f"medverkan {version()}",
    }
    of_issues: dict[str, dict[str, File]] = defaultdict(dict)
    for path, file in files.items():
        of_issues[_issue(path)][path] = file
    for issue in site.magazine.issues:
        mine = dict(sorted({**of_issues[issue.id], **of_issues[THEME]}.items()))
        _write(folder / issue.id, head | {"issue": issue.id}, mine)
    return _write(folder, head, files)


def _issue(path: str) -> str:
    """The issue that a file is of, from its path; or the first folder of what is of none."""
    first, _, rest = path.partition("/")
    return rest.partition("/")[0].removesuffix(".json") if first == DIGESTS else first


def _write(folder: Path, head: Mapping[str, Any], files: Mapping[str, File]) -> dict[str, Any]:
    rows = {path: {"sha256": file.sha256, "size": file.size} for path, file in files.items()}
    manifest = {**head, "files": rows}
    lines = ",\n".join(f"{json.dumps(path, ensure_ascii=False)}: {json.dumps(row)}" for path, row in rows.items())
    facts = json.dumps(head, ensure_ascii=False)[:-1]
    (folder / NAME).write_text(f'{facts}, "files": {{\n{lines}\n}}}}\n', encoding="utf-8")
    sums = "".join(f"{file.sha256}  {path}\n" for path, file in files.items())
    (folder / SUMS).write_text(sums, encoding="utf-8")
    return manifest


def read(text: str) -> dict[str, Any] | None:
    """The manifest in a text, or None if it is none."""
    try:
        found = json.loads(text)
        return found if {"built_for", "files"} <= found.keys() else None
    except (ValueError, AttributeError):
        return None


def read_file(path: Path) -> dict[str, Any]:
    """The manifest in a file. Raises `SettingsError` or OSError."""
    found = read(path.read_text(encoding="utf-8"))
    if found is None:
        raise SettingsError("--manifest", f"{path} is no manifest; `inv publish --manifest {path}` writes one")
    return found


def version() -> str:
    return str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])


def commit(content: Path) -> str | None:
    """The commit that the content's repository is at, with `-dirty` if there are changes besides (the ledger's do not
    count: publishing writes it). None outside of one, or without Git."""
    head = _git(content, ["rev-parse", "HEAD"])
    if head is None:
        return None
    changed = _git(content, ["status", "--porcelain", "--", ":/", f":(top,exclude,glob)**/{LEDGER}"])
    return head.strip() + ("-dirty" if changed else "")


def _git(folder: Path, command: Iterable[str]) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-c", "safe.directory=*", "-C", str(folder), *command],
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None
