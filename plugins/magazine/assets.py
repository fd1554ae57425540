"""The theme's own files: stylesheets and scripts carry a fingerprint in their name, so browsers may keep them for ever.

Fonts and pictures keep their names: stylesheets refer to them. Scripts are published without the comments that stand on
lines of their own, and without indentation: those are for us, and readers would wait for them.
"""

from __future__ import annotations

import hashlib
import re
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

    def data(self, name: str) -> bytes:
        """What is published of one file."""
        return published(self.root / name)


def collect(root: Path) -> Assets:
    paths = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.is_file() and not path.name.startswith("."):
            paths[name] = f"{FOLDER}/{_published_name(path, name)}"
    return Assets(root, paths)


def published(path: Path) -> bytes:
    return without_comments(path.read_text(encoding="utf-8")).encode() if path.suffix == ".js" else path.read_bytes()


_COMMENT = re.compile(r"^[ \t]*(?:/\*(?!!)(?:(?!\*/).)*\*/[ \t]*|//[^\n]*)\n", re.DOTALL | re.MULTILINE)
_INDENTATION = re.compile(r"^[ \t]+|^\n", re.MULTILINE)


def without_comments(script: str) -> str:
    """A script without blank lines, indentation, and comments on lines of their own (but for licences, /*! … */).

    No parser: a text in backquotes must not run over several lines.
    """
    return _INDENTATION.sub("", _COMMENT.sub("", script))


def _published_name(path: Path, name: str) -> str:
    if path.suffix not in FINGERPRINTED:
        return name
    digest = hashlib.sha256(published(path)).hexdigest()[:10]
    return f"{name.removesuffix(path.suffix)}.{digest}{path.suffix}"
