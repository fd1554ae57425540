"""Builds an index in processes of their own, so that time and memory are the index's and nothing else's.

DOCS has a text a line, as JSON; each command prints one line of JSON.

    python -m benchmarks.search_index anew DOCS FOLDER       leaves the files in FOLDER/search/
    python -m benchmarks.search_index changed DOCS FOLDER    the same texts, one changed, with what was kept in FOLDER
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from plugins.search.documents import Document, File
from plugins.search.index import ENTRY, build, outputs

ROOT = Path(__file__).parents[1]
KEPT = "kept"
"""Where a build leaves what makes the next one quick."""


@dataclass(frozen=True, slots=True)
class Built:
    """What an index of all texts costs."""

    texts: int
    files: int
    size: int
    """Bytes on disk of all files."""
    wall: float
    cpu: float
    memory: int
    """Megabytes that the process came to need for the index, beside the texts themselves."""
    texts_memory: int
    """Megabytes that it had before: Python, its modules and the texts."""


@dataclass(frozen=True, slots=True)
class Changed:
    """What one changed article costs in a new process."""

    wall: float
    cpu: float
    files: int
    """How many files are written: new ones, and the entry."""
    same: bool
    """Whether all files are as building everything anew makes them."""


def measure(documents: Sequence[Document], folder: Path) -> tuple[Built, Changed]:
    """Build in child processes; the index of the texts as they are lies in the folder afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = folder / "texts.jsonl"
    with texts.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(asdict(document), ensure_ascii=False) + "\n" for document in documents)
    return Built(**_child("anew", texts, folder)), Changed(**_child("changed", texts, folder))


def _child(what: str, texts: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.search_index", what, str(texts), str(folder)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def publish(files: dict[str, bytes], folder: Path) -> None:
    """Writes the files of an index below `folder`/search/."""
    for path in {(folder / "search" / name).parent for name in files}:
        path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / "search" / name).write_bytes(data)


def _read(line: str) -> Document:
    row: dict[str, Any] = json.loads(line)
    lists = {name: tuple(row.pop(name)) for name in ("places", "tags")}
    return Document(**row | lists | {"files": tuple(File(**file) for file in row["files"])})


def _peak() -> int:
    """The most memory this process has had, in megabytes. (What resource says can be its parent's.)"""
    try:
        status = Path("/proc/self/status").read_text(encoding="utf-8")
        return int(status.split("VmHWM:")[1].split()[0]) // 1024
    except OSError:
        import resource

        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most // (1024 * 1024 if sys.platform == "darwin" else 1024)


def _computing() -> float:
    """Seconds of computing, that of finished child processes with them."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def anew(found: Sequence[Document], folder: Path) -> Built:
    before = _peak()
    wall, cpu = time.perf_counter(), _computing()
    files = build(found, kept=folder / KEPT, jobs=os.cpu_count() or 1)
    wall, cpu = time.perf_counter() - wall, _computing() - cpu
    memory = _peak() - before
    publish(files, folder)
    return Built(len(found), len(files), sum(map(len, files.values())), wall, cpu, memory, before)


def changed(found: list[Document], folder: Path) -> Changed:
    middle = len(found) // 2
    found[middle] = replace(found[middle], text=f"{found[middle].text}\nEtt stycke om samverkansråd har kommit till.")
    there = {path.relative_to(folder / "search").as_posix() for path in (folder / "search").rglob("*.json")}
    wall, cpu = time.perf_counter(), _computing()
    files = outputs(found, kept=folder / KEPT)
    # Names have fingerprints: what is there already under its name is the same.
    written = {name: make() for name, make in files.items() if name not in there or name == ENTRY}
    wall, cpu = time.perf_counter() - wall, _computing() - cpu
    again = build(found)
    same = again.keys() == files.keys() and all(again[name] == make() for name, make in files.items())
    return Changed(wall, cpu, len(written), same)


def main(what: str, texts: str, folder: str) -> None:
    with Path(texts).open(encoding="utf-8") as lines:
        found = [_read(line) for line in lines]
    measured = anew(found, Path(folder)) if what == "anew" else changed(found, Path(folder))
    print(json.dumps(asdict(measured)))


if __name__ == "__main__":
    main(*sys.argv[1:])
