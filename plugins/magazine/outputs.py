"""The files of a site: each knows its path and how to be made; here they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
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
