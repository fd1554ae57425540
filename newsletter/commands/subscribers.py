"""`subscribers`: list, export, import, erase."""

from __future__ import annotations

import argparse
import io
import sys
from contextlib import nullcontext
from typing import Any, TextIO

from sqlalchemy import Engine, text

from newsletter import addresses, database, lists, magazine, site, subscribers
from newsletter.addresses import BadAddress
from newsletter.commands import Refused
from newsletter.config import Config
from newsletter.magazine import Magazine
from newsletter.tables import Standing
from newsletter.tokens import Tokens


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "subscribers",
        help="list, export, import or erase subscribers",
        description="Subscribers: how many, their list out and in as CSV, and forgetting one.",
    )
    actions = parser.add_subparsers(title="what to do", metavar="ACTION", required=True)

    listing = actions.add_parser("list", help="standing and address of everybody")
    listing.add_argument("--count", action="store_true", help="only how many there are, by standing")
    listing.set_defaults(run=run_list)

    export = actions.add_parser("export", help="everybody as CSV, on the output")
    export.set_defaults(run=run_export)

    taking = actions.add_parser(
        "import",
        help="take a list over from CSV",
        description=f"Columns: {', '.join(lists.COLUMNS)}; at least {' and '.join(lists.REQUIRED)}. UTF-8.",
    )
    taking.add_argument("file", metavar="FILE", help="the list, or - for the input")
    taking.add_argument("--skip-bad", action="store_true", help="take the good rows though others are wrong")
    taking.set_defaults(run=run_import)

    erase = actions.add_parser("erase", help="forget a person")
    erase.add_argument("address", metavar="ADDRESS", help="or - to read it from the input, which no history keeps")
    erase.add_argument("--bar", action="store_true", help="and keep the address out for good, by a keyed hash")
    erase.set_defaults(run=run_erase)


def run_list(arguments: argparse.Namespace, config: Config) -> int:
    with database.reading(database.connect(config.database_url)) as connection:
        if arguments.count:
            rows = connection.execute(text("SELECT standing, count(*) FROM subscriber GROUP BY standing"))
            counts = {row[0]: row[1] for row in rows}
            for standing in Standing:
                print(f"{standing:<12}{counts.get(standing, 0):>9}")
        else:
            query = text("SELECT standing, address FROM subscriber ORDER BY standing, address_key")
            for row in connection.execution_options(yield_per=lists.MANY).execute(query):
                print(f"{row.standing:<12}{row.address}")
    return 0


def run_export(_: argparse.Namespace, config: Config) -> int:
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    with database.reading(database.connect(config.database_url)) as connection:
        lists.write(connection, sys.stdout)
    return 0


def run_import(arguments: argparse.Namespace, config: Config) -> int:
    engine = database.connect(config.database_url)
    known = _magazine(engine, config)
    with database.reading(engine) as connection:
        now = database.now(connection)
    try:
        with _opened(arguments.file) as source:
            entries, faults = lists.read(source, known, now)
    except UnicodeDecodeError:
        raise Refused(f"{arguments.file}: is not UTF-8; save it anew as CSV UTF-8") from None
    for fault in faults:
        print(f"{arguments.file}: {fault}", file=sys.stderr)
    if faults and not arguments.skip_bad:
        raise Refused("Nothing was taken. Mend these lines, or take the others with --skip-bad.")
    with database.writing(engine) as connection:
        taken = lists.take(connection, Tokens(config.secrets), entries)
    print(
        f"{taken.added} added, {taken.confirmed} that waited are confirmed, {taken.unchanged} were there, "
        f"{taken.kept_out} kept out (left, suppressed or barred), {len(faults)} wrong"
    )
    return 0


def run_erase(arguments: argparse.Namespace, config: Config) -> int:
    written = sys.stdin.readline() if arguments.address == "-" else arguments.address
    try:
        mailbox = addresses.parse(written)
    except BadAddress:
        raise Refused("This is no e-mail address.") from None
    engine = database.connect(config.database_url)
    with database.writing(engine) as connection:
        now = database.now(connection)
        found = subscribers.erase(connection, Tokens(config.secrets), mailbox, bar=arguments.bar, now=now)
    database.forget(engine)
    print("Erased." if found else "Nobody has this address.", "It is barred." if arguments.bar else "")
    return 0 if found or arguments.bar else 1


def _opened(name: str) -> Any:
    """A file, or the input, as UTF-8; spreadsheets put a mark at the beginning."""
    if name != "-":
        return open(name, encoding="utf-8-sig", newline="")  # noqa: PTH123  # the caller closes it
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8-sig", newline="")
    source: TextIO = sys.stdin
    return nullcontext(source)


def _magazine(engine: Engine, config: Config) -> Magazine:
    """The magazine whose categories are chosen from: as it is kept, else the site is asked."""
    with database.reading(engine) as connection:
        known = magazine.kept(connection, config)
    if known.categories:
        return known
    try:
        known = magazine.fetch(config.site_url)
    except site.Unreadable as error:
        raise Refused(f"NEWSLETTER_SITE_URL: which categories there are is not known yet, and {error}") from None
    with database.writing(engine) as connection:
        magazine.keep(connection, known)
    return known
