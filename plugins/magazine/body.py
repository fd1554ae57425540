"""From an article's Markdown to the HTML that readers get, with every link and picture looked after on the way.

One pass over Markdown's own element tree resolves links, places pictures, sets spaces as a printer would, and notes
what the magazine must know of the text. No second parse of the HTML is needed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html import unescape
from urllib.parse import SplitResult, quote, unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions.footnotes import FootnoteExtension
from markdown.treeprocessors import Treeprocessor
from markdown.util import AMP_SUBSTITUTE, HTML_PLACEHOLDER_RE, HtmlStash

from plugins.magazine import rawhtml
from plugins.magazine.files import Files, rendition
from plugins.magazine.limits import DEEPEST, TookTooLong
from plugins.magazine.lines import Finder
from plugins.magazine.messages import Report
from plugins.magazine.model import Attachment, Image
from plugins.magazine.shortcuts import Shortcuts
from plugins.magazine.words import Words, typographic

BODY_SIZES = "(min-width: 48em) 42rem, 100vw"
"""How wide a picture in the text is shown; the stylesheet agrees."""

VAGUE = frozenset(
    "här|läs mer|läs mer här|klicka här|klicka|länk|länken|denna länk|mer|mer info|mer information|läs vidare|hit"
    "|se här|here|read more|click here|click|link|this link|more|more info|more information|read on".split("|")
)

WEB = ("http", "https")
OPENABLE = (*WEB, "mailto", "tel")

# What Markdown itself, with its extensions, may leave on an element.
TREE_ATTRIBUTES = {
    "a": frozenset(("href", "hreflang", "rel", "role", "aria-label")),
    "img": frozenset(("src", "alt")),
    "ol": frozenset(("start",)),
    "td": frozenset(("style",)),
    "th": frozenset(("style",)),
    "li": frozenset(("role",)),
    "div": frozenset(("role",)),
    "sup": frozenset(("role",)),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A link to somewhere on this site: where it stands, as it was written, and what it means."""

    line: int
    written: str
    url: str
    """The address on the site, from the first slash."""
    anchor: str
    source: str = ""
    """The file it named, if it was written as a link to a file."""


@dataclass(frozen=True, slots=True)
class Body:
    html: str = ""
    word_count: int = 0
    links: tuple[Link, ...] = ()
    anchors: tuple[str, ...] = ()
    pictures: tuple[Image, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(slots=True)
class Surroundings:
    """What a text needs to know of the world, the same for all texts of a magazine."""

    files: Files
    addresses: Mapping[str, str]
    """Every article, issue and page: path below the content folder → address."""
    own_hosts: frozenset[str]
    base: str
    words: Words


@dataclass(slots=True)
class _Work:
    """What is gathered while one text is converted."""

    around: Surroundings
    source: str
    lang: str
    report: Report
    finder: Finder
    stash: HtmlStash
    """Where Markdown keeps the authors' HTML while it works, with placeholders in the tree."""
    links: list[Link] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)
    pictures: list[Image] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    word_count: int = 0

    @property
    def folder(self) -> str:
        return self.source.rpartition("/")[0]


def convert(text: str, first_line: int, source: str, lang: str, around: Surroundings, report: Report) -> Body:
    """Convert one text. `first_line` is its first line's number in the file; `source` the file's path below content."""
    if not text.strip():
        return Body()
    if endless := rawhtml.ENDLESS_REFERENCE.search(text):
        report.add("control-character", first_line + text.count("\n", 0, endless.start()), character=endless[0])
        return Body()
    md = _markdown(around.words)
    work = _Work(around, source, lang, report, Finder(text, first_line), md.htmlStash)
    processor = md.treeprocessors["magazine"]
    assert isinstance(processor, _Magazine)
    processor.work = work
    try:
        html = md.reset().convert(text)
        pieces = (piece for piece in work.stash.rawHtmlBlocks if isinstance(piece, str))
        work.anchors += rawhtml.check(pieces, html, work.finder, report)
        _refuse_repetition(html, work)
        _check_notes(md, text, work)
    except (RecursionError, TookTooLong):
        _markdown.cache_clear()  # it was interrupted in the middle of something: the next text gets a new one
        report.add("too-tangled", work.finder.first_line)
        return Body()
    finally:
        processor.work = None
    return Body(
        html=html,
        word_count=work.word_count,
        links=tuple(work.links),
        anchors=tuple(work.anchors),
        pictures=tuple(work.pictures),
        attachments=tuple(work.attachments),
    )


