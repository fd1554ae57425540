"""Search: the files under /search/ that the theme's search/engine.js answers queries from. docs/search.md says how.

An article that has fallen off its category is found as well as one that is live; one that is not released is not there.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from plugins.magazine import signals
from plugins.magazine.outputs import Output
from plugins.magazine.site import Site
from plugins.search.documents import documents
from plugins.search.index import build

FOLDER = "search"


def outputs(site: Site) -> Iterator[Output]:
    for path, data in build(documents(site), site.settings.categories).items():
        yield Output(f"{FOLDER}/{path}", partial(bytes, data))


def register() -> None:
    signals.publish_unlinked.connect(outputs)
