"""Subscribers as CSV: what is exported, and what is read back or taken over from another system.

A cell that a spreadsheet would take for a formula is written with an apostrophe before it, and read without.
"""

from __future__ import annotations

import csv
import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from sqlalchemy import Connection, bindparam, text

from newsletter import addresses
from newsletter.addresses import BadAddress, Mailbox
from newsletter.magazine import Magazine
from newsletter.tables import Standing
from newsletter.tokens import Tokens

COLUMNS = ("address", "choice", "standing", "since", "consent_version", "consent_at")
REQUIRED = ("address", "consent_at")
UNNAMED = "imported"
"""The name of the consent's text where the file has none."""
MANY = 1000
"""Rows that are looked up and written at once."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One row, checked. Times are in seconds since 1970."""

    mailbox: Mailbox
    choice: str
    standing: Standing
    since: float
    version: str
    consent_at: float | None


@dataclass(kw_only=True, slots=True)
class Taken:
    """How many of an import's rows came to what."""

    added: int = 0
    confirmed: int = 0
    """Sign-ups that waited, and are active now."""
    unchanged: int = 0
    kept_out: int = 0
    """They left, were suppressed or barred."""


# -- Out ---------------------------------------------------------------------------------------------------------------


def write(connection: Connection, out: TextIO) -> None:
    """Everybody, a row each, in the order in which they came."""
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(COLUMNS)
    statement = text(f"SELECT {', '.join(COLUMNS)} FROM subscriber ORDER BY id")
    for row in connection.execution_options(yield_per=MANY).execute(statement):
        cells = (row.address, row.choice, row.standing, _written(row.since), row.consent_version)
        sheet.writerow([*map(_harmless, cells), _written(row.consent_at)])


def _written(moment: float | None) -> str:
    return "" if moment is None else f"{dt.datetime.fromtimestamp(moment, dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


# -- In ----------------------------------------------------------------------------------------------------------------


def read(source: TextIO, magazine: Magazine, now: float) -> tuple[list[Entry], list[str]]:
    """The rows of a list, and what is wrong with the others, each beginning with its line; no address is repeated.

    Commas or semicolons, columns in any order; those it does not know are left alone. Sign-ups that nobody confirmed
    are passed over.
    """
    first = source.readline()
    sheet = csv.reader(source, delimiter=";" if first.count(";") > first.count(",") else ",", strict=True)
    columns = [name.strip().lower() for name in next(csv.reader([first], sheet.dialect), [])]
    lacking = [name for name in REQUIRED if name not in columns]
    if lacking:
        return [], [f"line 1: there is no column {' and no column '.join(lacking)}"]
    entries: list[Entry] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    while True:
        line = sheet.line_num + 2  # the first was read before
        try:
            cells = next(sheet)
            if not any(cell.strip() for cell in cells):
                continue
            entry = _entry(dict(zip(columns, map(_plain, cells), strict=False)), magazine, now)
            if entry is None:
                continue
            if (earlier := seen.setdefault(entry.mailbox.key, line)) != line:
                raise _Fault(f"the address stands on line {earlier} already")
            entries.append(entry)
        except StopIteration:
            return entries, faults
        except (_Fault, csv.Error) as error:
            faults.append(f"line {line}: {error}")


class _Fault(Exception):
    pass


