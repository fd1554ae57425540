"""`subscribers`: count, export, import, erase."""

from __future__ import annotations

import argparse
from typing import Any

from newsletter.config import Config


def register(commands: Any) -> None:
    parser = commands.add_parser("subscribers", help="count, export, import or erase subscribers")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, config: Config) -> int:
    return 0
