"""What is searched: released articles, translations, editorials and pages as plain text, with the text of PDF files."""

from __future__ import annotations

import hashlib
import html
import logging
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from plugins.magazine.limits import TookTooLong, time_limit
from plugins.magazine.model import Article, Attachment, Issue, Page
from plugins.magazine.site import Site

_END_OF_BLOCK = re.compile(r"</(?:p|li|h[1-6]|t[dhr]|blockquote|figcaption|d[dt]|pre|div|caption|summary)>|<[bh]r ?/?>")
_TAG = re.compile(r"<[^>]*>")
_LINES = re.compile(r"[ \t\xa0]*\n\s*")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """The text of an attached file."""

    title: str
    url: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Document:
    """One hit that a search can have. Addresses are paths from the site's own root."""

    url: str
    title: str
    lang: str
    issue: str = ""
    """"2026-11"; a page has none, and neither date, category nor kind. An editorial has issue and date."""
    date: str = ""
    category: str = ""
    kind: str = ""
    places: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    summary: str = ""
    text: str = ""
    """Its paragraphs, a line each."""
    files: tuple[File, ...] = ()


def documents(site: Site) -> Iterator[Document]:
    magazine = site.magazine
    for article in (*magazine.articles, *magazine.translations):
        yield _article(site, article)
    for issue in magazine.issues:
        if issue.editorial:
            yield _editorial(site, issue)
    for page in magazine.pages:
        yield _page(page)


def plain(markup: str) -> str:
    """HTML as text, a line for each paragraph, heading, cell and item."""
    text = html.unescape(_TAG.sub("", _END_OF_BLOCK.sub("\n", markup)))
    return _LINES.sub("\n", text).strip()


def _article(site: Site, article: Article) -> Document:
    text = [plain(article.body)]
    if article.image and article.image.caption:
        text.append(article.image.caption)
    if article.event:
        text += [article.event.place, article.event.contact, *article.event.programme]
    attached = {file.url: file for file in (*article.attachments, *article.linked_files)}
    return Document(
        url=article.url,
        title=article.title,
        lang=article.lang,
        issue=article.issue,
        date=article.date.isoformat(),
        category=article.category,
        kind=article.kind,
        places=article.places,
        tags=article.tags,
        summary=article.summary,
        text="\n".join(filter(None, text)),
        files=tuple(_files(site, attached.values())),
    )


def _editorial(site: Site, issue: Issue) -> Document:
    return Document(
        url=issue.url,
        title=issue.title,
        lang=site.settings.lang,
        issue=issue.id,
        date=issue.date.isoformat(),
        text=plain(issue.editorial),
        files=tuple(_files(site, issue.linked_files)),
    )


def _page(page: Page) -> Document:
    return Document(url=page.url, title=page.title, lang=page.lang, summary=page.summary, text=plain(page.body))


# -- PDF ---------------------------------------------------------------------------------------------------------------

MOST_PAGES = 300
MOST_CHARACTERS = 300_000
MOST_SECONDS = 60.0


def _files(site: Site, attachments: Iterable[Attachment]) -> Iterator[File]:
    for file in attachments:
        if file.type == "PDF":
            text = pdf_text(site.settings.content / file.source, site.settings.cache / "search" / "pdf")
            if text:
                yield File(title=file.title, url=file.url, text=text)


def pdf_text(path: Path, cache: Path) -> str:
    """A PDF's text, a line for each paragraph as far as that shows; "" if it has none that can be read.

    Reading one takes long, so what was read is kept under the digest of the file.
    """
    data = path.read_bytes()
    kept = cache / f"{hashlib.sha256(data).hexdigest()}.txt"
    try:
        return kept.read_text(encoding="utf-8")
    except OSError:
        text = _read_pdf(path)
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(f".{os.getpid()}")  # a build that is killed here leaves no half of a text
    beside.write_text(text, encoding="utf-8")
    beside.replace(kept)
    return text


def _read_pdf(path: Path) -> str:
    from pypdf import PdfReader  # it is slow to load, and most builds have all they need in the cache

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it says of a file is nothing an author can mend
    pages: list[str] = []
    try:
        with time_limit(MOST_SECONDS):
            for page in PdfReader(path).pages[:MOST_PAGES]:
                pages.append(page.extract_text())
                if sum(map(len, pages)) > MOST_CHARACTERS:
                    break
    except (Exception, TookTooLong):  # noqa: BLE001  # a broken PDF can make pypdf raise nearly anything
        pass
    text = "\n".join(pages)[:MOST_CHARACTERS].encode("utf-8", "ignore").decode()
    text = re.sub(r"(?<=\w)[-\u00ad]\n(?=[a-zåäöé])", "", text)  # a word broken over two lines
    text = re.sub(r"(?<![.!?:])\n(?=\S)", " ", text)  # a sentence
    return re.sub(r"[^\S\n]+", " ", _LINES.sub("\n", text)).strip()