def _plain(cell: str) -> str:
    cell = cell.strip()
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _entry(cells: dict[str, str], magazine: Magazine, now: float) -> Entry | None:
    """A row's entry; None for a sign-up that nobody confirmed. Raises `_Fault`."""
    try:
        mailbox = addresses.parse(cells.get("address", ""))
    except BadAddress:
        raise _Fault("the address is none") from None
    try:
        standing = Standing(cells.get("standing") or Standing.ACTIVE)
    except ValueError:
        raise _Fault(f"standing is one of {', '.join(Standing)}") from None
    if standing is Standing.PENDING:
        return None
    consent_at = _moment("consent_at", cells, now)
    if consent_at is None and standing is Standing.ACTIVE:
        raise _Fault("consent_at is missing: without a consent nobody may get mail")
    chosen = cells.get("choice", "").split()
    unknown = set(chosen) - {slug for slug, _ in magazine.categories}
    if unknown:
        raise _Fault(f"choice names a category that the magazine does not have: {min(unknown)!r}")
    version = cells.get("consent_version") or UNNAMED
    if len(version) > 64:
        raise _Fault("consent_version is longer than 64 characters")
    since = _moment("since", cells, now)
    return Entry(
        mailbox=mailbox,
        choice=magazine.choice(chosen),
        standing=standing,
        since=now if since is None else since,
        version=version,
        consent_at=consent_at,
    )


def _moment(name: str, cells: dict[str, str], now: float) -> float | None:
    """A day or a moment (ISO 8601), in UTC unless it says otherwise."""
    written = cells.get(name, "")
    if not written:
        return None
    try:
        moment = dt.datetime.fromisoformat(written)
        seconds = (moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)).timestamp()
    except (ValueError, OverflowError):
        raise _Fault(f"{name} is no moment such as 2024-03-01 or 2024-03-01T12:00:00Z") from None
    if not 0 < seconds <= now + 86_400:
        raise _Fault(f"{name} lies in the future or before 1970")
    return seconds


_THERE = text("SELECT address_key, standing, before FROM subscriber WHERE address_key IN :keys").bindparams(
    bindparam("keys", expanding=True)
)
_ADD = text("""
    INSERT INTO subscriber (ref, address, address_key, choice, standing, since, consent_version, consent_at, reason)
    VALUES (:ref, :address, :key, :choice, :standing, :since, :version, :consent_at, :reason)
    ON CONFLICT (address_key) DO NOTHING
    """)
_CONFIRM = text("""
    UPDATE subscriber SET standing = 'active', since = :since, choice = :choice, consent_version = :version,
        consent_at = :consent_at, asked_version = ''
    WHERE address_key = :key AND standing = 'pending' AND before = ''
    """)


def take(connection: Connection, tokens: Tokens, entries: Sequence[Entry]) -> Taken:
    """Add those who are not there. Who is there stays as they are, but for a first sign-up that waits: a consent that
    was given elsewhere confirms it."""
    barred = set(connection.execute(text("SELECT address_hash FROM barred")).scalars())
    taken = Taken()
    for start in range(0, len(entries), MANY):
        some = entries[start : start + MANY]
        rows = connection.execute(_THERE, {"keys": [entry.mailbox.key for entry in some]})
        there = {row.address_key: (row.standing, row.before) for row in rows}
        add: list[dict[str, Any]] = []
        confirm: list[dict[str, Any]] = []
        for entry in some:
            standing, before = there.get(entry.mailbox.key, ("", ""))
            waits = standing == Standing.PENDING and not before
            out = standing in (Standing.LEFT, Standing.SUPPRESSED) or before
            if out or (barred and not barred.isdisjoint(tokens.hashes(entry.mailbox.key))):
                taken.kept_out += 1
            elif not standing:
                add.append(_values(entry))
            elif waits and entry.standing is Standing.ACTIVE:
                confirm.append(_values(entry))
            else:
                taken.unchanged += 1
        for statement, values in ((_ADD, add), (_CONFIRM, confirm)):
            if values:
                connection.execute(statement, values)
        taken.added += len(add)
        taken.confirmed += len(confirm)
    return taken


def _values(entry: Entry) -> dict[str, Any]:
    return {
        "ref": secrets.token_urlsafe(16),
        "address": entry.mailbox.address,
        "key": entry.mailbox.key,
        "choice": entry.choice,
        "standing": entry.standing.value,
        "since": entry.since,
        "version": entry.version,
        "consent_at": entry.consent_at,
        "reason": "imported" if entry.standing is Standing.SUPPRESSED else "",
    }
