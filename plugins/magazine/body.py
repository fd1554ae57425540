"""From an article's Markdown to the HTML that readers get, with every link and picture looked after on the way.

One pass over Markdown's own element tree resolves links, places pictures, sets spaces as a printer would, and notes
what the magazine must know of the text. No second parse of the HTML is needed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.treeprocessors import Treeprocessor

from plugins.magazine.files import Files, picture_url, scaled_height, widths
from plugins.magazine.messages import Report
from plugins.magazine.model import Attachment, Image, slugify
from plugins.magazine.words import Words, typographic

BODY_SIZES = "(min-width: 48em) 42rem, 100vw"
"""How wide a picture in the text is shown; the stylesheet agrees."""

VAGUE = frozenset(
    "här|läs mer|läs mer här|klicka här|klicka|länk|länken|denna länk|mer|mer info|mer information|läs vidare|hit"
    "|se här|here|read more|click here|click|link|this link|more|more info|more information|read on".split("|")
)

WEB = ("http", "https")
OPENABLE = (*WEB, "mailto", "tel")

# What authors may use of raw HTML. Links and pictures are written in Markdown, where they are looked after.
HTML_TAGS = frozenset(
    "abbr b bdi bdo br cite code dd del details dfn div dl dt em h2 h3 h4 h5 h6 hr i ins kbd li mark ol p pre q rp rt"
    " ruby s samp section small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr".split()
)
HTML_ATTRIBUTES = frozenset("lang dir title class id datetime cite colspan rowspan scope start open".split())
VOID_TAGS = frozenset(("br", "hr", "wbr", "img", "input"))
ACTIVE_TAGS = frozenset(
    ("script", "style", "iframe", "object", "embed", "applet", "form", "base", "meta", "link", "svg")
)
# What Markdown itself, with its extensions, may leave on an element.
TREE_ATTRIBUTES = {
    "a": frozenset(("href", "hreflang", "rel", "role")),
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
    finder: _Finder
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
    md = _markdown(around.words)
    work = _Work(around, source, lang, report, _Finder(text, first_line))
    processor = md.treeprocessors["magazine"]
    assert isinstance(processor, _Magazine)
    processor.work = work
    try:
        html = md.reset().convert(text)
        _check_raw(md, html, work)
    except RecursionError:
        report.add("too-tangled", first_line)
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


class _Finder:
    """Finds the line that something came from: Markdown's tree does not keep lines."""

    def __init__(self, text: str, first_line: int) -> None:
        self.text = text
        self.first_line = first_line
        self._after: dict[str, int] = defaultdict(int)

    def line(self, needle: str) -> int:
        """The line of the next occurrence of `needle`: asked again, it goes on to the one after."""
        at = self.text.find(needle, self._after[needle]) if needle else -1
        if at < 0:
            at = self.text.find(needle)
        if at < 0:
            return self.first_line
        self._after[needle] = at + len(needle)
        return self.first_line + self.text.count("\n", 0, at)

    def heading(self, text: str) -> int:
        words = re.escape(text.split()[0]) if text.split() else ""
        match = re.search(rf"^#+[ \t]*{words}", self.text, re.MULTILINE) if words else None
        match = match or re.search(r"^#+[ \t]*$", self.text, re.MULTILINE)
        return self.first_line + (self.text.count("\n", 0, match.start()) if match else 0)


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
            "smarty",
            "tables",
            "toc",
        ],
        extension_configs={
            "footnotes": {"BACKLINK_TITLE": words.gettext("Back to the text, note {}")},
            "toc": {"marker": "", "slugify": lambda text, _separator: slugify(text)},
        },
    )
    md.treeprocessors.register(_Magazine(md), "magazine", -10)
    return md


class _Magazine(Treeprocessor):
    """The one pass over a text's elements."""

    work: _Work | None = None

    def run(self, root: Element) -> None:
        work = self.work
        assert work is not None
        level = 1
        for parent in list(root.iter()):  # as it was: what is put in place must not be met again
            for at, child in enumerate(parent):
                if child.tag == "p" and len(child) == 1 and child[0].tag == "img" and _alone(child):
                    parent[at] = _figure(child)
                elif child.tag == "table":
                    parent[at] = _scrollable(child, work)
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
                element.text = typographic(element.text, work.lang)
            if element.tail:
                element.tail = typographic(element.tail, work.lang, before="x")
        work.word_count = sum(len(text.split()) for text in root.itertext())


_HEADINGS = {f"h{n}": n for n in range(1, 7)}


def _alone(paragraph: Element) -> bool:
    return not (paragraph.text or "").strip() and not (paragraph[0].tail or "").strip()


def _figure(paragraph: Element) -> Element:
    figure = Element("figure")
    image = paragraph[0]
    image.tail = None
    figure.append(image)
    caption = image.attrib.pop("title", "")
    if caption:
        SubElement(figure, "figcaption").text = caption
    figure.tail = paragraph.tail
    return figure


def _scrollable(table: Element, work: _Work) -> Element:
    """A wide table scrolls by itself, also by keyboard, instead of widening the page."""
    label = work.around.words.gettext("Table")
    frame = Element("div", {"class": "table", "tabindex": "0", "role": "region", "aria-label": label})
    frame.append(table)
    frame.tail, table.tail = table.tail, None
    return frame


def _heading(element: Element, level: int, work: _Work) -> int:
    text = "".join(element.itertext()).strip()
    own = _HEADINGS[element.tag]
    if own == 1:
        work.report.add("top-heading", work.finder.heading(text), text=text)
    elif not text:
        work.report.add("empty-heading", work.finder.heading(text))
    elif own > level + 1:
        work.report.add("skipped-heading", work.finder.heading(text), text=text, level="#" * (level + 1))
    return own


