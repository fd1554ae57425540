"""Takes a file apart into its header and its body, and the header into values that know their line.

The header is YAML between two lines `---`, or Pelican's plain `Key: value` lines up to the first empty line. All
scalars stay text: what a value means is for the schema to say, so that a title may be "2026" or "Ja". YAML's anchors
and tags are refused; so nothing in a header can grow or make objects.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from plugins.magazine.messages import N_, Report

MAX_BYTES = 1_000_000
MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Text:
    value: str
    line: int
    written: bool = True
    """False if nothing stands after the colon: `alt:`, but not `alt: ""`."""


@dataclass(frozen=True, slots=True)
class Sequence:
    items: tuple[Value, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Group:
    entries: dict[str, Value]
    line: int
    key_lines: dict[str, int] = field(default_factory=dict)


Value = Text | Sequence | Group


@dataclass(frozen=True, slots=True)
class Document:
    """A file taken apart. `body_line` is the line on which the body begins, from 1."""

    header: Group
    body: str
    body_line: int
    plain: bool = False


CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_PLAIN = re.compile(r"([A-Za-zÅÄÖåäö][\wåäö-]*)[ \t]*:(?:[ \t]+(.*)|[ \t]*)$")

_COMMENT = re.compile(r"^[ \t]*[\w-]+:[ \t]+[^\s\"'#>|\[{][^\n]*?[ \t](#[^\s#][^\n]*)$", re.MULTILINE)
"""A sign # after a space, with a letter or a figure behind it: meant as text, but YAML leaves it out."""

SIGN = N_("a value begins with {sign}, so put quotation marks around it")


def decode(data: bytes, report: Report) -> str | None:
    """The file's text with line ends as `\\n`, or None after reporting why it is not one."""
    if len(data) > MAX_BYTES:
        report.add("too-large", limit=report.words.size(MAX_BYTES))
        return None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        report.add("not-utf8", data.count(b"\n", 0, error.start) + 1)
        return None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", " ").replace("\u2029", " ")  # invisible: no editor counts them as line ends
    if not text.strip():
        report.add("empty-file")
        return None
    controls = list(CONTROL.finditer(text))
    for match in controls[:10]:
        report.add("control-character", text.count("\n", 0, match.start()) + 1, character=f"U+{ord(match[0]):04X}")
    return None if controls else text


def take_apart(text: str, report: Report) -> Document | None:
    """Separate header and body. None after reporting, if there is no header that can be read."""
    lines = text.split("\n")
    start = next(i for i, line in enumerate(lines) if line.strip())
    if lines[start].rstrip() == "---":
        end = next((i for i in range(start + 1, len(lines)) if lines[i].rstrip() in ("---", "...")), None)
        if end is None:
            report.add("open-header", start + 1)
            return None
        header = _yaml("\n".join(lines[start + 1 : end]), start + 2, report)
        return None if header is None else Document(header, "\n".join(lines[end + 1 :]), end + 2)
    if not _PLAIN.match(lines[start]):
        report.add("no-header", start + 1)
        return None
    return _plain(lines, start, report)


def _plain(lines: list[str], start: int, report: Report) -> Document:
    entries: dict[str, Value] = {}
    key_lines: dict[str, int] = {}
    end = start
    key = ""
    while end < len(lines) and lines[end].strip():
        line = lines[end]
        match = _PLAIN.match(line)
        if match:
            key = match[1].lower()
            if key in entries:
                report.add("repeated-key", end + 1, key=key)
            entries[key] = Text((match[2] or "").strip(), end + 1)
            key_lines[key] = end + 1
        elif line[:1] in " \t" and key:  # a long value goes on, indented, on the next line
            before = entries[key]
            assert isinstance(before, Text)
            entries[key] = Text(f"{before.value} {line.strip()}".strip(), before.line)
        else:
            break
        end += 1
    return Document(Group(entries, start + 1, key_lines), "\n".join(lines[end:]), end + 1, plain=True)


class _Refused(Exception):
    """Something in the header for which the rest of it is not read."""

    def __init__(self, line: int, code: str, **facts: str) -> None:
        self.line, self.code, self.facts = line, code, facts


def _yaml(text: str, first_line: int, report: Report) -> Group | None:
    try:
        value = _document(yaml.parse(text, Loader=yaml.CSafeLoader), first_line, report)
    except _Refused as refused:
        report.add(refused.code, refused.line, **refused.facts)
        return None
    except yaml.MarkedYAMLError as error:
        line, reason = _usual_mistake(error, text, report)
        report.add("bad-yaml", line + first_line, reason=reason)
        return None
    except (yaml.YAMLError, ValueError):
        report.add("bad-yaml", first_line, reason=report.words.gettext("it is not YAML"))
        return None
    if not isinstance(value, Group):
        report.add("bad-yaml", first_line, reason=report.words.gettext("it is not lines of the form key: value"))
        return None
    for match in _COMMENT.finditer(text):
        report.add("cut-by-hash", text.count("\n", 0, match.start()) + first_line, text=match[1])
    return value


