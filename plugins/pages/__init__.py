"""The pages that readers see: for each one its address, its template, and the few records that it depends on."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from plugins.magazine import signals
from plugins.magazine.outputs import Output, page_path
from plugins.magazine.site import Site
from plugins.pages.views import View, views


def outputs(site: Site) -> Iterator[Output]:
    for view in views(site):
        yield Output(page_path(view.url), partial(_make, site, view))


def _make(site: Site, view: View) -> bytes:
    return site.render(view.template, view.context())


def register() -> None:
    signals.publish.connect(outputs)
