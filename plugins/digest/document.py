"""The digest as data: what the newsletter fetches, checks and sends. Its form is a contract (docs/architecture.md)."""

from __future__ import annotations

import hashlib
import json
from bisect import bisect
from collections.abc import Mapping, Sequence
from typing import Any

from plugins.digest import mail, text
from plugins.digest.contents import Digest, contents
from plugins.digest.parts import Parts
from plugins.magazine import addresses
from plugins.magazine.model import Issue
from plugins.magazine.site import Site

ROOM = 96_000
"""How many bytes of UTF-8 the HTML of a whole mail may have. Gmail cuts mails off at 102 KB, and the newsletter puts in
addresses of its own."""


def document(site: Site, issue: Issue) -> dict[str, Any]:
    """One issue's digest, with its `hash`."""
    digest, html = _fitting(site, issue)
    web_url = site.settings.absolute(addresses.digest(issue))
    plain = text.parts(site, digest, web_url)
    categories = [section.category.slug for section in digest.sections]
    data: dict[str, Any] = {
        "issue": issue.id,
        "subject": digest.subject,
        "preheader": digest.preheader,
        "web_url": web_url,
        "hash": "",
        "html": _parts("html", categories, html),
        "text": _parts("text", categories, plain),
    }
    return data | {"hash": fingerprint(data)}


def _parts(form: str, categories: Sequence[str], parts: Parts) -> dict[str, Any]:
    sections = [{"category": slug, form: part} for slug, part in zip(categories, parts.sections, strict=True)]
    return {"head": parts.head, "sections": sections, "foot": parts.foot}


def fingerprint(data: Mapping[str, Any]) -> str:
    """The SHA-256 of all but the hash, in lower-case hexadecimal digits. The newsletter reckons it by the same rule:
    JSON in UTF-8, keys sorted, no spaces, no escapes that JSON does not ask for."""
    rest = {key: value for key, value in data.items() if key != "hash"}
    canonical = json.dumps(rest, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _fitting(site: Site, issue: Issue) -> tuple[Digest, Parts]:
    """The fullest digest that a mail has room for: if it must be shorter, each section has as many articles at most."""
    whole = _made(site, issue, None)
    if whole[1].size <= ROOM:
        return whole
    longest = max(len(section.articles) for section in whole[0].sections)
    most = bisect(range(1, longest), ROOM, key=lambda most: _made(site, issue, most)[1].size)
    return _made(site, issue, most)


def _made(site: Site, issue: Issue, most: int | None) -> tuple[Digest, Parts]:
    digest = contents(site, issue, site.settings.url, most)
    return digest, mail.parts(site, digest)
