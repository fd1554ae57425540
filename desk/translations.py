"""Keeps the catalogues complete: every text of the code and the templates stands in each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from plugins.magazine.words import CATALOGUES

ROOT = Path(__file__).resolve().parent.parent
SOURCES = {"plugins": "*.py", "desk": "*.py", "newsletter": "*.py", "theme/templates": "*.html"}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}


def texts() -> Catalog:
    """Every text in the sources, in the order of the files."""
    catalogue = Catalog()
    for path in _files():
        method = "jinja2.ext:babel_extract" if path.suffix == ".html" else "python"
        for _, message, _, _ in extract_from_file(method, path, KEYWORDS, options=OPTIONS):
            catalogue.add(message, locations=[(path.relative_to(ROOT).as_posix(), 0)])
    return catalogue


def update(lang: str) -> list[str]:
    """Bring one catalogue up to date and give what is still to be translated."""
    path = CATALOGUES / f"{lang}.po"
    catalogue = Catalog(locale=lang)
    if path.is_file():
        with path.open("rb") as file:
            catalogue = read_po(file, locale=lang)
    catalogue.update(texts(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, catalogue, omit_header=True, sort_by_file=True, include_lineno=False, width=120)
    return missing(lang)


def missing(lang: str) -> list[str]:
    """The texts that a catalogue lacks or has not translated."""
    with (CATALOGUES / f"{lang}.po").open("rb") as file:
        catalogue = read_po(file, locale=lang)
    lacking = []
    for message in texts():
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        known = catalogue.get(key)
        said = known.string if known and not known.fuzzy else ""
        if not said or (isinstance(said, (tuple, list)) and not all(said)):
            lacking.append(key)
    return lacking


def _files() -> Iterator[Path]:
    for folder, pattern in SOURCES.items():
        yield from sorted((ROOT / folder).rglob(pattern))