# Values are made from YAML's events and not from its nodes: what is too deep is refused before it is ever put together,
# which YAML's own composer would do with the system's stack, and end the whole process.


def _document(events: Iterator[yaml.Event], first_line: int, report: Report) -> Value:
    next(events)  # the beginning of the text
    if isinstance(next(events), yaml.StreamEndEvent):
        return Group({}, first_line)
    value = _value(next(events), events, first_line, 0, report)
    next(events)  # the end of the document
    after = next(events)
    if not isinstance(after, yaml.StreamEndEvent):
        raise _Refused(_line(after, first_line), "bad-yaml", reason=report.words.gettext("it is not YAML"))
    return value


def _value(event: yaml.Event, events: Iterator[yaml.Event], first_line: int, depth: int, report: Report) -> Value:
    """What begins with this event."""
    line = _line(event, first_line)
    if sign := _sign(event):
        raise _Refused(line, "bad-yaml", reason=report.words.gettext(SIGN).format(sign=sign))
    if depth > MAX_DEPTH:
        raise _Refused(line, "too-tangled")
    if isinstance(event, yaml.ScalarEvent):
        return _text(event, line, report)
    if isinstance(event, yaml.SequenceStartEvent):
        items = []
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            items.append(_value(item, events, first_line, depth + 1, report))
        return Sequence(tuple(items), line)
    entries: dict[str, Value] = {}
    key_lines: dict[str, int] = {}
    while not isinstance(key_event := next(events), yaml.MappingEndEvent):
        key_line = _line(key_event, first_line)
        _value(key_event, events, first_line, depth + 1, report)
        value = _value(next(events), events, first_line, depth + 1, report)
        if not isinstance(key_event, yaml.ScalarEvent):
            report.add("bad-yaml", key_line, reason=report.words.gettext("a key must be a word"))
            continue
        key = key_event.value.strip()
        if key in entries:
            report.add("repeated-key", key_line, key=key)
            continue
        entries[key] = value
        key_lines[key] = key_line
    return Group(entries, line, key_lines)


def _sign(event: yaml.Event) -> str:
    """The sign of what YAML has and headers have not: names for values, uses of such names, types."""
    if isinstance(event, yaml.AliasEvent):
        return "*"
    if isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
        return "&" if event.anchor is not None else "!" if event.tag is not None else ""
    return ""


def _line(event: yaml.Event, first_line: int) -> int:
    return (event.start_mark.line if event.start_mark else 0) + first_line


def _text(event: yaml.ScalarEvent, line: int, report: Report) -> Text:
    value = event.value
    if control := CONTROL.search(value):  # written as an escape, "\u0007"
        report.add("control-character", line, character=f"U+{ord(control[0]):04X}")
        value = CONTROL.sub("", value)
    absent = not event.style and value in ("", "~", "null", "Null", "NULL")
    return Text("" if absent else value.strip(), line, written=not absent)


OPEN_QUOTE = N_("a quotation mark is never closed, so write the other one too")
_USUAL = (
    (
        re.compile(r" *\u00a0|[^:]*:\u00a0"),
        N_("there is a space of another kind (non-breaking), so write an ordinary one"),
    ),
    (re.compile(r" *(?:- )?[a-z_]+:(?=[^\s/])"), N_("the space after the colon is missing")),
    (re.compile(r' *(?:- )?[a-z_]+: +"(?:[^"\\]|\\.)*$'), OPEN_QUOTE),
)
"""What people write by mistake in a line, and what is said about it."""


def _usual_mistake(error: yaml.MarkedYAMLError, text: str, report: Report) -> tuple[int, str]:
    """Where a mistake was made and what it is: YAML notices the usual ones only some lines further down."""
    mark = error.problem_mark or error.context_mark
    noticed = mark.line if mark else 0
    for at, line in enumerate(text.split("\n")[: noticed + 1]):
        for mistake, reason in _USUAL:
            if mistake.match(line):
                return at, report.words.gettext(reason)
    return noticed, _reason(error, text, report)


def _reason(error: yaml.MarkedYAMLError, text: str, report: Report) -> str:
    """YAML's own complaint in plain words; the usual mistakes have words of their own."""
    said = error.problem or ""
    mark = error.problem_mark
    lines = text.split("\n")
    sign = lines[mark.line][mark.column : mark.column + 1] if mark and mark.line < len(lines) else ""
    gettext = report.words.gettext
    if "mapping values are not allowed" in said:
        return gettext("there is a colon inside the value, so put quotation marks around the value")
    if sign == "\t":
        return gettext("there is a tab, so use spaces instead")
    if "cannot start any token" in said:
        return gettext(SIGN).format(sign=sign)
    if "unexpected end of stream" in said or "unexpected end" in said:
        return gettext(OPEN_QUOTE)
    if "expected <block end>" in said or "did not find expected" in said:
        return gettext("look at the indentation, brackets, quotation marks and the colon after the key")
    return gettext("it is not YAML") + f" ({said})"
