"""Search: the files under /search/ that the theme's search/engine.js answers queries from. docs/search.md says how.

An article that has fallen off its category is found as well as one that is live; one that is not released is not there.
"""

from __future__ import annotations

from collections.abc import Iterator

from plugins.magazine import signals
from plugins.magazine.outputs import Output
from plugins.magazine.site import Site
from plugins.search import index
from plugins.search.documents import documents

FOLDER = "search"


def outputs(site: Site) -> Iterator[Output]:
    settings = site.settings
    kept = settings.cache / "search" / "index"
    for path, make in index.outputs(documents(site), settings.categories, kept, settings.jobs).items():
        yield Output(f"{FOLDER}/{path}", make)


def register() -> None:
    signals.publish_unlinked.connect(outputs)
