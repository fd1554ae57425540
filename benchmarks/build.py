"""Measures whole clean builds of a made-up magazine, side by side with its peers: time, processor time, memory.

    python -m benchmarks.build [--articles 1000 10000] [--runs 3] [--jobs 1] [--json FILE]

The peers are plain Pelican with a bare theme and, where it is installed, Hugo with an equal one. All get the same texts
(benchmarks/corpus.py). They take turns, run by run, so that what else the machine does falls on all of them alike:
quote the ratios. "Pictures cached" is this project's build with the pictures of an earlier one at hand.

Corpora and sites lie under `.cache/bench/`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from benchmarks import corpus

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"
SAMPLE_EVERY = 0.2
"""Seconds between two looks at the memory of all processes of a build."""

OURS, CACHED, PLAIN, HUGO = "this magazine", "pictures cached", "plain Pelican", "Hugo"


@dataclass(frozen=True, slots=True)
class Builder:
    """One way to build: the layout of the texts it needs, and its command for a corpus and an output folder."""

    name: str
    layout: str
    command: Callable[[Path, Path], Sequence[str]]
    warm: bool = False
    """Whether what it cached in an earlier build stays."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one build took. `cpu` counts all processes; memory is in megabytes."""

    wall: float
    cpu: float
    largest: float
    """The peak of the largest process."""
    together: float
    """The largest sum seen over all processes, memory that they share counted once. 0 where it cannot be known."""
    files: int


@dataclass(frozen=True, slots=True)
class Row:
    """The medians of one builder's runs."""

    articles: int
    builder: str
    wall: float
    cpu: float
    largest: float
    together: float
    files: int
    runs: Sequence[Run]


def builders(jobs: Sequence[int]) -> Iterator[Builder]:
    for count in jobs:
        yield Builder(OURS if count == 1 else f"{OURS}, {count} jobs", "issues", partial(_ours, count))
    yield Builder(CACHED, "issues", partial(_ours, jobs[0]), warm=True)
    yield Builder(PLAIN, "pelican", _plain_pelican)
    beside = str(Path(sys.executable).parent)
    if hugo := shutil.which("hugo", path=os.pathsep.join([beside, os.environ.get("PATH", "")])):
        yield Builder(HUGO, "hugo", partial(_hugo, hugo))


def _ours(jobs: int, texts: Path, out: Path) -> Sequence[str]:
    options = ["-s", str(texts / "settings.py"), "-o", str(out), "--fatal", "errors"]
    settings = [f"JOBS={jobs}", f"CACHE_PATH={json.dumps(str(_kept(out)))}"]
    return [sys.executable, "-m", "pelican", str(texts / "content"), *options, "-e", *settings]


def _kept(out: Path) -> Path:
    """What a build of this output caches."""
    return out.with_name(f"{out.name}.cache")


def _plain_pelican(texts: Path, out: Path) -> Sequence[str]:
    settings = ROOT / "benchmarks/pelican_bare/pelicanconf.py"
    return [sys.executable, "-m", "pelican", str(texts / "content"), "-s", str(settings), "-o", str(out)]


def _hugo(hugo: str, texts: Path, out: Path) -> Sequence[str]:
    theme = ROOT / "benchmarks/hugo"
    options = {"source": texts, "config": theme / "hugo.toml", "layoutDir": theme / "layouts", "destination": out}
    return [hugo, "--buildFuture", *(f"--{name}={value}" for name, value in options.items())]


# -- Measuring ---------------------------------------------------------------------------------------------------------


def measure(builder: Builder, texts: Path, folder: Path) -> Run:
    """One clean build in this folder. Raises `CalledProcessError` if it fails, with what it said."""
    out = folder / builder.name.replace(" ", "-")
    shutil.rmtree(out, ignore_errors=True)
    if not builder.warm:
        shutil.rmtree(_kept(out), ignore_errors=True)
    command = builder.command(texts, out)
    log = folder / "log"
    with log.open("wb") as said:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said, start_new_session=True)
        memory = _Memory(process.pid)
        try:
            _, status, usage = os.wait4(process.pid, 0)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
        finally:
            wall = time.perf_counter() - start
            memory.stop()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, log.read_text(errors="replace"))
    return Run(
        wall=wall,
        cpu=usage.ru_utime + usage.ru_stime,
        largest=usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6,
        together=memory.peak,
        files=sum(len(files) for _, _, files in os.walk(out)),
    )


class _Memory(threading.Thread):
    """Looks, again and again, at the memory of all processes of a group."""

    def __init__(self, group: int) -> None:
        super().__init__(daemon=True)
        self.group = group
        self.peak = 0.0
        self._over = threading.Event()
        self.start()

    def run(self) -> None:
        while not self._over.wait(SAMPLE_EVERY):
            self.peak = max(self.peak, _memory_of_group(self.group))

    def stop(self) -> None:
        self._over.set()
        self.join()


