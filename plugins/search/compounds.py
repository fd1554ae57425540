"""Compounds: which known words a long word is made of. samverkansråd is samverkan and råd."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Set

from plugins.search.analysis import STOP_WORDS, root

SHORTEST = 3
JOINTS = "soeua"
"""Letters that a first part may have before the next: samverkan-s-råd, kyrk-o-gård, gat-u-lykta."""


MOST_REMEMBERED = 50_000
"""Of the many beginnings of words that are tried, the results of so many are kept at a time."""


class Splitter:
    """Takes words apart by the words that a magazine uses."""

    def __init__(self, known: Set[str], roots: Container[str] | None = None) -> None:
        """`known` are the words that are fit to be parts; `roots` are theirs, for those who know."""
        self._known = known
        self._roots = roots if roots is not None else {root(word) for word in known}
        self._heads: dict[str, tuple[str, str]] = {}
        self._splits: dict[str, tuple[str, str, str] | None] = {}
        self._parts: dict[str, tuple[str, ...]] = {}
        self._compounds: set[str] = set()

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
            self._compounds.add(word)
        return self._parts[word]

    def compounds(self, words: Iterable[str]) -> set[str]:
        """Those of the words that have parts."""
        own = set(words)
        for word in own.difference(self._parts):
            self.parts(word)
        return own & self._compounds

    def halves(self, word: str) -> tuple[str, ...]:
        """The roots of the two words that a compound is made of at last; empty if it is none."""
        best = self._split(word)
        return (best[1], root(best[2])) if best else ()

    def _split(self, word: str) -> tuple[str, str, str] | None:
        """A word's head without its joint, that one's root, and the tail; nothing if it is no compound."""
        if word not in self._splits:
            self._splits[word] = self._find_split(word)
        return self._splits[word]

    def _find_split(self, word: str) -> tuple[str, str, str] | None:
        """Of all ways to cut it in two known words the one whose shorter part is longest; of equals the first."""
        length = len(word)
        known = self._known
        for shorter in range(length // 2, SHORTEST - 1, -1):
            for cut in (shorter, length - shorter):
                tail = word[cut:]
                if tail in known:
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
        if text in self._known:
            return text, root(text)
        shorter = text[:-1]
        if len(shorter) >= SHORTEST and text[-1] in JOINTS and (shorter in self._known or shorter in self._roots):
            return shorter, root(shorter)
        if text in self._roots and text not in STOP_WORDS:
            return text, text
        return "", ""


def fit(word: str, texts: int) -> bool:
    """Whether a word that stands in so many texts may be a part of others."""
    if len(word) < SHORTEST or (len(word) == SHORTEST and texts < 3) or not texts:
        return False
    return word not in STOP_WORDS and word.isalpha()


def fit_among(uses: Mapping[str, int]) -> set[str]:
    """Those fit to be parts of the words that stand in so many texts each."""
    return {word for word, texts in uses.items() if fit(word, texts)}


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
