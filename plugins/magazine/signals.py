"""Where other plugins join in. Handlers are module-level functions (signals hold them weakly) that take a `Site`."""

from __future__ import annotations

from collections.abc import Iterable
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
    gathered: list[Any] = []
    for _, answer in signal.send(site, **asked):
        if isinstance(answer, Iterable):
            gathered.extend(answer)
    return gathered
