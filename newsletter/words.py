"""The words of letters and pages in a reader's language: English in the code, Swedish beside it in `translations/`."""

from __future__ import annotations

import io
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

CATALOGUES = Path(__file__).resolve().parent / "translations"


class Words:
    """One language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        catalogue = _catalogue(lang)
        self.gettext = catalogue.gettext
        self.ngettext = catalogue.ngettext

    def join(self, names: Iterable[str]) -> str:
        """Names in a sentence: a, b och c."""
        *first, last = names
        both = self.gettext("{first} and {last}")
        return both.format(first=", ".join(first), last=last) if first else last


@cache
def _catalogue(lang: str) -> NullTranslations:
    """Compiled in memory: there is no compiled file that could be stale. English needs none of its own."""
    path = CATALOGUES / f"{lang}.po"
    if not path.is_file():
        return NullTranslations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=lang)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)
