"""The templates of pages and letters, in a reader's language."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from newsletter.words import Words

FOLDER = Path(__file__).resolve().parent / "templates"


def render(name: str, lang: str, **context: Any) -> str:
    """One page or letter. Whatever it is given is escaped."""
    return _environment(lang).get_template(name).render(lang=lang, **context)


@cache
def _environment(lang: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
        extensions=["jinja2.ext.i18n"],
        auto_reload=False,
    )
    words = Words(lang)
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return environment
