"""What a mail is put together from: a head, sections of which readers choose, a foot.

The newsletter fills in two placeholders, and they stand in the foot. What people write is made inert, so that none of
their texts, whatever is in it, can become a placeholder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORD_JOINER = "\N{WORD JOINER}"
"""A character without width."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Any choice of sections, between head and foot, is a whole mail."""

    head: str
    sections: tuple[str, ...]
    foot: str

    @property
    def size(self) -> int:
        """The bytes of the mail with all sections."""
        return sum(len(part.encode()) for part in (self.head, *self.sections, self.foot))


def inert(text: str, joiner: str = WORD_JOINER) -> str:
    """The same to a reader, without `{{`: `joiner` keeps the braces apart."""
    return re.sub(r"\{(?=\{)", "{" + joiner, text)
