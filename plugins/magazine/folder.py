"""Which files of a content folder are texts of the magazine, and which lie where nothing is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from plugins.magazine.files import is_file, refusal
from plugins.magazine.messages import Report
from plugins.magazine.model import slugify

ISSUES, PAGES, ISSUE_FILE = "issues", "pages", "issue.md"
FOLDER = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
"""How an issue's folder is named: year and month."""

OTHER_FORMATS = (".markdown", ".mkd", ".mdown", ".rst", ".adoc", ".html", ".htm", ".docx", ".odt")
"""Endings of texts that somebody may expect to be read. Attached files may have some of them: these lie in files/."""

STRAY = "-"
"""What stands for the issue of a text that lies in none."""

Reporter = Callable[[str], Report]
"""Gives the report of a file, by its path below the content folder."""


def sources(root: Path, report: Reporter, example: str) -> Iterator[str]:
    """Every Markdown file of the magazine, as a path below `root`, in order.

    Files in the wrong place are given too, so that all of their mistakes are found at once, and reported. `example` is
    the name of an issue, for messages.
    """
    issues = _names(root, ISSUES, report)
    for source in (*_strays(root, report), *(f"{ISSUES}/{name}" for name in issues if name.endswith(".md"))):
        _report_stray(source, root, report, example)
        yield source
    for name in issues:
        yield from _issue(root, name, report, example)
    for name in _names(root, PAGES, report):
        _report_format(f"{PAGES}/{name}", root, report)
        if name.endswith(".md"):
            yield f"{PAGES}/{name}"


def _issue(root: Path, name: str, report: Reporter, example: str) -> Iterator[str]:
    source = f"{ISSUES}/{name}"
    if name.endswith(".md") or not _is_folder(root / source):
        return
    if not (root / source).resolve().is_relative_to(root):
        report(source).add("outside-folder", src=name)
        return
    found = _below(root, source, report)
    if not found:
        return
    if not FOLDER.fullmatch(name):
        report(source).add("bad-folder", folder=name, example=example)
        return
    if f"{source}/{ISSUE_FILE}" not in found:
        report(source).add("no-issue-file")
    yield from found


def _strays(root: Path, report: Reporter) -> Iterator[str]:
    """Markdown files beside the folders that are read, or in folders of their own."""
    for name in _names(root, "", report):
        _report_format(name, root, report)
        if name.endswith(".md"):
            yield name
        elif name not in (ISSUES, PAGES) and _is_folder(root / name) and not (root / name).is_symlink():
            yield from _below(root, name, report)


def _names(root: Path, folder: str, report: Reporter) -> list[str]:
    """What a folder holds, sorted; hidden files and editors' leavings left out."""
    try:
        names = sorted(path.name for path in (root / folder).iterdir())
    except FileNotFoundError:
        return []
    except OSError as error:
        found = report(folder)
        found.add("unreadable", reason=refusal(error, found.words))
        return []
    return [name for name in names if not name.startswith((".", "_", "#")) and not name.endswith("~")]


def _below(root: Path, folder: str, report: Reporter) -> list[str]:
    """The Markdown files in a folder and in its folders, sorted."""
    found, folders = [], [folder]
    while folders:
        here = folders.pop()
        for name in _names(root, here, report):
            path = root / here / name
            if _is_folder(path) and not path.is_symlink():  # a link may lead in a circle
                folders.append(f"{here}/{name}")
            elif name.endswith(".md"):
                found.append(f"{here}/{name}")
            else:
                _report_format(f"{here}/{name}", root, report)
    return sorted(found)


def _report_format(source: str, root: Path, report: Reporter) -> None:
    """Report a text that nothing reads because of how its name ends."""
    folder, _, name = source.rpartition("/")
    stem, _, ending = name.rpartition(".")
    known = ending != "md" and f".{ending.lower()}" in (".md", *OTHER_FORMATS)
    if known and not folder.endswith("/files") and is_file(root / source):
        report(source).add("other-format", name=name, proposal=f"{slugify(stem)}.md")


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _report_stray(source: str, root: Path, report: Reporter, example: str) -> None:
    """Report an article outside the issues, with the issue that its own date (in Pelican's style) speaks for."""
    head = ""
    if is_file(root / source):
        try:
            with (root / source).open("rb") as file:
                head = file.read(4000).decode("utf-8", "replace")
        except OSError:
            pass  # reading it will say so
    date = re.search(r"^date[ \t]*:[ \t]*['\"]?(\d{4}-\d{2})", head, re.MULTILINE | re.IGNORECASE)
    date = date or re.match(r"(\d{4}-\d{2})-\d{2}", source.rpartition("/")[2])
    report(source).add("outside-issues", issue=date[1] if date and FOLDER.fullmatch(date[1]) else example)
