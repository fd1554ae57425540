"""From a Markdown text to its sentences, each with the line on which it stands.

Everything that is not prose (markup, addresses, code, tables, words in other languages) is replaced by blanks of the
same length. So a position in what is left is a position in the text, and a line is found by counting.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    TEXT = "text"
    HEADING = "heading"
    QUOTED = "quoted"
    """What somebody else says: a block quotation, or a line that begins with a dash."""


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    start: int
    """Where it stands in the text."""
    line: int
    """On which line of the file, from 1."""
    quoted: bool = False
    """Between quotation marks, or in italics."""
    partial: bool = False
    """A hyphen takes the place of the rest: "gurk- och tomatodlare", "13-åring"."""

    @property
    def lower(self) -> str:
        return self.text.lower()


@dataclass(frozen=True, slots=True)
class Sentence:
    words: tuple[Word, ...]
    kind: Kind

    @property
    def line(self) -> int:
        return self.words[0].line

    @property
    def beginning(self) -> str:
        """Its first words, by which one finds it."""
        return " ".join(word.text for word in self.words[:4])


def sentences(text: str, first_line: int = 1) -> tuple[Sentence, ...]:
    """The sentences of a Markdown text, whose first line has the number `first_line` in its file."""
    starts = [0, *(match.end() for match in re.finditer("\n", text))]
    prose = _masked(text)
    found = []
    for start, end, kind in _blocks(prose):
        block = _without_marks(prose[start:end])
        quoted = [match.span() for match in _QUOTATION.finditer(prose[start:end])]
        openings = [opening for opening, _ in quoted]
        for one, other in _sentences(block):
            words = []
            for match in WORD.finditer(block, one, other):
                at = start + match.start()
                line = first_line - 1 + bisect_right(starts, at)
                before = bisect_right(openings, match.start()) - 1
                in_quotes = before >= 0 and match.start() < quoted[before][1]
                partial = "-" in (block[match.start() - 1 : match.start()], block[match.end() : match.end() + 1])
                words.append(Word(match[0], at, line, in_quotes, partial))
            if words:
                found.append(Sentence(tuple(words), kind))
    return tuple(found)


WORD = re.compile(r"\d+(?:[.,:]\d+)*(?:[ \xa0]\d{3}\b)*|[^\W\d_]+(?:[-’':][^\W\d_]+)*")
"""A word or a number: "13.30", "86 400", "e-post", "EU:s"."""

# -- What is not prose -------------------------------------------------------------------------------------------------

# Every repetition that could run on has an end: a text may be a megabyte of one sign.
_NOT_PROSE = re.compile(
    r"<!--.{0,5000}?-->"
    r"|(?P<ticks>`{1,3})[^`].{0,500}?(?P=ticks)"
    r"|(?P<mark>\*{1,3}|_{1,3})[^*_\n]{1,300}(?P=mark)\{[^{}\n]{0,100}\blang=[^{}\n]{0,100}\}"  # in another language
    r"|<(?P<tag>\w{1,20})\b[^<>]{0,300}\blang=[^<>]{0,300}>.{0,2000}?</(?P=tag)>"
    r"|^\*\[[^\]\n]{1,200}\]:[^\n]*$"  # what an abbreviation stands for
    r"|^[ ]{0,3}\[[^\]^\n][^\]\n]{0,200}\]:[^\n]*$"  # addresses of links
    r"|^[^\n|]*\|[^\n]*\|[^\n]*$|^[ ]*\|[^\n]*$|^[^\n|]+\|[^\n]*\n(?=[^\n]*-)[ |:-]+$"  # tables
    r"|!\[[^\]]{0,1000}\]\([^)]{0,1000}\)"  # pictures
    r"|\[\^[^\]\n]{1,100}\]:?"  # marks of footnotes
    r"|\[(?:FYLL I|FILL IN):[^\]]{0,1000}\]"
    r"|\]\([^)\s]{0,1000}(?:\s+\"[^\"]{0,300}\"|\s+'[^']{0,300}')?\)|\]\[[^\]\n]{0,200}\]"  # the targets of links
    r"|</?[a-zA-Z][^<>]{0,1000}>"
    r"|\b(?:https?://|www\.)\S+|[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,190}"
    r"|\{:?[^{}\n]{0,300}\}"
    r"|&#?\w{1,32};",
    re.MULTILINE | re.DOTALL,
)

_CODE = re.compile(r"^[ >]*(`{3,}|~{3,})[^\n]*\n.*?(?:^[ >]*\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)

_LANGUAGE = re.compile(r"^[ ]{0,8}\{:?[^{}\n]{0,200}\blang=[^{}\n]{0,200}\}[ \t]*$", re.MULTILINE)
"""The line under a paragraph that says its language."""

LONGEST_PARAGRAPH = 20_000
"""How many characters above that line its paragraph may begin."""

_MARKS = re.compile(r"[\[\]*\\]|(?<!\w)_+|_+(?!\w)")


def _masked(text: str) -> str:
    """The text with blanks for what is not prose; line ends stay."""
    text = _CODE.sub(lambda match: _blanks(match[0]), text)
    pieces, after = [], 0
    for match in _LANGUAGE.finditer(text):
        start = max(after, text.rfind("\n\n", max(0, match.start() - LONGEST_PARAGRAPH), match.start()) + 1)
        pieces += [text[after:start], _blanks(text[start : match.end()])]
        after = match.end()
    return _NOT_PROSE.sub(lambda match: _blanks(match[0]), "".join([*pieces, text[after:]]))


def _blanks(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def _without_marks(block: str) -> str:
    """A block with blanks for the signs of emphasis, and for those at the beginning of its lines."""
    block = _LINE_MARK.sub(lambda match: _blanks(match[0]), block)
    return _MARKS.sub(lambda match: _blanks(match[0]), block)


_LINE_MARK = re.compile(r"^[ \t]*(?:(?:[-*+>:]|#{1,6}|\d+[.)]|–|—|--)[ \t]+|>)+", re.MULTILINE)

# -- Blocks ------------------------------------------------------------------------------------------------------------

_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+\S")
_HEADING = re.compile(r"[ ]{0,3}#{1,6}[ \t]")
_DASH = re.compile(r"[ \t]*(?:[-*+][ \t]+)?(?:–|—|--)[ \t]*\S")
_RULE = re.compile(r"[ \t]*(?:=+|-+|(?:[-*_][ \t]*){3,})$")


def _blocks(text: str) -> Iterator[tuple[int, int, Kind]]:
    """Where each paragraph, heading, item of a list and line of speech begins and ends."""
    start, at, kind, in_list, after_blank = -1, 0, Kind.TEXT, False, True
    for line in text.split("\n"):
        end = at + len(line)
        blank = not line.strip() or bool(_RULE.fullmatch(line))
        code = after_blank and not in_list and line.startswith(("    ", "\t"))
        own = _kind(line)
        begins = own is not None or after_blank
        if start >= 0 and (blank or code or begins or (kind is Kind.HEADING)):
            yield start, at, kind
            start = -1
        if not blank and not code:
            if start < 0:
                start, kind = at, own or Kind.TEXT
            in_list = bool(_ITEM.match(line)) or (in_list and (not after_blank or line.startswith((" ", "\t"))))
        after_blank = blank
        at = end + 1
    if start >= 0:
        yield start, len(text), kind


def _kind(line: str) -> Kind | None:
    """What begins with this line; None if it may go on with what is above it."""
    if _HEADING.match(line):
        return Kind.HEADING
    if line.lstrip().startswith(">") or _DASH.match(line):
        return Kind.QUOTED
    return Kind.TEXT if _ITEM.match(line) or line.startswith(": ") else None


# -- Sentences ---------------------------------------------------------------------------------------------------------

ABBREVIATIONS = frozenset(
    "kl nr ca s sid st tel t.ex t ex bl.a bl a d.v.s dvs f.d fd m.m mm m.fl mfl o.s.v osv o.d p.g.a pga s.k sk ev exkl "
    "inkl jfr kap kr max min milj mkr obs resp tfn ung vol årg dr mr mrs prof f.n fr.o.m t.o.m u.å jan feb aug sept "
    "okt nov dec mån tis ons tors fre lör sön".split()
)
_END = re.compile(r"[.!?…]+[\"”’)\]]*(?=\s++[\"“”‘’»(\[–—]*+\s*+[A-ZÅÄÖÉÜ\d])")
_BEFORE = re.compile(r"[\w.]+$")
_QUOTATION = re.compile(
    r"”[^”]{1,300}”|\"[^\"]{1,300}\"|“[^”]{1,300}”|»[^«»]{1,300}[«»]"
    r"|(?<![*\w])\*(?![*\s])[^*]{1,300}\*(?!\*)|(?<!\w)_(?![_\s])[^_]{1,300}_(?!\w)"
)
"""Between quotation marks, or in italics: words that somebody else has said, or that the text is about."""


def _sentences(block: str) -> Iterator[tuple[int, int]]:
    """Where each sentence of a block begins and ends."""
    start = 0
    for match in _END.finditer(block):
        before = _BEFORE.search(block, max(start, match.start() - 12), match.start())
        word = before[0].lower() if before else ""
        if match[0] == "." and (word in ABBREVIATIONS or (len(word) == 1 and word.isalpha())):
            continue
        yield start, match.end()
        start = match.end()
    yield start, len(block)