def _memory_of_group(group: int) -> float:
    """The memory of all processes of a group in megabytes, each page divided among those that share it."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, ValueError):  # a process may end while it is looked at
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == group:
                lines = (entry / "smaps_rollup").read_text().splitlines()
                total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total * 1024 / 1e6


def corpus_folder(layout: str, articles: int, seed: int) -> Path:
    """The folder with the corpus in this layout, written if need be.

    By a process of its own: what a process has in memory when it starts another counts as the other's peak.
    """
    recipe = hashlib.sha256(Path(corpus.__file__).read_bytes()).hexdigest()[:8]
    folder = CACHE / f"corpus-{layout}-{articles}-{seed}-{recipe}"
    if not (folder / "done").exists():
        shutil.rmtree(folder, ignore_errors=True)
        options = ["--articles", str(articles), "--seed", str(seed), "--layout", layout]
        subprocess.run([sys.executable, "-m", "benchmarks.corpus", str(folder), *options], cwd=ROOT, check=True)
        (folder / "done").touch()
    return folder


# -- Comparing ---------------------------------------------------------------------------------------------------------


def compare(sizes: Sequence[int], runs: int, jobs: Sequence[int], seed: int) -> list[Row]:
    """All builders at all sizes, in turns."""
    rows = []
    taking_part = list(builders(jobs))
    CACHE.mkdir(parents=True, exist_ok=True)
    for articles in sizes:
        texts = {
            layout: corpus_folder(layout, articles, seed) for layout in {builder.layout for builder in taking_part}
        }
        found: dict[str, list[Run]] = {builder.name: [] for builder in taking_part}
        with tempfile.TemporaryDirectory(dir=CACHE) as folder:
            for builder in taking_part:
                if builder.warm:  # so that there is something in its cache
                    measure(builder, texts[builder.layout], Path(folder))
            for turn in range(runs):
                for builder in taking_part:
                    _progress(f"{articles} articles, run {turn + 1} of {runs}: {builder.name}")
                    found[builder.name].append(measure(builder, texts[builder.layout], Path(folder)))
        rows += [_row(articles, name, measured) for name, measured in found.items()]
    _progress("")
    return rows


def _row(articles: int, builder: str, runs: Sequence[Run]) -> Row:
    median = statistics.median
    return Row(
        articles=articles,
        builder=builder,
        wall=median(run.wall for run in runs),
        cpu=median(run.cpu for run in runs),
        largest=median(run.largest for run in runs),
        together=median(run.together for run in runs),
        files=runs[-1].files,
        runs=runs,
    )


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def report(rows: Sequence[Row]) -> str:
    """The table, and what can be read from it."""
    heads = [
        ("", "", "wall", "CPU", "ms per", "largest", "all", "", "of plain", "Pelican", ""),
        ("articles", "", "s", "s", "article", "MB", "MB", "files", "wall", "CPU", "MB"),
    ]
    lines = [_line(*head) for head in heads]
    plain = {row.articles: row for row in rows if row.builder == PLAIN}
    for row in rows:
        peer = plain[row.articles]
        figures = [f"{figure:.1f}" for figure in (row.wall, row.cpu, 1000 * row.cpu / row.articles)]
        figures += [f"{figure:.0f}" for figure in (row.largest, row.together, row.files)]
        ratios = (row.wall / peer.wall, row.cpu / peer.cpu, row.largest / peer.largest)
        lines.append(_line(str(row.articles), row.builder, *figures, *(f"{ratio:.2f}" for ratio in ratios)))
    lines.append("")
    for name in dict.fromkeys(row.builder for row in rows):
        first, *_, last = [row for row in rows if row.builder == name] * 2
        if first.articles < last.articles:
            times, growth = last.articles / first.articles, last.cpu / first.cpu
            lines.append(f"{name}: {growth:.1f} times the processor time for {times:g} times the articles")
    return "\n".join(line.rstrip() for line in lines)


def _line(articles: str, builder: str, *figures: str) -> str:
    return f"{articles:>8}  {builder:<22}" + "".join(f"{figure:>9}" for figure in figures)


def as_json(rows: Sequence[Row]) -> str:
    machine = {"python": platform.python_version(), "system": platform.platform(), "processors": os.cpu_count()}
    return json.dumps({"machine": machine, "rows": [asdict(row) for row in rows]}, indent=2)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.build", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--articles", type=int, nargs="+", default=[1000, 10000], help="sizes of the magazine")
    parser.add_argument("--runs", type=int, default=3, help="counted runs of each; the median is shown")
    parser.add_argument(
        "--jobs", type=int, nargs="+", default=[1], help="processes of our build (peers take their own)"
    )
    parser.add_argument("--seed", type=int, default=corpus.SEED)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there too")
    arguments = parser.parse_args()
    try:
        rows = compare(sorted(arguments.articles), arguments.runs, arguments.jobs, arguments.seed)
    except subprocess.CalledProcessError as error:
        print(f"This build failed: {' '.join(error.cmd)}\n\n{error.output}", file=sys.stderr)
        return 1
    print(report(rows))
    if arguments.json:
        arguments.json.write_text(as_json(rows) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
