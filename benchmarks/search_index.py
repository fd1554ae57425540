"""Builds an index in a process of its own, so that its time and memory are the index's and nothing else's.

python -m benchmarks.search_index DOCS FOLDER → the files in FOLDER/search/, and one line of JSON about it
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from plugins.search.documents import Document, File
from plugins.search.index import build

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Built:
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
    changed_seconds: float
    """Wall time of building again after one article has changed, in the same process."""
    changed_files: int
    """How many files are then new or have other bytes."""


def measure(documents: Sequence[Document], folder: Path) -> Built:
    """Build in a child process; the index lies in the folder afterwards."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = folder / "texts.jsonl"
    with texts.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(asdict(document), ensure_ascii=False) + "\n" for document in documents)
    command = [sys.executable, "-m", "benchmarks.search_index", str(texts), str(folder)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return Built(**json.loads(done.stdout))


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


def main(texts: Path, folder: Path) -> None:
    with texts.open(encoding="utf-8") as lines:
        found = [_read(line) for line in lines]
    before = _peak()
    wall, cpu = time.perf_counter(), time.process_time()
    files = build(found)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    memory = _peak() - before
    publish(files, folder)
    middle = len(found) // 2
    found[middle] = replace(found[middle], text=f"{found[middle].text}\nEtt stycke om samverkansråd har kommit till.")
    started = time.perf_counter()
    again = build(found)
    seconds = time.perf_counter() - started
    changed = sum(files.get(name) != data for name, data in again.items())
    size = sum(map(len, files.values()))
    print(json.dumps(asdict(Built(len(found), len(files), size, wall, cpu, memory, before, seconds, changed))))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
