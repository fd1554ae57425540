"""Keeps the catalogues complete: every text of the code and the templates stands in each of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from newsletter import words as newsletter
from plugins.magazine import words as magazine

ROOT = Path(__file__).resolve().parent.parent
ROOMS: Mapping[Path, Mapping[str, tuple[str, ...]]] = {
    magazine.CATALOGUES: {"plugins": ("*.py",), "desk": ("*.py", "*.html"), "theme/templates": ("*.html",)},
    newsletter.CATALOGUES: {"newsletter": ("*.py", "*.html")},
}
"""Folders of catalogues, and where the texts in them come from: the newsletter is a program of its own."""
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None}
Message = str | tuple[str, ...]
OPTIONS = {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}


def update(lang: str) -> list[str]:
    """Bring the catalogues of a language up to date and give what is still to be translated."""
    for folder, sources in ROOMS.items():
        path = folder / f"{lang}.po"
        catalogue = Catalog(locale=lang)
        if path.is_file():
            with path.open("rb") as file:
                catalogue = read_po(file, locale=lang)
        catalogue.update(_texts(sources), no_fuzzy_matching=True)
        catalogue.obsolete.clear()
        path.parent.mkdir(exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalogue, omit_header=True, sort_by_file=True, include_lineno=False, width=120)
    return missing(lang)


def missing(lang: str) -> list[str]:
    """The texts that a catalogue lacks or has not translated, after its path."""
    return [
        f"{(folder / f'{lang}.po').relative_to(ROOT)}: {text}"
        for folder, sources in ROOMS.items()
        for text in _missing(folder / f"{lang}.po", lang, sources)
    ]


def _missing(path: Path, lang: str, sources: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    with path.open("rb") as file:
        catalogue = read_po(file, locale=lang)
    for message in _texts(sources):
        if not message.id:
            continue
        key = message.id[0] if isinstance(message.id, (tuple, list)) else message.id
        known = catalogue.get(key)
        said = known.string if known and not known.fuzzy else ""
        if not said or (isinstance(said, (tuple, list)) and not all(said)):
            yield key


def _texts(sources: Mapping[str, tuple[str, ...]]) -> Catalog:
    """Every text in the sources, in the order of the files."""
    catalogue = Catalog()
    for path in _files(sources):
        for message in _in_template(path) if path.suffix == ".html" else _in_code(path):
            catalogue.add(message, locations=[(path.relative_to(ROOT).as_posix(), 0)])
    return catalogue


def _in_template(path: Path) -> Iterator[Message]:
    for _, message, _, _ in extract_from_file("jinja2.ext:babel_extract", path, KEYWORDS, options=OPTIONS):
        yield message


def _in_code(path: Path) -> Iterator[Message]:
    """Babel's own way looks at tokens, and before Python 3.12 finds nothing that stands in an f-string."""
    calls = [node for node in ast.walk(ast.parse(path.read_bytes())) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        if name in KEYWORDS:
            texts = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
            wanted = tuple(text for text in texts if isinstance(text, str))
            if wanted:
                yield wanted if name == "ngettext" else wanted[0]


def _files(sources: Mapping[str, tuple[str, ...]]) -> Iterator[Path]:
    for folder, patterns in sources.items():
        for pattern in patterns:
            yield from sorted((ROOT / folder).rglob(pattern))
