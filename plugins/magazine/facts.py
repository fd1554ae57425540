"""What `<name>`, `<publisher>` and `<contact>` in a page stand for: what the settings say of the magazine."""

from __future__ import annotations

import re
from collections.abc import Mapping

from plugins.magazine.settings import Settings
from plugins.magazine.words import Words

_FACT = re.compile(r"<(name|publisher|contact)>")
_MARKS = re.compile(r"[\\`*_#\[\]]")
"""What means something to Markdown, and nothing in a name."""


class Facts:
    def __init__(self, settings: Settings, words: Words) -> None:
        said = {
            "name": ("SITENAME", settings.name),
            "publisher": ("PUBLISHER", settings.publisher),
            "contact": ("CONTACT", settings.contact),
        }
        missing = words.gettext("[FILL IN: {key} in the settings]")
        self._plain = {fact: value or missing.format(key=key) for fact, (key, value) in said.items()}
        self._markdown = {fact: _escaped(value) for fact, value in self._plain.items()}

    def in_words(self, text: str) -> str:
        """A plain text, such as a title, with the facts filled in."""
        return _filled_in(text, self._plain)

    def in_markdown(self, text: str) -> str:
        """The same for Markdown: the facts are text in it, whatever they look like."""
        return _filled_in(text, self._markdown)


def _filled_in(text: str, facts: Mapping[str, str]) -> str:
    return _FACT.sub(lambda match: facts[match[1]], text)


def _escaped(value: str) -> str:
    return _MARKS.sub(r"\\\g<0>", value).replace("&", "&amp;").replace("<", "&lt;")
