"""The files of a site: each knows its path and how to be made; here they are written."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from plugins.magazine.parallel import spread


@dataclass(frozen=True, slots=True)
class Output:
    """One file of the site: its path below the output folder, and the function that makes its bytes."""

    path: str
    make: Callable[[], bytes]


def page_path(url: str) -> str:
    """The file that a server sends for an address: /2026-11/ → 2026-11/index.html."""
    return url.lstrip("/") + "index.html" if url.endswith("/") else url.lstrip("/")


def address(path: str) -> str:
    """The address of a file: the opposite of `page_path`."""
    return "/" + path.removesuffix("index.html")


class Listing:
    """The files of a site by their paths; listed no further than to the one that was asked for."""

    def __init__(self, outputs: Iterable[Output]) -> None:
        self._rest = iter(outputs)
        self._all: list[Output] = []
        self._by_path: dict[str, Output] = {}
        self._listing = threading.Lock()

    def find(self, path: str) -> Output | None:
        with self._listing:
            return self._by_path.get(path) or next((found for found in self._go_on() if found.path == path), None)

    @property
    def all(self) -> Sequence[Output]:
        with self._listing:
            for _ in self._go_on():
                pass
            return self._all

    def _go_on(self) -> Iterator[Output]:
        for output in self._rest:
            self._all.append(output)
            self._by_path.setdefault(output.path, output)
            yield output


class OutputError(Exception):
    """Two files want the same path, or one lies outside the output folder. A fault of a plugin, not of the content."""


def write(outputs: Iterable[Output], root: Path, jobs: int) -> int:
    """Make and write every file below `root`; gives their number. Raises `OutputError` before anything is written."""
    outputs = list(outputs)
    _refuse_clashes(outputs)
    for folder in sorted({(root / output.path).parent for output in outputs}):
        folder.mkdir(parents=True, exist_ok=True)

    def make(output: Output) -> None:
        (root / output.path).write_bytes(output.make())

    spread(make, outputs, jobs)
    return len(outputs)


def _refuse_clashes(outputs: Sequence[Output]) -> None:
    seen: set[str] = set()
    for output in outputs:
        parts = output.path.split("/")
        if not output.path or output.path.startswith("/") or "\\" in output.path or {"..", ".", ""} & set(parts):
            raise OutputError(f"{output.path!r} is not a path below the output folder")
        if output.path in seen:
            raise OutputError(f"{output.path!r} is made twice")
        seen.add(output.path)
