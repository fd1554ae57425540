"""Measures the preview in a browser: from the moment a file is saved until its page shows what was saved.

    python -m benchmarks.preview [--articles 1000 10000] [--runs 10]

The magazine is made up (benchmarks/corpus.py) and lies under `.cache/bench/`; the real command shows it, and a Chromium
has the page open. The longest run is shown beside the median: one slow save is what an editor remembers.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks import corpus
from benchmarks.build import CACHE, ROOT, corpus_folder
from tests import browser

Change = Callable[[str, str], str]
"""From a file's text and a word to the text with this word in it."""


@dataclass(frozen=True, slots=True)
class Row:
    """What one kind of save took, in seconds; `start` is from the command to the first page."""

    articles: int
    start: float
    save: str
    median: float
    longest: float


def in_text(text: str, word: str) -> str:
    return f"{text}\n\nMätningen {word}.\n"


def in_title(text: str, word: str) -> str:
    first, _, rest = text.partition("title: ")
    return f"{first}title: Mätningen {word}\n{rest.partition(chr(10))[2]}"


SAVES: Sequence[tuple[str, int, Change]] = (
    ("text of a new article", -1, in_text),
    ("headline of a new article", -1, in_title),
    ("text of the oldest article", 0, in_text),
)


@contextmanager
def shown(folder: Path) -> Iterator[str]:
    """The preview of a magazine, as a person starts it; gives its address."""
    command = [sys.executable, "-m", "invoke", "preview", "--settings", str(folder / "settings.py"), "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8")
    try:
        assert process.stdout
        yield process.stdout.readline().strip().rstrip("/")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def measure(articles: int, runs: int, page: Page, folder: Path) -> Iterator[Row]:
    texts = sorted((folder / "content/issues").glob("*/*.md"))
    texts = [text for text in texts if text.name != "issue.md"]
    start = time.perf_counter()
    with shown(folder) as origin:
        page.set_default_timeout(120_000)
        page.goto(origin)
        started = time.perf_counter() - start
        for name, place, change in SAVES:
            path = texts[place]
            was = path.read_text(encoding="utf-8")
            page.goto(f"{origin}/{path.parent.name}/{path.stem}/")
            page.locator("magazine-desk .bar").wait_for()
            took = [
                save(path, change(was, f"{name[0]}{run}"), f"Mätningen {name[0]}{run}", page) for run in range(runs)
            ]
            path.write_text(was, encoding="utf-8")
            yield Row(articles, started, name, statistics.median(took), max(took))


def save(path: Path, text: str, shows: str, page: Page) -> float:
    page.wait_for_timeout(700)  # nobody saves again before having looked
    start = time.perf_counter()
    path.write_text(text, encoding="utf-8")
    page.locator("main").get_by_text(shows).first.wait_for(state="attached")
    return time.perf_counter() - start


def report(rows: Sequence[Row]) -> str:
    lines = [f"{'articles':>8}  {'start, s':>8}  {'saved: the':<28}{'median, s':>10}{'longest, s':>12}"]
    for row in rows:
        figures = f"{row.median:>10.2f}{row.longest:>12.2f}"
        lines.append(f"{row.articles:>8}  {row.start:>8.1f}  {row.save:<28}{figures}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.preview", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--articles", type=int, nargs="+", default=[1000, 10000], help="sizes of the magazine")
    parser.add_argument("--runs", type=int, default=10, help="saves of each kind")
    parser.add_argument("--seed", type=int, default=corpus.SEED)
    arguments = parser.parse_args()
    rows: list[Row] = []
    CACHE.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(dir=CACHE) as beside:
        executable = browser.find(playwright)
        if executable is None:
            print(browser.REMEDY, file=sys.stderr)
            return 1
        with browser.launch(playwright, executable) as chromium:
            for articles in sorted(arguments.articles):
                folder = Path(beside) / str(articles)
                shutil.copytree(corpus_folder("issues", articles, arguments.seed), folder)
                rows += measure(articles, arguments.runs, chromium.new_page(), folder)
    print(report(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
