"""The adapter to Pelican: reads the content, makes the magazine once, lets the plugins check and show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pelican.generators import Generator

from plugins.magazine import assets, content, signals, template
from plugins.magazine.entries import Content
from plugins.magazine.memory import Memory
from plugins.magazine.model import Magazine
from plugins.magazine.outputs import write
from plugins.magazine.problems import ContentError, Problem, errors
from plugins.magazine.related import Related
from plugins.magazine.settings import Settings, from_pelican
from plugins.magazine.site import Site
from plugins.magazine.words import Words


class MagazineGenerator(Generator):  # type: ignore[misc]  # Pelican has no types
    """Pelican calls `generate_context`, then `generate_output`; nothing is written before all is known to be sound."""

    site: Site
    problems: tuple[Problem, ...] = ()

    def examine(self, memory: Memory | None = None) -> tuple[Problem, ...]:
        """Read and check everything; gives all problems, sorted by file and line. Writes nothing.

        With a `memory` only what it has not kept is read.
        """
        settings = from_pelican(self.settings)
        read = content.read(settings, Words(settings.lang), memory)
        self.site = self.show(settings, read, read.magazine(settings))
        return tuple(sorted({*read.problems, *signals.gather(signals.check, self.site)}))

    def show(self, settings: Settings, read: Content, magazine: Magazine, earlier: Related | None = None) -> Site:
        """What shows a magazine made of this content. One a generator: they share its template environment."""
        words = Words(settings.lang)
        self.env.install_gettext_translations(words.catalogue, newstyle=True)
        site = Site(
            settings=settings,
            words=words,
            content=read,
            magazine=magazine,
            env=self.env,
            assets=assets.collect(Path(self.theme) / "static"),
            earlier=earlier,
        )
        template.prepare(site)
        return site

    def generate_context(self) -> None:
        self.problems = self.examine()
        if errors(self.problems):
            raise ContentError(self.problems)

    def generate_output(self, _writer: Any) -> None:
        settings = self.site.settings
        files = write(self.site.outputs, settings.output, settings.jobs)
        signals.written.send(self.site, files=files, problems=self.problems)
