"""Shows a magazine while it is being written: every save shows in the open browser at once, and what is wrong with it.

Three parts that know little of each other: the desk makes proofs (proof.py), a thread sees saves (watch.py), another
serves browsers (server.py). The desk is in the main thread, where a text that takes too long can be stopped.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import queue
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from desk.preview import server, watch
from desk.preview.mail import Box, Catcher
from desk.preview.proof import Desk
from desk.preview.state import State
from plugins.magazine.problems import Problem, errors
from plugins.magazine.settings import from_pelican
from plugins.magazine.words import CATALOGUES, Words

if TYPE_CHECKING:  # its libraries take a while to load, and it may not be asked for
    from desk.preview.trial import Trial

NEWSLETTER = "/nyhetsbrev"
"""Where the newsletter's service is in the preview, wherever it is published."""
GRACE = 0.25
"""Seconds that a mistake is kept back if more may come: a file may be saved half, an editor may write in two steps."""
LOOK_EVERY = 0.5
"""Seconds between two looks at the settings files and at the calendar."""


@dataclass(frozen=True, slots=True)
class ShowDay:
    """Somebody wants to see the magazine as of a day; None: everything."""

    day: dt.date | None


Orders = queue.Queue[set[Path] | ShowDay]
"""What the desk is told: which files have changed, or what is to be shown."""


def preview(
    load: Callable[[str], Mapping[str, Any]], file: Path, host: str, port: int, *, polling: bool | None = None
) -> None:
    """Show the magazine until interrupted. `load` gives Pelican's settings for a site at an address; `file` is the one
    they stand in. Raises `SettingsError` if it cannot begin: the settings are wrong, the port is taken."""
    first = load("http://localhost")
    words = Words(first["DEFAULT_LANG"])
    sockets = server.bind(host, port, words)
    name = "localhost" if host in ("", "0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    url = f"http://{name}:{sockets[0].getsockname()[1]}"
    orders: Orders = queue.Queue()
    desk, state = Desk(lambda: _here(load(url))), State(words)
    stop = threading.Event()
    newsletter = _newsletter(first, file, url, state, desk)
    serving = server.Serving(server.app(state, lambda day: orders.put(ShowDay(day)), newsletter, host), sockets)
    try:
        watch.start({Path(first["PATH"]), Path(first["THEME"]), CATALOGUES}, orders.put, stop, polling=polling)
        print(f"{url}/", flush=True)
        work(desk, state, orders, watch.SettingsFiles(file), serving.begin)
    except KeyboardInterrupt:
        pass
    finally:
        stop.set()
        state.end()
        serving.end()
        if newsletter:
            newsletter.end()


def _here(settings: Mapping[str, Any]) -> Mapping[str, Any]:
    """The settings, with the newsletter, if there is one, in the preview."""
    return {**settings, "NEWSLETTER_URL": NEWSLETTER} if settings.get("NEWSLETTER_URL") else settings


def _newsletter(first: Mapping[str, Any], file: Path, url: str, state: State, desk: Desk) -> server.Newsletter | None:
    """The newsletter to be tried out, if the magazine has one and this system can run its worker."""
    if not first.get("NEWSLETTER_URL") or os.name != "posix":
        return None
    folder = file.resolve().parent / "var" / "preview"
    catcher = Catcher(Box(folder / "mail"), state)

    def make() -> Trial:
        from desk.preview.trial import Trial

        return Trial(folder, url, NEWSLETTER, catcher.port, lambda: desk.settings or from_pelican(first))

    return server.Newsletter(NEWSLETTER, catcher, make)


def work(
    desk: Desk, state: State, orders: Orders, settings: watch.SettingsFiles, ready: Callable[[], None]
) -> NoReturn:
    """Read the magazine, tell what came of it, wait for orders, and again. `ready` is called when something is told."""
    said = ""
    _read(desk)
    gc.freeze()  # the magazine stays: looking through it for garbage takes longer than reading a text
    while True:
        before, said = said, _report(desk, state.words)
        if said != before:
            print(said, flush=True)
        state.tell(desk.proof, desk.problems)
        ready()
        _next(desk, orders, settings)


def _next(desk: Desk, orders: Orders, settings: watch.SettingsFiles) -> None:
    """Wait for something to do, and do it."""
    while not (given := _take(orders, LOOK_EVERY)):
        if settings.have_changed() or desk.day_is_over():
            desk.settings_changed()
            _read(desk)
            return
    while given:
        days = [order.day for order in given if isinstance(order, ShowDay)]
        desk.day = days[-1] if days else desk.day
        files = [path for order in given if not isinstance(order, ShowDay) for path in order]
        if not files:
            desk.show(desk.day)
            return
        desk.changed(files)
        _read(desk)
        given = _take(orders, GRACE) if errors(desk.problems) else []


def _take(orders: Orders, seconds: float) -> list[set[Path] | ShowDay]:
    """All orders there are, waiting so long for the first."""
    given: list[set[Path] | ShowDay] = []
    try:
        given.append(orders.get(timeout=seconds))
        while True:
            given.append(orders.get_nowait())
    except queue.Empty:
        return given


def _read(desk: Desk) -> None:
    gc.disable()
    desk.read()
    gc.enable()


def _report(desk: Desk, words: Words) -> str:
    """What is said at the terminal: what is wrong, or how much is shown."""
    wrong = errors(desk.problems)
    if wrong or desk.proof is None:
        mend = words.gettext("Mend this and save: then the magazine is shown as it is.")
        return "\n".join((*(f"{_place(problem)}{problem.text}" for problem in wrong), mend))
    magazine = desk.proof.site.magazine
    return words.gettext("{articles} articles in {issues} issues are shown.").format(
        articles=words.number(len(magazine.articles)), issues=words.number(len(magazine.issues))
    )


def _place(problem: Problem) -> str:
    return f"{problem.path}:{problem.line}: " if problem.path else ""
