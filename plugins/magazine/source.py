"""Reads one file, in two steps: the header, which decides its address; the text, when all addresses are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from plugins.magazine import schema
from plugins.magazine.body import Body, Surroundings, convert
from plugins.magazine.entries import AnyEntry, Entry, Text
from plugins.magazine.facts import Facts
from plugins.magazine.files import Files
from plugins.magazine.folder import ISSUE_FILE, ISSUES, PAGES, STRAY
from plugins.magazine.frontmatter import MAX_BYTES, Document, decode, take_apart
from plugins.magazine.ledger import Ledger
from plugins.magazine.limits import SECONDS, TookTooLong, time_limit
from plugins.magazine.messages import Report
from plugins.magazine.model import Article, Image, Issue, Page
from plugins.magazine.settings import Settings


def read_header(source: str, folder: Files, settings: Settings, report: Report) -> Text | None:
    """A file of the content folder with its header read; None, and why among the problems, if that cannot be done."""
    data = folder.read(source, MAX_BYTES + 1, report)
    if data is None:
        return None
    try:
        with time_limit(SECONDS):
            text = decode(data, report)
            return None if text is None else take_in(source, text, settings, report)
    except (TookTooLong, RecursionError):
        report.add("too-tangled")
        return None


def take_in(source: str, text: str, settings: Settings, report: Report) -> Text | None:
    """The same for a text that is there already, as if it stood in the file `source`."""
    folder, _, name = source.rpartition("/")
    document = take_apart(text, report)
    if document is None:
        return None
    if folder == PAGES:
        return _page_text(source, document, settings, report)
    issue = folder.split("/")[1] if folder.startswith(f"{ISSUES}/") else ""
    if name == ISSUE_FILE and folder == f"{ISSUES}/{issue}":
        return Text(source, issue, schema.issue_header(document, report), document)
    return Text(source, issue or STRAY, schema.article_header(document, _stem(source), settings, report), document)


def _page_text(source: str, document: Document, settings: Settings, report: Report) -> Text:
    facts = Facts(settings, report.words)
    header = schema.page_header(document, _stem(source), settings, report)
    header = replace(header, title=facts.in_words(header.title), summary=facts.in_words(header.summary))
    return Text(source, "", header, replace(document, body=facts.in_markdown(document.body)))


def _stem(source: str) -> str:
    return source.rpartition("/")[2][:-3]


def read_text(file: Text, date: dt.date, around: Surroundings, report: Report, published: Ledger) -> AnyEntry:
    """The entry of a file: its text is taken out of `file`, and made into the record. `date` is that of its issue."""
    header = file.header
    document, file.document = file.document, None
    assert document is not None
    try:
        with time_limit(SECONDS):
            lang = header.lang or around.words.lang
            body = convert(document.body, document.body_line, file.source, lang, around, report)
    except TookTooLong:
        report.add("too-tangled", document.body_line)
        body = Body()
    image = _image(file, around.files, report)
    shown = [image, *body.pictures] if image else body.pictures
    pictures = tuple({picture.source: picture for picture in shown}.values())
    if not file.issue:
        return Entry(_page(file, body, pictures), header, body)
    if file.is_issue:
        return Entry(_issue(file, date, body, image, pictures), header, body)
    article = _article(file, date, body, image, pictures, around.files, report, published)
    return Entry(article, header, replace(body, html=""))


def _image(file: Text, files: Files, report: Report) -> Image | None:
    """The picture that the header names."""
    ref = file.header.image
    if ref is None:
        return None
    return files.picture(file.folder, ref.src, ref.alt, ref.caption, ref.credit, ref.line, report)


def _page(file: Text, body: Body, pictures: tuple[Image, ...]) -> Page:
    header = file.header
    return Page(
        slug=header.slug,
        title=header.title,
        summary=header.summary,
        source=file.source,
        lang=header.lang,
        body=body.html,
        pictures=pictures,
        linked_files=body.attachments,
        moved_from=header.moved_from,
    )


def _issue(file: Text, date: dt.date, body: Body, image: Image | None, pictures: tuple[Image, ...]) -> Issue:
    header = file.header
    return Issue(
        id=file.issue,
        title=header.title,
        date=date,
        source=file.source,
        lead_slug=header.lead,
        image=image,
        editorial=body.html,
        pictures=pictures,
        linked_files=body.attachments,
        moved_from=header.moved_from,
    )


def _article(
    file: Text,
    date: dt.date,
    body: Body,
    image: Image | None,
    pictures: tuple[Image, ...],
    files: Files,
    report: Report,
    published: Ledger,
) -> Article:
    header = file.header
    attachments = [files.attachment(file.folder, ref.src, ref.title, ref.line, report) for ref in header.files]
    return Article(
        issue=file.issue,
        slug=header.slug,
        category=header.category,
        kind=header.kind,
        title=header.title,
        summary=header.summary,
        date=date,
        source=file.source,
        lang=header.lang,
        body=body.html,
        word_count=body.word_count,
        authors=header.authors,
        tags=header.tags,
        places=header.places,
        image=image,
        event=header.event,
        attachments=tuple(attachment for attachment in attachments if attachment),
        pictures=pictures,
        linked_files=body.attachments,
        order=header.order,
        pinned=header.pinned,
        translation_of=header.translation_of,
        moved_from=header.moved_from,
        first_url=next((url for url in header.moved_from if url in published.lines), ""),
        modified=header.modified,
    )
