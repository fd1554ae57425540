"""What a new file says about the fields that it does not use yet: for each key of the schema an example and a remark.

Which keys there are is the schema's to say; a test holds the two together, and the examples to what the schema accepts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

from plugins.magazine.messages import N_
from plugins.magazine.schema import ARTICLE_KEYS, EVENT_KEYS, FILE_KEYS, IMAGE_KEYS, ISSUE_KEYS
from plugins.magazine.words import Words

Field = tuple[str, str]
"""An example, and a remark for the one who writes: both English, to be translated."""

GROUPS: Mapping[str, tuple[tuple[str, ...], Mapping[str, Field]]] = {
    "image": (
        IMAGE_KEYS,
        {
            "src": (N_("images/photo.jpg"), N_("the file, seen from this one")),
            "alt": (N_('"Two people carry a table"'), N_("what the picture says, for those who do not see it")),
            "caption": (N_('"The move took a morning."'), N_("text under the picture")),
            "credit": (N_('"Photo: The editors"'), N_("who took or drew it")),
        },
    ),
    "event": (
        EVENT_KEYS,
        {
            "start": ("{day} 13:00", N_("day and time, or the day alone")),
            "end": ("{day} 16:00", N_("when it ends")),
            "place": (N_('"The culture house, 2 Oak Road"'), N_("where it is")),
            "register_by": ("{day}", N_("last day to register")),
            "contact": (N_("name@example.org"), N_("address, telephone number, or both")),
            "programme": (N_('["13:00 Coffee", "16:00 The end"]'), N_("one for each item, beginning with the time")),
        },
    ),
    "files": (
        FILE_KEYS,
        {
            "src": (N_("files/report.pdf"), N_("the file, seen from this one")),
            "title": (N_('"Report, 24 pages"'), N_("what readers see of it")),
        },
    ),
}

FIELDS: Mapping[str, Field] = {
    "title": ("", N_("the headline")),
    "category": ("", N_("one of: {categories}")),
    "summary": ("", N_("the ingress: two or three sentences that say what has happened and whom it concerns")),
    "authors": (N_('["The editors"]'), N_("who has written: roles rather than names")),
    "tags": (N_("[dialogue, youth]"), N_("topics, each with a page of its own")),
    "places": (N_("[Harbour]"), N_("places, each with a page of its own")),
    "kind": ("{kind}", N_("one of: {kinds}")),
    "image": ("", N_("the article's picture")),
    "event": ("", N_("what it invites to")),
    "files": ("", N_("files to fetch, under the text")),
    "order": ("1", N_("its place in the issue; those without a number come last")),
    "pinned": ("true", N_("it stays in its category, however old it gets")),
    "status": ("draft", N_("a draft is not published; remove the line when it is finished")),
    "lang": ("en", N_("the language of the text, if it is another than the magazine's")),
    "translation_of": (N_("file-name-of-the-original"), N_("it is a translation of this article, in the same issue")),
    "moved_from": (N_("[/old-address/]"), N_("addresses that it has had before: they lead here")),
    "modified": ("{day}", N_("the day on which you changed something after the issue came out")),
    "slug": ("{slug}", N_("another end of the address than the file's name")),
    "date": ("", N_("the day on which the issue comes out")),
    "lead": (N_("file-name-of-an-article"), N_("the article at the top of the front page; else the first")),
}  # fmt: skip


def article_comments(given: Iterable[str], words: Words, **facts: str | dt.date) -> str:
    """The fields of an article that are not among `given`, each switched off by a sign # at its beginning."""
    return _comments(ARTICLE_KEYS, given, words, facts)


def issue_comments(given: Iterable[str], words: Words, **facts: str | dt.date) -> str:
    """The same for an issue."""
    return _comments(ISSUE_KEYS, given, words, facts)


def _comments(keys: Iterable[str], given: Iterable[str], words: Words, facts: Mapping[str, str | dt.date]) -> str:
    def lines() -> Iterator[tuple[str, str]]:
        for key in keys:
            if key in given:
                continue
            example, remark = FIELDS[key]
            yield f"#{key}: {said(example)}".rstrip(), said(remark)
            inner, fields = GROUPS.get(key, ((), {}))
            for n, part in enumerate(inner):
                begins = "- " if key == "files" and n == 0 else "  "
                example, remark = fields[part]
                yield f"#{'  ' if key == 'files' else ''}{begins}{part}: {said(example)}", said(remark)

    def said(text: str) -> str:
        return words.gettext(text).format(**facts) if text else ""

    together = list(lines())
    width = max((len(field) for field, _ in together), default=0)
    return "".join(f"{field:<{width}}  # {remark}\n" for field, remark in together)
