"""Looks at the published address as readers' browsers do: what comes is what was published, byte for byte."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote

import httpx

from desk import manifest
from plugins.magazine.messages import N_
from plugins.magazine.outputs import address
from plugins.magazine.words import Words

SECONDS = 20.0
AT_ONCE = 8
SHOWN = 20
NEVER = "/finns-inte-och-har-aldrig-funnits/"
"""An address that no magazine has."""

LIVE = N_("{url} sends what was published: {n} files compared")
NO_ANSWER = N_("{url} does not answer: {what}")
STATUS = N_("{url} answers {status}, not {wanted}")
OTHER = N_("{url} is not what was published")
NO_MANIFEST = N_("{url} is no manifest; has the magazine been published there?")
OLD = N_("{url} shows the magazine of {shown}, not of {wanted}")
AGAIN = N_("Not yet: {fault}. Trying again in {seconds} seconds …")


class NotLive(Exception):
    """Readers do not get what was published. A line for each fault."""


def verify(
    live: str,
    wanted: Mapping[str, Any] | None,
    day: str,
    words: Words,
    *,
    every: bool = False,
    tries: int = 1,
    pause: float = 0,
    say: Callable[[str], None] = print,
) -> int:
    """Compare what an address sends with a manifest; gives how many files were compared.

    In: the address; the manifest of what was published, which knows its day (it may have been yesterday, before
    midnight), or None to believe the address's own, which must be of `day`; whether to ask for every file, or for those
    that readers of the newest issue meet. Caches may need a while: it is tried `tries` times, with `pause` seconds
    between. Raises `NotLive`.
    """
    day = wanted["built_for"] if wanted else day
    for left in range(tries - 1, -1, -1):
        compared, faults = _look(live.rstrip("/"), wanted, day, every, words)
        if not faults:
            return compared
        if left:
            say(words.gettext(AGAIN).format(fault=faults[0], seconds=words.number(pause)))
            time.sleep(pause)
    more = ["…"] if len(faults) > SHOWN else []
    raise NotLive("\n".join([*faults[:SHOWN], *more]))


def _look(live: str, wanted: Mapping[str, Any] | None, day: str, every: bool, words: Words) -> tuple[int, list[str]]:
    with httpx.Client(timeout=SECONDS, headers={"Cache-Control": "no-cache"}, follow_redirects=False) as client:

        def ask(url: str, sha256: str = "", status: int = 200) -> tuple[str, str]:
            """What is wrong with an answer, and the answer."""
            try:
                answer = client.get(f"{live}{url}")
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                return words.gettext(NO_ANSWER).format(url=f"{live}{url}", what=str(error) or type(error).__name__), ""
            if answer.status_code != status:
                return words.gettext(STATUS).format(url=f"{live}{url}", status=answer.status_code, wanted=status), ""
            if sha256 and hashlib.sha256(answer.content).hexdigest() != sha256:
                return words.gettext(OTHER).format(url=f"{live}{url}"), ""
            return "", answer.text

        url = f"/{manifest.NAME}"
        fault, text = ask(url)
        shown = manifest.read(text)
        if fault or shown is None:
            return 0, [fault or words.gettext(NO_MANIFEST).format(url=f"{live}{url}")]
        if shown["built_for"] != day:
            return 0, [words.gettext(OLD).format(url=f"{live}{url}", shown=shown["built_for"], wanted=day)]
        files = (wanted or shown)["files"]
        paths = sorted(files) if every else list(_met(files))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            asked = list(pool.map(lambda path: ask(quote(address(path)), files[path]["sha256"])[0], paths))
        return len(paths), [fault for fault in (*asked, ask(NEVER, status=404)[0]) if fault]


def _met(files: Mapping[str, object]) -> Iterator[str]:
    """What readers of the newest issue meet: it, its digest, the lists, the feeds, the theme; not every older page."""
    newest = max((path.split("/")[0] for path in files if path[:4].isdigit()), default="")
    for path in sorted(files):
        first, _, rest = path.partition("/")
        if path == "404.html":  # a server may send it with its status, or not at all
            continue
        if first in (newest, "kategori", "theme", "nummer", "sok") or not rest or path.startswith(f"utskick/{newest}"):
            yield path
