"""The adapter to Pelican: reads the content, makes the magazine once, lets the plugins check and show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pelican.generators import Generator

from plugins.magazine import assets, content, signals, template
from plugins.magazine.outputs import write
from plugins.magazine.problems import ContentError, Problem, errors
from plugins.magazine.settings import from_pelican
from plugins.magazine.site import Site
from plugins.magazine.words import Words


class MagazineGenerator(Generator):  # type: ignore[misc]  # Pelican has no types
    """Pelican calls `generate_context`, then `generate_output`; nothing is written before all is known to be sound."""

    site: Site
    problems: tuple[Problem, ...] = ()

    def examine(self) -> tuple[Problem, ...]:
        """Read and check everything; gives all problems, sorted by file and line. Writes nothing."""
        settings = from_pelican(self.settings)
        words = Words(settings.lang)
        self.env.install_gettext_translations(words.catalogue, newstyle=True)
        read = content.read(settings, words)
        self.site = Site(
            settings=settings,
            words=words,
            content=read,
            magazine=read.magazine(settings),
            env=self.env,
            assets=assets.collect(Path(self.theme) / "static"),
        )
        template.prepare(self.site)
        return tuple(sorted({*read.problems, *signals.gather(signals.check, self.site)}))

    def generate_context(self) -> None:
        self.problems = self.examine()
        if errors(self.problems):
            raise ContentError(self.problems)

    def generate_output(self, _writer: Any) -> None:
        settings = self.site.settings
        files = write(self.site.outputs, settings.output, settings.jobs)
        signals.written.send(self.site, files=files, problems=self.problems)
