"""Makes the magazine from the content, and gives it to the plugins that check and show it."""

from typing import Any


def get_generators(_pelican: Any) -> type:
    from plugins.magazine.generator import MagazineGenerator

    return MagazineGenerator


def register() -> None:
    from pelican import signals

    signals.get_generators.connect(get_generators)
