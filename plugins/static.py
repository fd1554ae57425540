"""Copies the theme's own files (stylesheets, fonts, pictures) into the site."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from plugins.magazine import signals
from plugins.magazine.outputs import Output
from plugins.magazine.site import Site


def outputs(site: Site) -> Iterator[Output]:
    for name, path in site.assets.paths.items():
        yield Output(path, partial(site.assets.data, name))


def register() -> None:
    signals.publish.connect(outputs)
