"""The digest as the site publishes it (`/utskick/YYYY-MM.json`): checked, and put together for a reader's choice.

The file's `hash` is the SHA-256, in lower-case hexadecimal, of the document without it as canonical JSON: UTF-8, keys
sorted, separators `,` and `:`, nothing escaped that need not be.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from newsletter.message import Content

ISSUE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


class BadDigest(Exception):
    """What the site answered is no digest of this issue. The text says why."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    category: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Digest:
    """The mail about one issue: head, sections, foot, as text and as HTML with styles in place."""

    issue: str
    subject: str
    preheader: str
    web_url: str
    hash: str
    text_head: str
    text_foot: str
    html_head: str
    html_foot: str
    sections: tuple[Section, ...]

    def sections_for(self, choice: str) -> tuple[Section, ...]:
        """Those that a reader chose: category slugs with spaces between; "" is all."""
        chosen = choice.split()
        return tuple(section for section in self.sections if not chosen or section.category in chosen)

    def wanted(self, choice: str) -> bool:
        """Whether the issue holds anything for a choice. An issue without sections is for those who want all."""
        return not choice or bool(self.sections_for(choice))

    def content(self, choice: str) -> Content:
        """The mail for a choice."""
        sections = self.sections_for(choice)
        return Content(
            subject=self.subject,
            text="".join((self.text_head, *(section.text for section in sections), self.text_foot)),
            html="".join((self.html_head, *(section.html for section in sections), self.html_foot)),
        )


def read(data: str | bytes, issue: str) -> Digest:
    """The digest in a file's text. Raises `BadDigest` if it is not whole, not as agreed, or another issue's."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        raise BadDigest("it is not JSON") from None
    found = _Fields(document, "it")
    if found.text("issue") != issue:
        raise BadDigest(f"it is about another issue ({found.text('issue')[:20]!r})")
    if not hmac.compare_digest(digest_hash(document).encode(), found.text("hash").encode()):
        raise BadDigest("its hash is another than its content's: it is damaged, or not published as a whole")
    return _digest(found)


def digest_hash(document: dict[str, Any]) -> str:
    """The hash that a document must carry, by what else it holds."""
    rest = {key: value for key, value in document.items() if key != "hash"}
    canonical = json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _digest(found: _Fields) -> Digest:
    html, text = found.fields("html"), found.fields("text")
    by_category = _by_category(html.list("sections"), "html"), _by_category(text.list("sections"), "text")
    if list(by_category[0]) != list(by_category[1]):
        raise BadDigest("html and text have different sections")
    subject = found.text("subject")
    if not subject.strip() or _CONTROL.search(subject):
        raise BadDigest("its subject is empty, or more than one line")
    digest = Digest(
        issue=found.text("issue"),
        subject=subject,
        preheader=found.text("preheader"),
        web_url=found.text("web_url"),
        hash=found.text("hash"),
        text_head=text.text("head"),
        text_foot=text.text("foot"),
        html_head=html.text("head"),
        html_foot=html.text("foot"),
        sections=tuple(Section(category=c, html=h, text=by_category[1][c]) for c, h in by_category[0].items()),
    )
    for part, whole in (("html", digest.html_head + digest.html_foot), ("text", digest.text_head + digest.text_foot)):
        if "{{unsubscribe_url}}" not in whole:
            raise BadDigest(f"{part} says nowhere how to leave: {{{{unsubscribe_url}}}} is missing from head and foot")
    return digest


def _by_category(sections: Iterable[Any], part: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for section in sections:
        fields = _Fields(section, f"a section of {part}")
        category = fields.text("category")
        if category in found or not re.fullmatch(r"[a-z0-9][a-z0-9-]*", category):
            raise BadDigest(f"{part} has the section {category[:40]!r} twice, or it is no category")
        found[category] = fields.text(part)
    return found


class _Fields:
    """A JSON object whose fields have the types we need, or a word about the one that has not."""

    def __init__(self, value: Any, name: str) -> None:
        if not isinstance(value, dict):
            raise BadDigest(f"{name} is no JSON object")
        self.values, self.name = value, name

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or not _is_unicode(value):
            raise BadDigest(f"{self.name} lacks the text {key!r}")
        return value

    def list(self, key: str) -> list[Any]:
        value = self.values.get(key)
        if not isinstance(value, list):
            raise BadDigest(f"{self.name} lacks the list {key!r}")
        return value

    def fields(self, key: str) -> _Fields:
        return _Fields(self.values.get(key), key)


def _is_unicode(text: str) -> bool:
    """Not half a surrogate pair, nor a NUL, which PostgreSQL keeps in no text."""
    return "\0" not in text and not re.search(r"[\ud800-\udfff]", text)
