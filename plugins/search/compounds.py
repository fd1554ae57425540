"""Compounds: which known words a long word is made of. samverkansråd is samverkan and råd."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from plugins.search.analysis import STOP_WORDS, root

SHORTEST = 3
JOINTS = "soeua"
"""Letters that a first part may have before the next: samverkan-s-råd, kyrk-o-gård, gat-u-lykta."""


MOST_REMEMBERED = 50_000
"""Of the many beginnings of words that are tried, the results of so many are kept at a time."""


class Splitter:
    """Takes words apart by the words that a magazine uses: `uses` says how many texts each stands in."""

    def __init__(self, uses: Mapping[str, int], roots: Mapping[str, int] | None = None) -> None:
        """`roots` says how many fit words of `uses` have each root, for those who know."""
        self._uses = uses
        self._roots = (
            roots if roots is not None else {root(word): 1 for word, texts in uses.items() if fit(word, texts)}
        )
        self._heads: dict[str, tuple[str, str]] = {}
        self.known_parts: dict[str, tuple[str, ...]] = {}

    def parts(self, word: str) -> tuple[str, ...]:
        """The roots of the parts of a word, in order, parts of parts included; empty if it is none."""
        if word in self.known_parts:
            return self.known_parts[word]
        self.known_parts[word] = ()
        best = self._split(word)
        if best:
            head, head_root, tail = best
            found = (*self.parts(head), head_root, root(tail), *self.parts(tail))
            self.known_parts[word] = tuple(dict.fromkeys(found))
        return self.known_parts[word]

    def halves(self, word: str) -> tuple[str, ...]:
        """The roots of the two words that a compound is made of at last; empty if it is none."""
        best = self._split(word)
        return (best[1], root(best[2])) if best else ()

    def _split(self, word: str) -> tuple[str, str, str] | None:
        """Of all ways to cut it in two known words the one whose shorter part is longest; of equals the first."""
        length = len(word)
        uses = self._uses
        for shorter in range(length // 2, SHORTEST - 1, -1):
            for cut in (shorter, length - shorter):
                tail = word[cut:]
                if tail in uses and fit(tail, uses[tail]):
                    head, head_root = self._head(word[:cut])
                    if head_root:
                        return head, head_root, tail
        return None

    def _head(self, text: str) -> tuple[str, str]:
        """A first part without its joint, and its root; two empty texts if no known word makes one."""
        if text not in self._heads:
            if len(self._heads) > MOST_REMEMBERED:
                self._heads.clear()
            self._heads[text] = self._find_head(text)
        return self._heads[text]

    def _find_head(self, text: str) -> tuple[str, str]:
        if self._knows(text):
            return text, root(text)
        shorter = text[:-1]
        if len(shorter) >= SHORTEST and text[-1] in JOINTS and (self._knows(shorter) or shorter in self._roots):
            return shorter, root(shorter)
        if text in self._roots and text not in STOP_WORDS:
            return text, text
        return "", ""

    def _knows(self, word: str) -> bool:
        return word in self._uses and fit(word, self._uses[word])


def fit(word: str, texts: int) -> bool:
    """Whether a word that stands in so many texts may be a part of others."""
    if len(word) < SHORTEST or (len(word) == SHORTEST and texts < 3) or not texts:
        return False
    return word not in STOP_WORDS and word.isalpha()


def having_parts(words: Iterable[str], parts: Iterable[str]) -> set[str]:
    """Those of the words that may be taken apart in another way when words with these roots come or go."""
    text = "\n".join(["", *words, ""])
    found: set[str] = set()
    for part in parts:
        at = text.find(part)
        while at >= 0:
            end = text.index("\n", at)
            found.add(text[text.rindex("\n", 0, at) + 1 : end])
            at = text.find(part, end)
    return found
