"""What every plugin gets: the magazine, and the means to show it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import Environment

from plugins.magazine import signals
from plugins.magazine.assets import Assets
from plugins.magazine.entries import Content
from plugins.magazine.model import Magazine
from plugins.magazine.outputs import Listing, Output
from plugins.magazine.related import Related
from plugins.magazine.settings import Settings
from plugins.magazine.words import Words


@dataclass(frozen=True)
class Site:
    settings: Settings
    words: Words
    content: Content
    """All that was read, also what is not released: for the checks. What is shown comes from `magazine`."""
    magazine: Magazine
    env: Environment
    assets: Assets
    earlier: Related | None = None
    """What was related before the last change, for those who make a site again and again."""

    @cached_property
    def linkable(self) -> Listing:
        """Every file that a text may link to, none of them made yet: the checks ask for them, then they are written."""
        return Listing(signals.stream(signals.publish, self))

    @property
    def outputs(self) -> Sequence[Output]:
        """Every file of the site."""
        return [*self.linkable.all, *signals.gather(signals.publish_unlinked, self)]

    @cached_property
    def related(self) -> Related:
        articles, lang = self.magazine.articles, self.settings.lang
        return self.earlier.after(articles, lang) if self.earlier else Related(articles, lang)

    def render(self, template: str, context: Mapping[str, Any]) -> bytes:
        return self.env.get_template(template).render(context).encode()