@lru_cache(maxsize=8)
def _markdown(words: Words) -> Markdown:
    """One converter, used again for every text: making one costs as much as converting a short article."""
    md = Markdown(
        output_format="html",
        tab_length=4,
        extensions=[
            "abbr",
            "attr_list",
            "def_list",
            "fenced_code",
            "footnotes",
            "sane_lists",
            "tables",
            Shortcuts(),
        ],
        extension_configs={"footnotes": {"BACKLINK_TITLE": words.gettext("Back to the text, note {}")}},
    )
    md.treeprocessors.register(_Magazine(md), "magazine", -10)
    return md


class _Magazine(Treeprocessor):
    """The one pass over a text's elements."""

    work: _Work | None = None

    def run(self, root: Element) -> None:
        work = self.work
        assert work is not None
        _refuse_abyss(root)
        level = 1
        for element in root.iter():
            tag = element.tag
            if tag == "a":
                _link(element, work)
            elif tag == "img":
                _picture(element, work)
            elif tag in _HEADINGS:
                level = _heading(element, level, work)
            if element.attrib:
                _attributes(element, work)
            if element.text and tag not in ("code", "pre"):
                _marks_without_notes(element.text, work)
                element.text = typographic(element.text, work.lang)
            if element.tail:
                _marks_without_notes(element.tail, work)
                element.tail = typographic(element.tail, work.lang, before="x")
        tables = {table: number for number, table in enumerate(root.iter("table"), start=1)}
        for parent in list(root.iter()):  # as it was: what is put in place must not be met again
            for at, child in enumerate(parent):
                if child.tag == "p" and len(child) == 1 and child[0].tag == "img" and _alone(child):
                    parent[at] = _figure(child, work)
                elif child.tag == "table":
                    parent[at] = _scrollable(child, tables[child] if len(tables) > 1 else None, work)
        work.word_count = sum(len(text.split()) for text in root.itertext())


def _refuse_repetition(html: str, work: _Work) -> None:
    """A name that stands for two places stands for none."""
    for name, times in Counter(work.anchors).items():
        if times > 1 and len(re.findall(rf"""\sid=["']?{re.escape(name)}["'\s>]""", html)) > 1:
            needles = (f'id="{name}"', f"id='{name}'", f"#{name}", name)
            line = [work.finder.line(*needles) for _ in range(times)][-1]
            work.report.add("repeated-id", line, id=name)


_NOTE = re.compile(r"^ {0,3}\[\^([^\]\n]+)\]:", re.MULTILINE)
_MARK = re.compile(r"\[\^[^\]\s]+\]")
_FENCED = re.compile(r"^(```+|~~~+).*?^\1", re.MULTILINE | re.DOTALL)


def _check_notes(md: Markdown, text: str, work: _Work) -> None:
    """Every note has its mark, and every name one note: of two Markdown takes the last, and says nothing."""
    (notes,) = (one for one in md.registeredExtensions if isinstance(one, FootnoteExtension))
    times = Counter(_NOTE.findall(_FENCED.sub("", text)) if notes.footnotes else ())
    for name in notes.footnotes:
        lines = [work.finder.line(f"[^{name}]:") for _ in range(max(times[name], 1))]
        if times[name] > 1:
            work.report.add("repeated-note", lines[-1], mark=f"[^{name}]")
        if notes.makeFootnoteRefId(name) not in notes.found_refs:
            work.report.add("unmarked-note", lines[0], mark=f"[^{name}]")


