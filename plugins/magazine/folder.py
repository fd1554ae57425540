"""Which files of a content folder are texts of the magazine, and which lie where nothing is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from plugins.magazine.messages import Report

ISSUES, PAGES, ISSUE_FILE = "issues", "pages", "issue.md"
FOLDER = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
"""How an issue's folder is named: year and month."""

Reporter = Callable[[str], Report]
"""Gives the report of a file, by its path below the content folder."""


def sources(root: Path, report: Reporter, example: str) -> Iterator[str]:
    """Every Markdown file of the magazine, as a path below `root`, in order.

    Files in the wrong place are given too, so that all of their mistakes are found at once, and reported. `example` is
    the name of an issue, for messages.
    """
    for source in _strays(root):
        _report_stray(source, root, report, example)
        yield source
    for name in _names(root / ISSUES):
        if (root / ISSUES / name).is_dir():
            yield from _issue(root, name, report, example)
    for name in _names(root / PAGES):
        if name.endswith(".md"):
            yield f"{PAGES}/{name}"


def _issue(root: Path, name: str, report: Reporter, example: str) -> Iterator[str]:
    source = f"{ISSUES}/{name}"
    found = list(_below(root, source))
    if not found:
        return
    if not FOLDER.fullmatch(name):
        report(source).add("bad-folder", folder=name, example=example)
        return
    if f"{source}/{ISSUE_FILE}" not in found:
        report(source).add("no-issue-file")
    yield from found


def _strays(root: Path) -> Iterator[str]:
    """Markdown files beside the folders that are read, or in folders of their own."""
    for name in _names(root):
        if name.endswith(".md"):
            yield name
        elif name not in (ISSUES, PAGES) and (root / name).is_dir():
            yield from _below(root, name)
    yield from (f"{ISSUES}/{name}" for name in _names(root / ISSUES) if name.endswith(".md"))


def _names(folder: Path) -> list[str]:
    """What a folder holds, sorted; hidden files and editors' leavings left out."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except OSError:
        return []
    return [name for name in names if not name.startswith((".", "_", "#")) and not name.endswith("~")]


def _below(root: Path, folder: str) -> Iterator[str]:
    for name in _names(root / folder):
        path = root / folder / name
        if name.endswith(".md") and (path.is_file() or not path.exists()):
            yield f"{folder}/{name}"
        elif path.is_dir() and not path.is_symlink():
            yield from _below(root, f"{folder}/{name}")


def _report_stray(source: str, root: Path, report: Reporter, example: str) -> None:
    """Report an article outside the issues, with the issue that its own date (in Pelican's style) speaks for."""
    try:
        head = (root / source).read_bytes()[:4000].decode("utf-8", "replace")
    except OSError:
        head = ""
    date = re.search(r"^date[ \t]*:[ \t]*['\"]?(\d{4}-\d{2})", head, re.MULTILINE | re.IGNORECASE)
    date = date or re.match(r"(\d{4}-\d{2})-\d{2}", source.rpartition("/")[2])
    report(source).add("outside-issues", issue=date[1] if date and FOLDER.fullmatch(date[1]) else example)
