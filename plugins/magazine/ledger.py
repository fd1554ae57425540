"""The ledger: every address that readers were ever given, so that a build can tell when one is lost.

It is `addresses.txt` in the content's folder: sorted, an address a line, so that two versions of it are easily joined.
After an address that is no text's own any more may stand where it leads now, or `gone`. A comment names the day of the
latest addition: a build for an earlier day shows the past, and what is lost is looked for in the magazine of that day.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from plugins.magazine.files import Files
from plugins.magazine.frontmatter import decode
from plugins.magazine.messages import Report
from plugins.magazine.outputs import address

LEDGER = "addresses.txt"
MAX_BYTES = 50_000_000
GONE = "gone"
"""Stands where an address would for what was taken away for good: servers answer 410."""

LONGEST_PART = 240
"""How many bytes may stand between two slashes: what a file can be called, and a little less."""

HEAD = "# Every address that was ever published. `inv publish` adds new ones, as it did on "

_DAY = re.compile(rf"^{re.escape(HEAD)}(\d{{4}}-\d\d-\d\d)$")
_ADDRESS = re.compile(r"/[^\s?#\\]*")
_PLAIN = re.compile(r"[\w./~-]*", re.ASCII)
_PASSING = re.compile(
    r"(theme|search)/"  # named by their content, or found by others' hand
    r"|.*-(\d+|share|stamp)\.[0-9a-f]{12}\.(webp|jpg)$"
    r"|(404\.html|robots\.txt|redirects\.\w+|sitemap.*\.xml)$"
    r"|(.*/)?(manifest\.json|SHA256SUMS)$"
)
"""Files that nobody keeps the address of: they get new ones with new content, or serve machines that look each time."""


@dataclass(frozen=True)
class Ledger:
    """All addresses, percent-encoded as they stand in links, with their lines in the file and where they lead."""

    lines: Mapping[str, int] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)
    """Of those that somebody has said where they lead: an address or `GONE`."""
    day: dt.date = dt.date.min
    """The day of the latest addition."""

    def joined(self, addresses: Iterable[str], day: dt.date, targets: Mapping[str, str] | None = None) -> Ledger:
        """This ledger with more in it. What it says of where addresses lead counts more than `targets`."""
        new = sorted(set(addresses) - self.lines.keys())
        lines = {**self.lines, **dict.fromkeys(new, 0)}
        return Ledger(lines, {**(targets or {}), **self.targets}, max(self.day, day) if new else self.day)


def is_address(text: str) -> bool:
    """Whether this can be an address on the site: a path from the root, without a question or an anchor."""
    parts = unquote(text).split("/")[1:]
    return bool(_ADDRESS.fullmatch(text)) and all(
        part.isprintable() and "\\" not in part and part not in (".", "..") and len(part.encode()) <= LONGEST_PART
        and (part or place == len(parts) - 1)
        for place, part in enumerate(parts)
    )  # fmt: skip


def normal(text: str) -> str:
    """An address as it stands in links, however it was written: /år/ becomes /%C3%A5r/."""
    return text if _PLAIN.fullmatch(text) else quote(unquote(text))


def permanent(paths: Iterable[str]) -> list[str]:
    """The addresses of a site's files (paths below its folder) that readers can count on."""
    return [normal(address(path)) for path in paths if not _PASSING.match(path)]


def parse(text: str, report: Report) -> Ledger:
    """Read a ledger. Lines that are none are reported; the rest counts. Of two lines for an address the one counts that
    says where it leads."""
    lines: dict[str, int] = {}
    targets: dict[str, str] = {}
    day = dt.date.min
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split()
        if match := _DAY.match(line.strip()):
            day = max(day, _day(match[1]))
        if not words or words[0].startswith("#"):
            continue
        if len(words) > 2 or not all(is_address(word) or (word == GONE and place) for place, word in enumerate(words)):
            report.add("bad-ledger-line", number, written=line.strip())
            continue
        source, *target = (word if word == GONE else normal(word) for word in words)
        if target and targets.get(source, target[0]) != target[0]:
            report.add("two-ledger-lines", number, url=source, other=targets[source])
        if target or source not in targets:
            lines[source] = number
        if target:
            targets[source] = target[0]
    return Ledger(lines, targets, day)


def _day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:  # somebody has changed the comment
        return dt.date.min


def render(ledger: Ledger) -> str:
    """The file's text: the same for the same ledger, whatever it was made from."""
    rows = (f"{url} {ledger.targets[url]}" if url in ledger.targets else url for url in sorted(ledger.lines))
    return "\n".join((f"{HEAD}{ledger.day}", *rows, ""))


def read(files: Files, report: Report) -> Ledger:
    """The ledger of a content folder; an empty one before the first publishing."""
    if not os.path.lexists(files.content / LEDGER):
        return Ledger()
    data = files.read(LEDGER, MAX_BYTES, report)
    text = decode(data, report) if data else None
    return parse(text, report) if text else Ledger()
