"""Asks the newsletter to mail the issues that have just come out. Safe to repeat: an issue is released once."""

from __future__ import annotations

import datetime as dt
import os
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin

import httpx

from plugins.magazine.messages import N_
from plugins.magazine.settings import Settings
from plugins.magazine.words import Words

SECONDS = 30.0
DAYS = 14
"""How long ago an issue may have come out. So long the newsletter asks nobody (NEWSLETTER_ISSUE_DAYS): a fortnight of
mornings that failed costs no reader a mail."""

_NOT_OURS = (404, 405, 501)
"""What a server answers that knows nothing of releases: the address is wrong."""

RELEASED = N_("Issue {issue} is released: {n} readers get it by mail.")
BEFORE = N_("Issue {issue} was released before; nobody gets it twice.")
CHANGED = N_(
    "Issue {issue} was mailed before, with other content. Readers keep what they got; nothing is mailed again."
)
NO_NEWSLETTER = N_("The magazine has no newsletter (NEWSLETTER_URL in the settings): nothing to mail.")
NO_TOKEN = N_("NEWSLETTER_RELEASE_TOKEN is not set: the newsletter at {url} asks for it.")
NOTHING = N_("Nothing to mail: no issue has come out in the last {days} days.")
REFUSED = N_("The newsletter at {url} refuses: {what}")
FAILED = N_("The newsletter at {url} does not answer as it should: {what}")
NO_SITE = N_("{url} cannot be read: {what}")
AGAIN = N_("Not yet: {fault} Trying again in {seconds} seconds …")


class NotReleased(Exception):
    """An issue was not released; the text says why, a line for each."""


def service(settings: Settings, given: str = "") -> str:
    """The newsletter's whole address: as given, or as the settings have it; "" if there is none."""
    address = given or settings.newsletter
    return urljoin(settings.url, address) if address else ""


def token() -> str:
    """The password that the newsletter knows CI by; it comes from the environment, where logs do not show it."""
    return os.environ.get("NEWSLETTER_RELEASE_TOKEN", "")


class _TryAgain(Exception):
    """As `NotReleased`, but it may pass."""


def release(
    live: str,
    newsletter: str,
    token: str,
    today: dt.date,
    words: Words,
    *,
    days: int = DAYS,
    tries: int = 1,
    pause: float = 0,
    say: Callable[[str], None] = print,
) -> str:
    """Release every issue of the published site that came out in the last `days` days, the oldest first; gives what
    happened, a line for each.

    In: the site's address, the newsletter's, and its token; how often to try, with how many seconds between. Raises
    `NotReleased` if any is not released in the end; the others are.
    """
    if not newsletter:
        return words.gettext(NO_NEWSLETTER)
    if not token:
        raise NotReleased(words.gettext(NO_TOKEN).format(url=newsletter))
    settled: dict[str, str] = {}
    refused: dict[str, str] = {}
    for left in range(tries - 1, -1, -1):
        try:
            _release_all(live.rstrip("/"), newsletter.rstrip("/"), token, today, words, days, settled, refused)
            break
        except _TryAgain as fault:
            if not left:
                raise NotReleased("\n".join([*settled.values(), *refused.values(), str(fault)])) from None
            say(words.gettext(AGAIN).format(fault=fault, seconds=words.number(pause)))
            time.sleep(pause)
    if refused:
        raise NotReleased("\n".join([*settled.values(), *refused.values()]))
    return "\n".join(settled.values()) or words.gettext(NOTHING).format(days=words.number(days))


def _release_all(
    live: str,
    newsletter: str,
    token: str,
    today: dt.date,
    words: Words,
    days: int,
    settled: dict[str, str],
    refused: dict[str, str],
) -> None:
    """Ask for each issue that is neither settled nor refused yet. One that fails does not hold up the others."""
    fault = None
    for issue in _recent(f"{live}/magazine.json", today, words, days):
        if issue in settled or issue in refused:
            continue
        try:
            settled[issue] = _release(issue, newsletter, token, words)
        except _TryAgain as error:
            fault = error
        except NotReleased as error:
            refused[issue] = str(error)
    if fault:
        raise fault


def _release(issue: str, newsletter: str, token: str, words: Words) -> str:
    try:
        answer = httpx.post(
            f"{newsletter}/releases",
            json={"issue": issue},
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
        )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        what = str(error) or type(error).__name__
        raise _TryAgain(words.gettext(FAILED).format(url=newsletter, what=what)) from None
    said = _json(answer)
    what = f"{answer.status_code} {said.get('message', '')}".strip()
    if answer.status_code == 201:
        return words.gettext(RELEASED).format(issue=issue, n=words.number(said.get("audience", 0)))
    if answer.status_code == 200 and said.get("issue") == issue:
        return words.gettext(BEFORE).format(issue=issue)
    if said.get("error") == "changed":
        return words.gettext(CHANGED).format(issue=issue)
    if answer.status_code in (401, 403, 409, 422) or (answer.status_code in _NOT_OURS and "error" not in said):
        raise NotReleased(words.gettext(REFUSED).format(url=newsletter, what=what))
    raise _TryAgain(words.gettext(FAILED).format(url=newsletter, what=what))


def _recent(url: str, today: dt.date, words: Words, days: int) -> list[str]:
    """The issues that came out in the last days, the oldest first."""
    try:
        answer = httpx.get(url, timeout=SECONDS, headers={"Cache-Control": "no-cache"})
        issues = answer.raise_for_status().json()["issues"]
        released = sorted((dt.date.fromisoformat(issue["released"]), str(issue["id"])) for issue in issues)
        return [issue for day, issue in released if 0 <= (today - day).days < days]
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _TryAgain(words.gettext(NO_SITE).format(url=url, what=str(error) or type(error).__name__)) from None
    except (ValueError, LookupError, TypeError):
        raise _TryAgain(words.gettext(NO_SITE).format(url=url, what="JSON")) from None


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
