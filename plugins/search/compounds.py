"""Compounds: which known words a long word is made of. samverkansråd is samverkan and råd."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from plugins.search.analysis import STOP_WORDS, root

SHORTEST = 3
JOINTS = "soeua"
"""Letters that a first part may have before the next: samverkan-s-råd, kyrk-o-gård, gat-u-lykta."""


class Splitter:
    """Takes words apart by the words that a magazine uses: `uses` says how many texts each stands in."""

    def __init__(self, uses: Mapping[str, int]) -> None:
        self.known = {word for word, texts in uses.items() if _fit(word, texts)}
        self.roots = {root(word) for word in self.known}
        self._heads: dict[str, tuple[str, str]] = {}
        self._parts: dict[str, tuple[str, ...]] = {}

    def parts(self, word: str) -> tuple[str, ...]:
        """The roots of the parts of a word, in order, parts of parts included; empty if it is none."""
        if word in self._parts:
            return self._parts[word]
        self._parts[word] = ()
        best = self._split(word)
        if best:
            head, head_root, tail = best
            found = (*self.parts(head), head_root, root(tail), *self.parts(tail))
            self._parts[word] = tuple(dict.fromkeys(found))
        return self._parts[word]

    def halves(self, word: str) -> tuple[str, ...]:
        """The roots of the two words that a compound is made of at last; empty if it is none."""
        best = self._split(word)
        return (best[1], root(best[2])) if best else ()

    def _split(self, word: str) -> tuple[str, str, str] | None:
        """Of all ways to cut it in two known words the one whose shorter part is longest; of equals the first."""
        length = len(word)
        for shorter in range(length // 2, SHORTEST - 1, -1):
            for cut in (shorter, length - shorter):
                if word[cut:] in self.known:
                    head, head_root = self._head(word[:cut])
                    if head_root:
                        return head, head_root, word[cut:]
        return None

    def _head(self, text: str) -> tuple[str, str]:
        """A first part without its joint, and its root; two empty texts if no known word makes one."""
        if text not in self._heads:
            self._heads[text] = _head(text, self.known, self.roots)
        return self._heads[text]


def _fit(word: str, texts: int) -> bool:
    if len(word) < SHORTEST or word in STOP_WORDS or not word.isalpha():
        return False
    return len(word) > SHORTEST or texts > 2


def _head(text: str, known: Collection[str], roots: Collection[str]) -> tuple[str, str]:
    if text in known:
        return text, root(text)
    shorter = text[:-1]
    if len(shorter) >= SHORTEST and text[-1] in JOINTS and (shorter in known or shorter in roots):
        return shorter, root(shorter)
    if text in roots and text not in STOP_WORDS:
        return text, text
    return "", ""
