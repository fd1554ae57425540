"""Asks the search, and the installed peers, in Chromium: what they find, what they fetch, how long they compute."""

from __future__ import annotations

import gzip
import json
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from plugins.magazine.assets import published
from tests import browser

HERE = Path(__file__).parent
ROOT = HERE.parent
PACKAGES = ROOT / ".cache/search-peers"
INSTALL = ".venv/bin/npm install --prefix .cache/search-peers pagefind minisearch"
OURS = "ours"
SCRIPTS = ROOT / "theme/static/search"
READERS = 100
"""So many readers are followed from nothing to their second query."""


@dataclass(frozen=True, slots=True)
class Answer:
    urls: Sequence[str]
    milliseconds: float
    """Computing, when all that the query needs is at hand."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Bytes as sent with gzip."""

    first: int
    further: int
    milliseconds: float
    """Computing of the first answer, with reading what it fetched."""


@dataclass(frozen=True, slots=True)
class Engine:
    name: str
    index_seconds: float
    client: int
    """Bytes of its scripts, as sent with gzip."""
    answers: Sequence[Answer]
    readers: Sequence[Reader]


def installed() -> bool:
    return (PACKAGES / "node_modules").is_dir()


def sent(path: Path) -> int:
    """Bytes of a file as sent with gzip."""
    return len(gzip.compress(path.read_bytes(), 6))


def peers(folder: Path) -> dict[str, Any]:
    """Index the texts that lie in the folder with the peers that are installed: {name: {version, seconds}}."""
    command = [browser.NODE, HERE / "search_peers.mjs", PACKAGES, folder / "texts.jsonl", folder]
    if not installed():
        return {}
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    made: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return made


def engines(folder: Path, queries: Sequence[str], seconds: float, made: dict[str, Any]) -> Iterator[Engine]:
    """Ask ours and those that `peers` made, one after the other."""
    for name in ("engine.js", "page.js"):
        (folder / name).write_bytes(published(SCRIPTS / name))
    (folder / "search.mjs").write_bytes((HERE / "search.mjs").read_bytes())
    (folder / "index.html").write_text("<!doctype html><title>Search</title>", encoding="utf-8")
    size = _Sizes(folder)
    with _page(folder) as page:
        yield _engine(page, OURS, OURS, seconds, queries, size)
        for name, facts in made.items():
            yield _engine(page, name, f"{name} {facts['version']}", facts["seconds"], queries, size)


CLIENTS = {OURS: ("/engine.js",), "pagefind": ("/pagefind/pagefind.js",), "minisearch": ("/minisearch/index.js",)}


def _engine(page: Page, key: str, name: str, seconds: float, queries: Sequence[str], size: _Sizes) -> Engine:
    # A peer fetches its whole index or starts a machine of its own for each reader: a few are enough to see it.
    followed = queries[:: max(1, len(queries) // (READERS if key == OURS else 10))]
    call = "async ([what, engine, queries]) => (await import('/search.mjs'))[what](engine, '', queries)"
    answers = [Answer(**answer) for answer in page.evaluate(call, ["answers", key, list(queries)])]
    client = size(CLIENTS[key])
    readers = [
        Reader(client + size(row["first"]), size(row["further"]), row["milliseconds"])
        for row in page.evaluate(call, ["readers", key, list(followed)])
    ]
    page.reload()
    return Engine(name, seconds, client, answers, readers)


class _Sizes:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.known: dict[str, int] = {}

    def __call__(self, paths: Sequence[str]) -> int:
        return sum(map(self.of, paths))

    def of(self, path: str) -> int:
        if path not in self.known:
            self.known[path] = sent(self.folder / path.lstrip("/"))
        return self.known[path]


@contextmanager
def _page(folder: Path) -> Iterator[Page]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with sync_playwright() as playwright:
            executable = browser.find(playwright)
            if executable is None:
                raise SystemExit(browser.REMEDY)
            with browser.launch(playwright, executable) as launched:
                page = launched.new_page()
                page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
                yield page
    finally:
        server.shutdown()


class _Handler(SimpleHTTPRequestHandler):
    """Isolated, so that the browser's clock counts in microseconds."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript"}  # noqa: RUF012

    def end_headers(self) -> None:
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass
