"""On which line something stands in a text: Markdown's tree does not keep lines, so they are looked up."""

from __future__ import annotations

import re
from collections import defaultdict


class Finder:
    """Knows the text, and where it has already looked: asked for the same again, it goes on to the next."""

    def __init__(self, text: str, first_line: int) -> None:
        self.text = text.lstrip("\n")
        self.first_line = first_line + len(text) - len(self.text)
        self._after: dict[str, int] = defaultdict(int)
        self._headings: list[tuple[int, int, str]] | None = None

    def line(self, *needles: str) -> int:
        """The line of the next occurrence of the first needle that occurs: asked again, it goes on to the one after."""
        for needle in needles:
            at = self.text.find(needle, self._after[needle])
            at = at if at >= 0 else self.text.find(needle)
            if at >= 0:
                self._after[needle] = at + len(needle)
                return self._line_at(at)
        return self.first_line

    def target(self, target: str) -> int:
        """The line of the next link or picture with this target."""
        for opening in ("](", "](<"):
            needle = opening + target
            at = self.text.find(needle, self._after[needle])
            while at >= 0 and self.text[at + len(needle) : at + len(needle) + 1] not in _AFTER_TARGET:
                at = self.text.find(needle, at + 1)
            if at >= 0:
                self._after[needle] = at + len(needle)
                return self._line_at(at)
        return self.line(target) if target else self.first_line

    def heading(self, level: int, text: str) -> int:
        """The line of the next heading of this level with this text; to be asked for every heading, in order."""
        if self._headings is None:
            self._headings = [
                (self._line_at(match.start()), _level(match), match[2] or match[3] or "")
                for match in _HEADING.finditer(self.text)
            ]
            self._headings.reverse()
        first = _WORD.search(text)
        word = first[0] if first else ""
        for i in range(len(self._headings) - 1, -1, -1):
            line, own_level, said = self._headings[i]
            if own_level == level and (word in said if word else not _WORD.search(said)):
                del self._headings[i:]
                return line
        return self.first_line

    def _line_at(self, position: int) -> int:
        return self.first_line + self.text.count("\n", 0, position)


_AFTER_TARGET = frozenset((")", ">", " ", "\t", "\n", '"', "'"))
_WORD = re.compile(r"\w+")
_HEADING = re.compile(r"^(?:[ >\t]|[-*+][ \t]|\d+\.[ \t])*(?:(#{1,6})(.*)|(\S.*)\n[ >\t]*(=+|-+)[ \t]*)$", re.MULTILINE)


def _level(match: re.Match[str]) -> int:
    return len(match[1]) if match[1] else 1 if match[4][0] == "=" else 2
