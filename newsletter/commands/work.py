"""`work`: the worker, until everything is settled or for ever."""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from newsletter import database, tide
from newsletter.commands import Refused
from newsletter.config import Config
from newsletter.work import LEASE, Worker


def register(commands: Any) -> None:
    parser = commands.add_parser("work", help="send what is to be sent")
    parser.add_argument(
        "--once", action="store_true", help="end when everything is settled; exit code 1 if it needs you"
    )
    parser.add_argument(
        "--lease",
        type=_seconds,
        default=LEASE,
        metavar="SECONDS",
        help=f"PostgreSQL: after how long others take over from a worker that is gone (default {LEASE:.0f})",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, config: Config) -> int:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    engine = database.connect(config.database_url)
    with alone(engine):
        worker = Worker(config, engine, once=arguments.once, lease=arguments.lease)
        try:
            well = asyncio.run(worker.run())
        except tide.Restored as error:
            raise Refused(str(error)) from None
        finally:
            engine.dispose()
    return 0 if well or not arguments.once else 1


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """On SQLite one worker at a time: a lock beside the database, which ends with the process, however that ends."""
    if engine.dialect.name != "sqlite":
        yield
        return
    with Path(f"{engine.url.database}.worker").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("Another worker runs. On SQLite there is one; several need PostgreSQL.") from None
        yield


def _seconds(value: str) -> float:
    seconds = float(value)
    if not 0 < seconds < 86_400:
        raise ValueError
    return seconds
