"""Where other plugins join in. Handlers are module-level functions (signals hold them weakly) that take a `Site`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from blinker import Signal

check = Signal("The content has been read. A handler gives an iterable of `Problem`.")
advise = Signal(
    "`inv check` asks how texts could be plainer. A handler gives an iterable of `Problem`; a build asks nobody."
)
publish = Signal("The content is sound. A handler gives an iterable of `Output`.")
publish_unlinked = Signal("Like `publish`, for files that no text links to and that take long to list: search's index.")
written = Signal("The site is on disk. Handlers also get `files`, how many, and `problems`, all of them warnings.")


def gather(signal: Signal, site: Any, **asked: Any) -> list[Any]:
    """What all handlers give, in the order they were connected. They get what is asked besides."""
    return list(stream(signal, site, **asked))


def stream(signal: Signal, site: Any, **asked: Any) -> Iterator[Any]:
    """The same, one after the other: no handler goes further than it is asked."""
    return chain.from_iterable(answer for _, answer in signal.send(site, **asked) if isinstance(answer, Iterable))
