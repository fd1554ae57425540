"""The theme's own files: stylesheets and scripts carry a fingerprint in their name, so browsers may keep them for ever.

Fonts and pictures keep their names: stylesheets refer to them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FOLDER = "theme"
FINGERPRINTED = (".css", ".js")


@dataclass(frozen=True)
class Assets:
    """The files of a theme's `static` folder: name there → path in the site."""

    root: Path
    paths: Mapping[str, str]

    def url(self, name: str) -> str:
        """The address of one file. Raises KeyError if the theme has none of that name."""
        return "/" + self.paths[name]


def collect(root: Path) -> Assets:
    paths = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not path.name.startswith("."):
            paths[name] = f"{FOLDER}/{_published_name(path, name)}"
    return Assets(root, paths)


def _published_name(path: Path, name: str) -> str:
    if path.suffix not in FINGERPRINTED:
        return name
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:10]
    return f"{name.removesuffix(path.suffix)}.{digest}{path.suffix}"
