"""The HTML that authors write themselves, held against the short list of what an article may contain."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.entities import html5 as named_references
from html.parser import HTMLParser

from plugins.magazine.frontmatter import CONTROL
from plugins.magazine.limits import DEEPEST
from plugins.magazine.lines import Finder
from plugins.magazine.messages import Report

# What authors may use of raw HTML. Links, pictures and headings are written in Markdown, where they are looked after.
HTML_TAGS = frozenset(
    "abbr b bdi bdo br cite code del details dfn div em i ins kbd mark p pre q rp rt ruby s samp small span strong sub"
    " summary sup time u var wbr".split()
)
BLOCK_TAGS = frozenset(("details", "div", "p", "pre"))
"""Those that cannot stand inside a paragraph."""
HTML_ATTRIBUTES = frozenset("lang dir title class id datetime open".split())
VOID_TAGS = frozenset(("br", "hr", "wbr", "img", "input"))
ACTIVE_TAGS = frozenset(
    ("script", "style", "iframe", "object", "embed", "applet", "form", "base", "meta", "link", "svg")
)


def check(pieces: Iterable[str], html: str, finder: Finder, report: Report) -> list[str]:
    """Report what an article may not contain of HTML: in the `pieces` its author wrote and in the finished `html`.

    Gives the ids in the pieces, which links may lead to. Raises RecursionError for what is nested too deep.
    """
    _check_references(html, finder, report)
    anchors: list[str] = []
    written = False
    for piece in pieces:
        written = True
        _Pieces(finder, report, anchors).read(piece)
    if written:
        _check_balance(html, finder, report)
    return anchors


def _check_balance(html: str, finder: Finder, report: Report) -> None:
    balance = _Balance()
    balance.read(html)
    if balance.deepest > DEEPEST:
        raise RecursionError
    for tag in [*balance.wrong, *balance.open]:
        report.add("unbalanced-html", finder.line(f"<{tag}", f"</{tag}"), what=f"<{tag}>")


def _check_references(html: str, finder: Finder, report: Report) -> None:
    """Refuse references to characters that no text may contain, and names that stand for none."""
    for match in _REFERENCE.finditer(html) if "&" in html else ():
        name = match[1]
        if not name.startswith("#"):
            if f"{name};" not in named_references:
                report.add("bad-html", finder.line(match[0]), what=match[0])
        elif not (number := _number(name)) or CONTROL.match(chr(number)):
            report.add("control-character", finder.line(match[0]), character=f"U+{number:04X}")


ENDLESS_REFERENCE = re.compile(r"&#x?[0-9a-f]{9}", re.IGNORECASE)
"""A number that no parser of HTML takes in."""
_REFERENCE = re.compile(r"&(#[0-9]+|#x[0-9a-f]+|[a-z][a-z0-9]*);", re.IGNORECASE)


def _number(reference: str) -> int:
    """The code point that "#7" or "#x1F" stands for; 0 if there is none such."""
    digits = reference[1:].lower()
    number = int(digits[1:], 16) if digits[0] == "x" else int(digits)
    return 0 if number > 0x10FFFF or 0xD800 <= number < 0xE000 else number


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)

    def read(self, html: str) -> None:
        try:
            self.feed(html)
            self.close()
        except AssertionError:  # how the parser says that it does not know a "<![x[ … ]]>"
            self.handle_decl("[")


class _Pieces(_Parser):
    """Goes through one piece of HTML as it was written."""

    def __init__(self, finder: Finder, report: Report, anchors: list[str]) -> None:
        super().__init__()
        self.finder, self.report, self.anchors = finder, report, anchors

    def _refuse(self, code: str, what: str, *needles: str) -> None:
        self.report.add(code, self.finder.line(*needles), what=what)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        written = (self.get_starttag_text() or "")[: len(tag) + 1]
        if tag not in HTML_TAGS:
            self._refuse("script" if tag in ACTIVE_TAGS else "bad-html", f"<{tag}>", written)
            return
        for name, value in attrs:
            if name == "id":
                self.anchors.append(value or "")
            if name not in HTML_ATTRIBUTES:
                self._refuse("script" if name.startswith("on") else "bad-html", f"<{tag} {name}>", written, name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_comment(self, data: str) -> None:
        self._refuse("bad-html", "<!-- -->", "<!--")

    def handle_decl(self, decl: str) -> None:
        self._refuse("bad-html", f"<!{decl[:20]}>", "<!")

    def handle_pi(self, data: str) -> None:
        self._refuse("bad-html", f"<?{data[:20]}>", "<?")

    def unknown_decl(self, data: str) -> None:
        self.handle_decl(data)

    def handle_data(self, data: str) -> None:
        if "<" in data:  # it begins as an element and is none: browsers may not agree on where it ends
            begun = data[data.index("<") :].split("\n")[0][:20]
            self._refuse("bad-html", begun, begun, "<")


class _Balance(_Parser):
    """Finds elements that are opened and not closed, or closed out of turn, or blocks inside a paragraph."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.deepest = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in BLOCK_TAGS and "p" in self.open:
            self.wrong.append(tag)
        if tag not in VOID_TAGS:
            self.open.append(tag)
            self.deepest = max(self.deepest, len(self.open))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID_TAGS:
            self.wrong.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.open:
            self.wrong.append(tag)
            return
        while (last := self.open.pop()) != tag:
            self.wrong.append(last)
