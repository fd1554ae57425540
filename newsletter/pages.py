"""The pages of the service: the magazine's looks, one thing to do on each, no script, nothing from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse

from newsletter import templates
from newsletter.config import LANGUAGES, Config
from newsletter.letters import what
from newsletter.magazine import Magazine
from newsletter.words import Words

OTHER = {"sv": ("en", "In English"), "en": ("sv", "På svenska")}
"""For each language the other, and how its readers are told."""


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes pages for one service."""

    config: Config

    def make(
        self,
        name: str,
        request: Request,
        magazine: Magazine,
        *,
        lang: str = "",
        status: int = 200,
        **context: Any,
    ) -> HTMLResponse:
        """A page from its template, in the language that the address, the caller or else the magazine says."""
        asked = request.query_params.get("lang", lang)
        lang = asked if asked in LANGUAGES else magazine.lang
        context |= {
            "magazine": magazine,
            "base": urlsplit(self.config.base_url).path,
            "form": f"{magazine.url}/prenumerera/",
            "personal_data": f"{magazine.url}/personuppgifter/",
            "other": OTHER[lang] if "token" in request.path_params else None,
            "what": lambda choice: what(Words(lang), magazine, choice),
        }
        return HTMLResponse(templates.render(f"{name}.html", lang, **context), status)
