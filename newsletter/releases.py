"""Releasing an issue: its digest is fetched from the published site, and frozen together with those who get it.

One transaction does both, and the issue's row can be inserted once only: the same call again, or a hundred at once,
is one release. What was frozen does not change any more, whatever the site says later.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, select, text

from newsletter import database, delivery, site, tide
from newsletter.config import Config
from newsletter.digest import ISSUE, BadDigest, Digest, read
from newsletter.magazine import LARGEST
from newsletter.tables import State, mailing

LARGEST_DIGEST = 5_000_000
"""Bytes of the largest digest that is read."""


class NotReleased(Exception):
    """The issue was not released; the text says why, in a sentence. `code` is for programs."""

    code = "refused"


class NotPublished(NotReleased):
    code = "not_published"


class SiteFails(NotReleased):
    """The site does not answer, or with something else than a digest."""

    code = "site"


class Changed(NotReleased):
    code = "changed"


class NeedsYes(NotReleased):
    """An operator has to look at it."""

    code = "needs_yes"


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    issue: str
    new: bool
    """Whether this call released it; else an earlier one did."""
    audience: int
    states: dict[State, int]
    stopped: str


def release(engine: Engine, config: Config, issue: str, *, yes_old: bool = False) -> Release:
    """Fetch an issue's digest and freeze it. Raises `NotReleased`; nothing has changed then."""
    if not ISSUE.fullmatch(issue):
        raise NotPublished(f"{issue[:20]!r} is no issue; one is named as 2026-11.")
    try:
        document = site.get(f"{config.site_url}/utskick/{issue}.json", LARGEST_DIGEST)
        published = _release_day(site.get(f"{config.site_url}/magazine.json", LARGEST), issue)
    except site.Missing as error:
        raise NotPublished(str(error)) from None
    except site.Unreadable as error:
        raise SiteFails(str(error)) from None
    try:
        frozen = document.decode()
        digest = read(frozen, issue)
    except (BadDigest, UnicodeDecodeError) as error:
        raise SiteFails(f"{config.site_url}/utskick/{issue}.json cannot be used: {error}.") from None
    return freeze(engine, config, digest, frozen, published, yes_old=yes_old)


def freeze(
    engine: Engine, config: Config, digest: Digest, document: str, published: dt.date, *, yes_old: bool = False
) -> Release:
    """Freeze a digest, given also as the document it was read from, and its audience. Raises `Changed`, `NeedsYes`."""
    marks = tide.Marks(config.state)
    mark = None
    with database.writing(engine) as connection:
        now = database.now(connection)
        new = bool(connection.execute(_MAILING, {"id": digest.issue, "hash": digest.hash, "now": now}).rowcount)
        if new:
            if not yes_old:
                _check_age(digest.issue, published, now, config.issue_age)
            try:
                mark = marks.advance(connection)
            except tide.Restored as error:
                raise NeedsYes(str(error)) from None
            _freeze_audience(connection, digest, document, now)
        released = _released(connection, digest.issue, new=new)
        if released.hash != digest.hash:
            raise Changed(
                f"Issue {digest.issue} has been released with another content. Readers get what was released; a mail"
                " that has gone out cannot be changed, and a correction belongs on the site or in the next issue."
            )
    if mark:
        marks.keep(mark)
    return released.release


_MAILING = text("INSERT INTO mailing (id, hash, created) VALUES (:id, :hash, :now) ON CONFLICT (id) DO NOTHING")

# Who chose only categories that the issue has nothing of gets no mail, and counts as suppressed from the beginning.
_AUDIENCE = """
    INSERT INTO delivery (mailing, subscriber, variant, state, reply, changed)
    SELECT :issue, id, choice, CASE WHEN {wanted} THEN 'pending' ELSE 'suppressed' END,
        CASE WHEN {wanted} THEN '' ELSE 'not chosen' END, :now
    FROM subscriber WHERE standing = 'active'
    """


def _freeze_audience(connection: Connection, digest: Digest, document: str, now: float) -> None:
    chosen = {f"section{n}": f"% {section.category} %" for n, section in enumerate(digest.sections)}
    wanted = " OR ".join(["choice = ''", *(f"' ' || choice || ' ' LIKE :{name}" for name in chosen)])
    statement = text(_AUDIENCE.format(wanted=wanted)).bindparams(bindparam("issue"), bindparam("now"))
    audience = connection.execute(statement, {"issue": digest.issue, "now": now, **chosen}).rowcount
    values = {"digest": document, "audience": audience}
    connection.execute(mailing.update().where(mailing.c.id == digest.issue).values(values))


@dataclass(frozen=True, slots=True)
class _Released:
    hash: str
    release: Release


def _released(connection: Connection, issue: str, *, new: bool) -> _Released:
    columns = (mailing.c.hash, mailing.c.audience, mailing.c.stopped)
    row = connection.execute(select(*columns).where(mailing.c.id == issue)).one()
    states = delivery.figures(connection, issue)
    return _Released(row.hash, Release(issue=issue, new=new, audience=row.audience, states=states, stopped=row.stopped))


def _check_age(issue: str, published: dt.date, now: float, age: float) -> None:
    days = (dt.datetime.fromtimestamp(now, dt.UTC).date() - published).days
    if days < -1:  # the day begins earlier in the east than in UTC
        raise NotPublished(f"Issue {issue} is to come out on {published}: the site shows it before its day.")
    if days * 86_400 > age:
        raise NeedsYes(
            f"Issue {issue} came out {days} days ago, on {published}. Is it meant to be mailed now? Then say so with"
            f" `python -m newsletter release {issue} --yes-old`."
        )


def _release_day(magazine: bytes, issue: str) -> dt.date:
    """When an issue came out, from `/magazine.json`."""
    try:
        found: dict[str, Any] = {each["id"]: each for each in json.loads(magazine)["issues"]}
        released = found[issue]["released"] if issue in found else None
        if released is None:
            raise NotPublished(f"Issue {issue} is not published: /magazine.json does not name it.")
        return dt.date.fromisoformat(released[:10])
    except (ValueError, LookupError, TypeError, RecursionError):
        raise SiteFails("/magazine.json is not what the magazine's software writes.") from None
