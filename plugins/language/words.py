"""Words that there are better ones for: official jargon, and those that the magazine itself avoids."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from plugins.language.prose import Word

JARGON = Path(__file__).with_name("jargon.txt")

ENDINGS = {
    "": (),
    "ar": ("", "r", "de", "t", "s", "des", "ts", "d", "nde"),
    "en": ("", "en", "n", "ar", "arna", "er", "erna", "s", "ens", "arnas"),
    "adj": ("", "t", "a"),
}
"""What is put behind a word, by the name of its inflection in the list."""

USUAL = (
    "s", "n", "en", "et", "t", "na", "a", "ar", "arna", "er", "erna", "or", "orna", "ns", "ens", "ets", "nas", "arnas",
    "ernas", "ornas", "r", "de", "des", "ts", "d", "nde",
)  # fmt: skip
"""The endings of Swedish nouns, verbs and adjectives: for words of which nothing else is known."""

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A word or phrase as it was written, where it stands, and what to write instead."""

    text: str
    first: Word
    better: str


class Better:
    """Phrases, in all their forms, with what is better; finds the longest that begins at a word."""

    def __init__(self, phrases: Iterable[tuple[Phrase, str]]) -> None:
        self._by_first: dict[str, list[tuple[Phrase, str]]] = {}
        for phrase, better in phrases:
            self._by_first.setdefault(phrase[0], []).append((phrase, better))
        for several in self._by_first.values():
            several.sort(key=lambda pair: -len(pair[0]))

    def find(self, words: Sequence[Word]) -> Iterator[Found]:
        """Every phrase among the words of a sentence, quoted words left out."""
        lower = tuple(word.lower for word in words)
        after = 0
        for at, first in enumerate(lower):
            if at < after or words[at].quoted:
                continue
            for phrase, better in self._by_first.get(first, ()):
                end = at + len(phrase)
                if lower[at:end] == phrase:
                    yield Found(" ".join(word.text for word in words[at:end]), words[at], better)
                    after = end
                    break


@cache
def jargon() -> Better:
    """The list that comes with the software."""
    return Better(_read(JARGON.read_text(encoding="utf-8")))


def avoided(words: Mapping[str, str]) -> Better:
    """A magazine's own list, of words or phrases, with the usual endings."""
    return Better(
        ((form, *rest), better)
        for word, better in words.items()
        for first, *rest in [word.lower().split()]
        for form in forms(first)
    )


def forms(word: str) -> set[str]:
    """A word with the endings that Swedish words have; some of them may be no words at all."""
    found = {word, *(word + ending for ending in USUAL)}
    if word.endswith("a"):
        found |= {word[:-1] + ending for ending in ("or", "orna", "er", "ade", "at", "ad", "ades", "ats")}
    if word.endswith("e"):
        found |= {word[:-1] + ending for ending in ("ar", "arna", "arnas", "na", "nas")}
    return found


def _read(text: str) -> Iterator[tuple[Phrase, str]]:
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        phrase, inflection, better = (part.strip() for part in line.split("|"))
        first, *rest = phrase.split()
        endings = ENDINGS.get(inflection)
        inflected = inflection.split() if endings is None else [first + ending for ending in endings]
        for form in {first, *inflected}:
            yield (form, *rest), better
