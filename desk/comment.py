"""Writes the forecast as a comment on the merge request that CI is looking at, and into the same comment the next time.

What to write to is in the environment that GitHub Actions and GitLab CI give their jobs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from desk.forecast import MARK
from plugins.magazine.messages import N_
from plugins.magazine.settings import SettingsError
from plugins.magazine.words import Words

SECONDS = 20.0
PAGE = 100

NOWHERE = N_("There is no merge request to comment on: this is for CI on GitHub or GitLab.")
NO_TOKEN = N_("No comment is written: {key} is not set.")
FORBIDDEN = N_("No comment is written: {where} does not allow it ({status}).")
WRITTEN = N_("The forecast is written: {where}")
FAILED = N_("{where} does not answer as it should: {what}")


@dataclass(frozen=True, slots=True)
class Thread:
    """The comments of one merge request: their address, how one shows who one is, and how an old one is changed."""

    url: str
    headers: Mapping[str, str]
    change: str
    """The HTTP method."""
    one: str
    """The address of one comment, but for its number."""


def thread(environment: Mapping[str, str]) -> Thread | str:
    """Where CI's comments go, or the name of the key that is missing. Raises `SettingsError` outside of such a job."""
    request = re.fullmatch(r"refs/pull/(\d+)/\w+", environment.get("GITHUB_REF", ""))
    if request:
        token = environment.get("GITHUB_TOKEN", "")
        root = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}/issues"
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json"}
        here = Thread(f"{root}/{request[1]}/comments", headers, "PATCH", f"{root}/comments")
        return here if token else "GITHUB_TOKEN"
    if number := environment.get("CI_MERGE_REQUEST_IID"):
        token = environment.get("MAGAZINE_GITLAB_TOKEN", "")
        url = f"{environment['CI_API_V4_URL']}/projects/{environment['CI_PROJECT_ID']}/merge_requests/{number}/notes"
        return Thread(url, {"PRIVATE-TOKEN": token}, "PUT", url) if token else "MAGAZINE_GITLAB_TOKEN"
    raise SettingsError("comment", NOWHERE)


def write(body: str, environment: Mapping[str, str], words: Words) -> str:
    """Write the comment, or change the one that is there; gives what was done. Without permission, as on requests from
    forks, that is nothing. Raises `SettingsError`."""
    try:
        here = thread(environment)
    except SettingsError as error:
        raise SettingsError(error.key, words.gettext(NOWHERE)) from None
    if isinstance(here, str):
        return words.gettext(NO_TOKEN).format(key=here)
    try:
        with httpx.Client(timeout=SECONDS, headers=dict(here.headers)) as client:
            own = _own(client, here)
            if own is None:
                answer = client.post(here.url, json={"body": body})
            else:
                answer = client.request(here.change, f"{here.one}/{own}", json={"body": body})
            answer.raise_for_status()
    except httpx.HTTPStatusError as error:
        status = error.response.status_code
        if status in (401, 403):
            return words.gettext(FORBIDDEN).format(where=here.url, status=status)
        raise SettingsError("comment", words.gettext(FAILED).format(where=here.url, what=status)) from None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, LookupError, TypeError) as error:
        what = str(error) or type(error).__name__
        raise SettingsError("comment", words.gettext(FAILED).format(where=here.url, what=what)) from None
    return words.gettext(WRITTEN).format(where=here.url)


def _own(client: httpx.Client, here: Thread) -> Any:
    """The number of the comment that an earlier run wrote, or None."""
    for page in range(1, PAGE):
        found = client.get(here.url, params={"per_page": PAGE, "page": page}).raise_for_status().json()
        for comment in found:
            if str(comment["body"]).startswith(MARK):
                return comment["id"]
        if len(found) < PAGE:
            break
    return None
