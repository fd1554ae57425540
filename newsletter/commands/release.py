"""`release`: an issue's digest is frozen, and sent by the workers."""

from __future__ import annotations

import argparse
from typing import Any

from newsletter import database
from newsletter.commands import Refused
from newsletter.config import Config
from newsletter.releases import NotReleased, release
from newsletter.tables import State


def register(commands: Any) -> None:
    parser = commands.add_parser("release", help="release an issue that is published: freeze its mail and its readers")
    parser.add_argument("issue", metavar="YYYY-MM")
    parser.add_argument("--yes-old", action="store_true", help="also if it came out long ago")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, config: Config) -> int:
    engine = database.connect(config.database_url)
    try:
        released = release(engine, config, arguments.issue, yes_old=arguments.yes_old)
    except NotReleased as error:
        raise Refused(str(error)) from None
    finally:
        engine.dispose()
    without = released.states[State.SUPPRESSED]
    if released.new:
        nothing = f", of whom {without} chose only categories that it has nothing of" if without else ""
        print(f"Issue {released.issue} is released to {released.audience} subscribers{nothing}.")
    else:
        print(f"Issue {released.issue} had been released already, to {released.audience} subscribers.")
    return 0
