"""`status`: how far a mailing is; exit code 1 if it needs an operator."""

from __future__ import annotations

import argparse
import json
import sys
import time
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from sqlalchemy import Engine

from newsletter import database, status
from newsletter.commands import Refused
from newsletter.config import Config
from newsletter.status import Standing, WorkerStanding

_WATCH_SECONDS = 1.0


def register(commands: Any) -> None:
    parser = commands.add_parser("status", help="show how far an issue's mails are; exit code 1 if it needs you")
    parser.add_argument("issue", metavar="YYYY-MM", nargs="?", default="", help="default: the latest, and what is busy")
    parser.add_argument("--json", action="store_true", help="for programs")
    parser.add_argument("--watch", action="store_true", help="until it is finished or needs you")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, config: Config) -> int:
    engine = database.connect(config.database_url)
    try:
        found, workers = _look(engine, arguments.issue)
        if arguments.watch and not arguments.json and sys.stdout.isatty():
            found = _watch(engine, arguments.issue)
        elif arguments.watch:
            while _goes_on(found):
                _print(found, workers, as_json=arguments.json)
                time.sleep(_WATCH_SECONDS)
                found, workers = _look(engine, arguments.issue)
            _print(found, workers, as_json=arguments.json)
        else:
            _print(found, workers, as_json=arguments.json)
    finally:
        engine.dispose()
    return 1 if any(each.needs_operator for each in found) else 0


def _look(engine: Engine, issue: str) -> tuple[list[Standing], list[WorkerStanding]]:
    with database.reading(engine) as connection:
        if not issue:
            return status.shown(connection), status.workers(connection)
        found = status.standing(connection, issue)
        if found is None:
            raise Refused(f"Issue {issue} has not been released.")
        return [found], status.workers(connection)


def _goes_on(found: list[Standing]) -> bool:
    return any(not each.finished and not each.needs_operator for each in found)


def _print(found: list[Standing], workers: list[WorkerStanding], *, as_json: bool) -> None:
    if as_json:
        document = {
            "mailings": [each.as_json() for each in found],
            "workers": [each.as_json() for each in workers],
        }
        print(json.dumps(document), flush=True)
    else:
        Console(highlight=False, soft_wrap=True).print(_picture(found, workers))


def _watch(engine: Engine, issue: str) -> list[Standing]:
    started = time.monotonic()
    found, workers = _look(engine, issue)
    before = sum(each.settled for each in found)
    with Live(_picture(found, workers), console=Console(highlight=False), refresh_per_second=4) as live:
        while _goes_on(found):
            time.sleep(_WATCH_SECONDS)
            found, workers = _look(engine, issue)
            rate = (sum(each.settled for each in found) - before) / (time.monotonic() - started)
            live.update(_picture(found, workers, rate))
    return found


def _picture(found: list[Standing], workers: list[WorkerStanding], rate: float = 0.0) -> Group:
    """A bar and the states that occur, for each mailing; then what is to be done."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    for each in found:
        bar = ProgressBar(total=each.audience or 1, completed=each.settled if each.audience else 1, width=20)
        counts = [f"{count} {state}" for state, count in each.states.items() if count]
        counts += [f"{each.came_back} came back"] if each.came_back else []
        table.add_row(each.mailing, bar, f"{each.settled} of {each.audience} settled", ", ".join(counts))
    lines = [each.advice for each in found if each.advice]
    lines += [f"{each.host}: waits, for the relay is away ({each.trouble})." for each in workers if each.trouble]
    if _goes_on(found) and not any(each.alive for each in workers):
        lines.append("No worker runs: `python -m newsletter work`.")
    if rate:
        lines.append(f"{rate:.1f} a second")
    if not found:
        return Group(Text("Nothing has been released."))
    return Group(table, *(Text(line) for line in lines))