def _marks_without_notes(text: str, work: _Work) -> None:
    """Markdown leaves a mark whose note is missing as it is written."""
    for mark in _MARK.findall(text) if "[^" in text else ():
        work.report.add("mark-without-note", work.finder.line(mark), mark=mark)


def _refuse_abyss(root: Element) -> None:
    """Whoever reads the HTML later, such as the feeds, goes down into it and must come up again."""
    depth, elements = 0, [root]
    while elements:
        depth += 1
        elements = [child for element in elements for child in element]
    if depth > DEEPEST:
        raise RecursionError


_HEADINGS = {f"h{n}": n for n in range(1, 7)}


def _alone(paragraph: Element) -> bool:
    return not (paragraph.text or "").strip() and not (paragraph[0].tail or "").strip()


def _figure(paragraph: Element, work: _Work) -> Element:
    figure = Element("figure")
    image = paragraph[0]
    image.tail = None
    figure.append(image)
    caption = image.attrib.pop("title", "")
    if caption:
        SubElement(figure, "figcaption").text = typographic(caption, work.lang)
    figure.tail = paragraph.tail
    return figure


def _scrollable(table: Element, number: int | None, work: _Work) -> Element:
    """A wide table scrolls by itself, also by keyboard, instead of widening the page. Of several each has a number."""
    label = work.around.words.gettext("Table") + (f" {number}" if number else "")
    frame = Element("div", {"class": "table", "tabindex": "0", "role": "region", "aria-label": label})
    frame.append(table)
    frame.tail, table.tail = table.tail, None
    return frame


def _heading(element: Element, level: int, work: _Work) -> int:
    text = _text(element, work)
    own = _HEADINGS[element.tag]
    line = work.finder.heading(own, text)
    if own == 1:
        work.report.add("top-heading", line, text=text)
    elif not text:
        work.report.add("empty-heading", line)
    elif own > level + 1:
        work.report.add("skipped-heading", line, text=text, level="#" * (level + 1))
    return own


def _text(element: Element, work: _Work) -> str:
    """What an element says, without the HTML in it."""
    text = "".join(element.itertext())
    if "\x02" in text:
        text = HTML_PLACEHOLDER_RE.sub(lambda match: _stashed(int(match[1]), work), text)
        text = text.replace(AMP_SUBSTITUTE, "&")
    return " ".join(text.split())


def _stashed(number: int, work: _Work) -> str:
    piece = work.stash.rawHtmlBlocks[number] if number < work.stash.html_counter else ""
    return unescape(re.sub(r"<[^>]*>", "", piece)) if isinstance(piece, str) else ""


def _attributes(element: Element, work: _Work) -> None:
    if "style" in element.attrib and element.tag in ("td", "th"):  # how Markdown aligns; inline styles are not allowed
        element.set("class", element.attrib.pop("style").replace("text-align: ", "align-").rstrip(";"))
    allowed = TREE_ATTRIBUTES.get(element.tag, frozenset())
    for name in element.attrib:
        if name == "id":
            work.anchors.append(element.attrib["id"])
        elif not (
            name in allowed or name in rawhtml.HTML_ATTRIBUTES or element.tag == "img"
        ):  # a picture's: see _picture
            code = "script" if name.lower().startswith("on") else "bad-html"
            work.report.add(code, work.finder.line(name), what=f"{name}=")