def _attributes(element: Element, work: _Work) -> None:
    if "style" in element.attrib and element.tag in ("td", "th"):  # how Markdown aligns; inline styles are not allowed
        element.set("class", element.attrib.pop("style").replace("text-align: ", "align-").rstrip(";"))
    allowed = TREE_ATTRIBUTES.get(element.tag, frozenset())
    for name in element.attrib:
        if name == "id":
            work.anchors.append(element.attrib["id"])
        elif not (
            name in allowed or name in HTML_ATTRIBUTES or element.get("role") == "region" or element.tag == "img"
        ):
            code = "script" if name.lower().startswith("on") else "bad-html"
            work.report.add(code, work.finder.line(name), what=f"{name}=")


def _picture(element: Element, work: _Work) -> None:
    src, alt = element.get("src", ""), element.get("alt", "")
    line = work.finder.line(src)
    extra = set(element.attrib) - {"src", "alt", "title", "class", "lang", "id"}
    for name in sorted(extra):
        work.report.add("script" if name.lower().startswith("on") else "bad-html", line, what=f"{name}=")
        del element.attrib[name]
    decorative = "dekorativ" in element.get("class", "").split()
    if urlsplit(src).scheme or src.startswith("//"):
        work.report.add("foreign-picture", line, src=src)
        return
    if not alt.strip() and not decorative:
        work.report.add("no-alt", line, src=src, decoration="![](…){.dekorativ}")
    image = work.around.files.picture(work.folder, _plain_target(src), alt, "", "", line, work.report)
    if image is None:
        return
    work.pictures.append(image)
    base = work.around.base
    offered = widths(image)
    shown = next((width for width in offered if width >= 800), offered[-1])
    element.attrib.update(
        src=base + picture_url(image, shown),
        srcset=", ".join(f"{base}{picture_url(image, width)} {width}w" for width in offered),
        sizes=BODY_SIZES,
        width=str(shown),
        height=str(scaled_height(image, shown)),
        loading="lazy",
        decoding="async",
    )


def _link(element: Element, work: _Work) -> None:
    href = element.get("href", "")
    css = element.get("class", "")
    if "footnote" in css or href.startswith("\x02"):  # Markdown's own: footnotes, and <name@example.se>
        return
    line = work.finder.line(href)
    text = " ".join("".join(element.itertext()).split())
    picture = element.find(".//img")
    if not text and (picture is None or not picture.get("alt")):
        work.report.add("empty-link", line, target=href)
    elif text.strip(" .:!…»>→").casefold() in VAGUE:
        work.report.add("vague-link", line, text=text)
    parts = _split(href)
    if parts is None or parts.scheme not in ("", *OPENABLE) or (parts.scheme in WEB) != bool(parts.netloc):
        work.report.add("bad-scheme", line, target=href)
    elif parts.netloc.lower() in work.around.own_hosts:
        proposal = (parts.path or "/") + (f"#{parts.fragment}" if parts.fragment else "")
        work.report.add("own-site-link", line, target=href, proposal=proposal)
    elif not parts.scheme:
        _internal(element, href, unquote(parts.path), unquote(parts.fragment), line, work)


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


def _split(href: str) -> Any:
    try:
        return urlsplit(href)
    except ValueError:
        return None


# -- Raw HTML ----------------------------------------------------------------------------------------------------------


def _check_raw(md: Markdown, html: str, work: _Work) -> None:
    """Hold what authors wrote as HTML against the short list of what an article may contain."""
    pieces = [piece for piece in md.htmlStash.rawHtmlBlocks if isinstance(piece, str)]
    if not pieces:
        return
    for piece in pieces:
        _Pieces(work).check(piece)
    balance = _Balance()
    balance.feed(html)
    balance.close()
    for tag in [*balance.wrong, *balance.open]:
        work.report.add("unbalanced-html", work.finder.line(f"<{tag}"), what=f"<{tag}>")


class _Pieces(HTMLParser):
    def __init__(self, work: _Work) -> None:
        super().__init__(convert_charrefs=True)
        self.work = work

    def check(self, piece: str) -> None:
        self.feed(piece)
        self.close()

    def _refuse(self, code: str, needle: str, what: str) -> None:
        self.work.report.add(code, self.work.finder.line(needle), what=what)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = self.get_starttag_text() or f"<{tag}"
        if tag in ACTIVE_TAGS:
            self._refuse("script", written[: len(tag) + 1], f"<{tag}>")
        elif tag not in HTML_TAGS:
            self._refuse("bad-html", written[: len(tag) + 1], f"<{tag}>")
        for name, _ in attrs:
            if name not in HTML_ATTRIBUTES:
                self._refuse(
                    "script" if name.startswith("on") else "bad-html", written[: len(tag) + 1], f"<{tag} {name}>"
                )

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_comment(self, data: str) -> None:
        self._refuse("bad-html", "<!--", "<!-- -->")

    def handle_decl(self, decl: str) -> None:
        self._refuse("bad-html", "<!", f"<!{decl[:20]}>")

    def handle_pi(self, data: str) -> None:
        self._refuse("bad-html", "<?", f"<?{data[:20]}>")

    def unknown_decl(self, data: str) -> None:
        self.handle_decl(data)


class _Balance(HTMLParser):
    """Finds elements that are opened and not closed, or closed out of turn."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID_TAGS:
            self.wrong.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open and self.open[-1] == tag:
            self.open.pop()
        else:
            self.wrong.append(tag)