def _picture(element: Element, work: _Work) -> None:
    src, alt = element.get("src", ""), element.get("alt", "")
    line = work.finder.target(src)
    parts = _split(src)
    extra = set(element.attrib) - {"src", "alt", "title", "class", "lang", "id"}
    for name in sorted(extra):
        work.report.add("script" if name.lower().startswith("on") else "bad-html", line, what=f"{name}=")
        del element.attrib[name]
    decorative = "dekorativ" in element.get("class", "").split()
    if parts is None or parts.scheme or parts.netloc:
        work.report.add("foreign-picture", line, src=src)
        return
    if not alt.strip() and not decorative:
        work.report.add("no-alt", line, src=src, decoration="![](…){.dekorativ}")
    image = work.around.files.picture(work.folder, _plain_target(unescape(src)), alt, "", "", line, work.report)
    if image is None:
        return
    work.pictures.append(image)
    shown = rendition(image, work.around.base)
    element.attrib.update(
        src=shown.src,
        srcset=shown.srcset,
        sizes=BODY_SIZES,
        width=str(shown.width),
        height=str(shown.height),
        loading="lazy",
        decoding="async",
    )


def _link(element: Element, work: _Work) -> None:
    href = element.get("href", "")
    if href.startswith("#fn") and element.get("class", "").startswith("footnote-"):  # Markdown's own
        if "title" in element.attrib:  # an arrow: the title is what tells it from the others
            element.set("aria-label", element.attrib["title"])
        return
    line = work.finder.target(href)
    text = _text(element, work)
    picture = element.find(".//img")
    if not text and (picture is None or not picture.get("alt")):
        work.report.add("empty-link", line, target=href)
    elif text.strip(" .:!…»>→").casefold() in VAGUE:
        work.report.add("vague-link", line, text=text)
    parts = _split(href)
    if parts is None or parts.scheme not in ("", *OPENABLE) or (parts.scheme in WEB) != bool(parts.netloc):
        work.report.add("bad-scheme", line, target=href)
    elif parts.netloc.lower() in work.around.own_hosts and _below(parts.path or "/", work.around.base):
        proposal = parts._replace(scheme="", netloc="", path=parts.path.removeprefix(work.around.base) or "/").geturl()
        work.report.add("own-site-link", line, target=href, proposal=proposal)
    elif not parts.scheme:
        _internal(element, href, unquote(parts.path), unquote(parts.fragment), line, work)
    element.set("href", _UNSAFE.sub(lambda match: quote(match[0]), element.get("href", "")))


_UNSAFE = re.compile(r"""[\s<>"\\^`{|}]""")
"""What no address can have as it is."""


def _internal(element: Element, href: str, path: str, anchor: str, line: int, work: _Work) -> None:
    """A link within the site: to an address from the first slash, to a file beside this one, or to a heading here."""
    around = work.around
    if not path:
        if not anchor:
            work.report.add("dead-link", line, target=href or "…")
        work.links.append(Link(line, href, "", anchor))
        return
    plain = _plain_target(path)
    if path.startswith("/"):
        work.links.append(Link(line, href, path, anchor))
        element.set("href", around.base + href)
        return
    source = around.files.locate(work.folder, plain)
    if source is None:
        work.report.add("outside-folder", line, src=href)
    elif path.lower().startswith("www."):
        work.report.add("no-scheme", line, target=href)
    elif source in around.addresses:
        url = around.addresses[source]
        work.links.append(Link(line, href, url, anchor, source))
        element.set("href", around.base + url + (f"#{anchor}" if anchor else ""))
    elif source.endswith(".md") or path.endswith("/") or "." not in source.rpartition("/")[2]:
        work.report.add("dead-link", line, target=href)
    else:
        attachment = around.files.attachment(work.folder, plain, "", line, work.report)
        if attachment:
            work.attachments.append(attachment)
            element.set("href", around.base + attachment.url)


def _plain_target(target: str) -> str:
    """Pelican's {filename}, {static} and {attach} before a path mean what the path alone means here."""
    return re.sub(r"^[{|](?:filename|static|attach)[|}]", "", unquote(target))


def _split(address: str) -> SplitResult | None:
    """The parts of an address as a browser reads it, or None if it is none."""
    try:
        return urlsplit(unescape(address.replace(AMP_SUBSTITUTE, "&")).strip())
    except ValueError:
        return None


def _below(path: str, base: str) -> bool:
    return path == base or path.startswith(f"{base}/")
