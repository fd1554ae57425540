"""What the index says about words: families of forms, and the words as such. Brought from one build to the next.

A build that keeps nothing begins with empty `Terms`; one that has kept those of the build before changes only what some
text's coming and going changes. Both end with the same: every list says what the texts of today say, and nothing else.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from plugins.search.analysis import fold, key, plain_key, root
from plugins.search.compounds import Splitter, fit, having_parts
from plugins.search.contributions import Contribution, levels
from plugins.search.postings import VALUES, level_of, number_of, posting, read, written

_POSTING = [posting(0, level) for level in range(len(VALUES))]

V = TypeVar("V", int, str)

Said = Mapping[int, Contribution]
"""What texts say, by their numbers."""


@dataclass(slots=True)
class Terms:
    families: dict[str, str] = field(default_factory=dict)
    """Each key with what stands under it, as JSON: [key, forms, parts, abbreviations].

    Forms: text and postings by turns; after the text, behind bars, the roots of a compound's halves. Parts: a root and
    the postings of all compounds with such a part. Abbreviations: [short, word, word, …], under the short form and
    under the first of the words.
    """
    words: dict[str, str] = field(default_factory=dict)
    """Each word after a letter for how common it is (one more for each doubling), by the folded word and the word."""
    endings: dict[str, str] = field(default_factory=dict)
    """The same by the folded letters from the last to the first."""
    uses: dict[str, int] = field(default_factory=dict)
    """In how many texts each word stands."""
    roots: dict[str, int] = field(default_factory=dict)
    """How many words that are fit to be parts of others have each root."""
    spelt_out: dict[str, int] = field(default_factory=dict)
    """How many texts spell out each abbreviation: the short form and its words, with spaces between."""

    def update(self, before: Said, after: Said, said: Said) -> None:
        """From what some numbers said until now, `before`, to what they say `after`. `said` is what all say now."""
        forms = _Lists()
        for number in before.keys() | after.keys():
            forms.compare(number, before.get(number), after.get(number))
        changed = forms.names
        counts = {word: self.uses.get(word, 0) + forms.growth(word) for word in changed}
        coming = {word for word in changed if fit(word, counts[word]) != fit(word, self.uses.get(word, 0))}

        splitter = Splitter(self.uses, self.roots)
        suspects = having_parts(self.uses, {root(word) for word in coming}) if self.uses else set()
        old_splits = {word: (splitter.halves(word), splitter.parts(word)) for word in suspects}
        parts = _Lists()
        for number, old in before.items():
            for word in old[0].split(" "):
                for part in splitter.parts(word):
                    parts.removed[part].add(number)

        self._count(counts, coming)
        splitter = Splitter(self.uses, self.roots)
        for number, new in after.items():
            for part, level in _part_levels(new, splitter).items():
                parts.added[part].append(posting(number, level))
        resplit = {
            word
            for word, was in old_splits.items()
            if word in self.uses and was != (splitter.halves(word), splitter.parts(word))
        }
        for number, touched in self._users(resplit, old_splits, splitter).items():
            if number not in before and number not in after:
                found = _part_levels(said[number], splitter, touched)
                for part in touched:
                    parts.removed[part].add(number)
                    if part in found:
                        parts.added[part].append(posting(number, found[part]))

        shorts = self._count_spelt_out(before, after)
        self._rewrite(forms, parts, resplit, shorts, splitter)
        self.families, self.words, self.endings = map(_sorted, (self.families, self.words, self.endings))

    def _count(self, counts: Mapping[str, int], coming: Iterable[str]) -> None:
        for word in coming:
            of_root = self.roots.get(root(word), 0) + (1 if fit(word, counts[word]) else -1)
            _put(self.roots, root(word), of_root)
        for word, texts in counts.items():
            _put(self.uses, word, texts)
            folded = fold(word)
            item = f'"{chr(64 + texts.bit_length())}{word}"' if texts else ""
            _put(self.words, f"{folded} {word}", item)
            _put(self.endings, f"{folded[::-1]} {word}", item)

    def _users(
        self, words: Iterable[str], old: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]], splitter: Splitter
    ) -> dict[int, set[str]]:
        """The numbers of the texts with words that are taken apart in another way now, and the parts concerned."""
        found: dict[int, set[str]] = defaultdict(set)
        for word in words:
            parts = {*old[word][1], *splitter.parts(word)}
            own = json.loads(self.families.get(key(word), '["",[]]'))[1]
            for name, postings in zip(own[::2], own[1::2], strict=True):
                if name.split("|")[0] == word:
                    for entry in read(postings):
                        found[number_of(entry)] |= parts
        return found

    def _count_spelt_out(self, before: Said, after: Said) -> set[str]:
        """Counts what is spelt out; gives what nobody does any more, or somebody does for the first time."""
        counts: dict[str, int] = defaultdict(int)
        for texts, one in ((before, -1), (after, 1)):
            for said in texts.values():
                for line in said[2].split("\n") if said[2] else ():
                    counts[line] += one
        changed = set()
        for line, count in counts.items():
            was, now = self.spelt_out.get(line, 0), self.spelt_out.get(line, 0) + count
            _put(self.spelt_out, line, now)
            if bool(was) != bool(now):
                changed.add(line)
        return changed

    def _rewrite(
        self, forms: _Lists, parts: _Lists, resplit: Iterable[str], shorts: Iterable[str], splitter: Splitter
    ) -> None:
        words_at: dict[str, list[str]] = defaultdict(list)
        parts_at: dict[str, list[str]] = defaultdict(list)
        shorts_at: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for word in {*forms.names, *resplit}:
            for at in {key(word), plain_key(word)}:
                words_at[at].append(word)
        for part in parts.names:
            parts_at[fold(part)].append(part)
        for line in shorts:
            spelt = tuple(line.split(" "))
            for at in {key(spelt[0]), key(spelt[1])}:
                shorts_at[at].append(spelt)
        for at in words_at.keys() | parts_at.keys() | shorts_at.keys():
            old = json.loads(self.families.get(at, "[]"))
            names, lists = {}, {}
            for name, postings in _pairs(old, 1):
                word = name.split("|")[0]
                names[word], lists[word] = name, postings
            for word in words_at.pop(at, ()):
                names[word] = "|".join((word, *splitter.halves(word)))
                _put(lists, word, forms.edited(word, lists.get(word, "")))
            compounds = dict(_pairs(old, 2))
            for part in parts_at.pop(at, ()):
                _put(compounds, part, parts.edited(part, compounds.get(part, "")))
            spelt_out = {tuple(one) for one in (old[3] if len(old) > 3 else ())}
            for spelt in shorts_at.pop(at, ()):
                (spelt_out.add if " ".join(spelt) in self.spelt_out else spelt_out.discard)(spelt)
            _put(
                self.families,
                at,
                _family(at, {names[word]: lists[word] for word in sorted(lists)}, compounds, spelt_out),
            )


class _Lists:
    """Changes of lists of texts, by their names: what is taken away, then what is added."""

    def __init__(self) -> None:
        self.removed: dict[str, set[int]] = defaultdict(set)
        self.added: dict[str, array[int]] = defaultdict(lambda: array("I"))

    @property
    def names(self) -> set[str]:
        return self.removed.keys() | self.added.keys()

    def growth(self, name: str) -> int:
        return len(self.added.get(name, ())) - len(self.removed.get(name, ()))

    def compare(self, number: int, before: Contribution | None, after: Contribution | None) -> None:
        """Note what a text says of other words, or at other levels, than before."""
        old = set(levels(before)) if before else set()
        new = set(levels(after)) if after else set()
        for word, _ in old - new:
            self.removed[word].add(number)
        for word, level in new - old:
            self.added[word].append(_POSTING[level] | number)

    def edited(self, name: str, postings: str) -> str:
        """A list, as written, with its changes."""
        added = self.added.get(name)
        if not postings:
            return written(sorted(added)) if added else ""
        removed = self.removed.get(name, ())
        return written(
            sorted([*(entry for entry in read(postings) if number_of(entry) not in removed), *(added or ())])
        )


def _part_levels(said: Contribution, splitter: Splitter, among: Iterable[str] = ()) -> dict[str, int]:
    """The parts of a text's compounds, each with a level for all that have it; `among` some parts if that is enough."""
    wanted = tuple(among)
    parts = splitter.known_parts
    found: dict[str, float] = {}
    for word, level in levels(said):
        if wanted and not any(part in word for part in wanted):
            continue
        for part in parts[word] if word in parts else splitter.parts(word):
            found[part] = found.get(part, 0.0) + VALUES[level]
    return {part: level_of(value) for part, value in found.items()}


def _pairs(family: list[list[str]], place: int) -> Iterable[tuple[str, str]]:
    lists = family[place] if len(family) > place else []
    return zip(lists[::2], lists[1::2], strict=True)


def _family(
    at: str, forms: Mapping[str, str], compounds: Mapping[str, str], spelt_out: Iterable[tuple[str, ...]]
) -> str:
    """One family as JSON; empty if nothing is left of it. No text in it has anything that JSON would escape."""
    if not (forms or compounds or spelt_out):
        return ""
    own = ",".join([f'"{name}","{postings}"' for name, postings in forms.items()])
    family = f'["{at}",[{own}]'
    if compounds or spelt_out:
        lists = [f'"{part}","{compounds[part]}"' for part in sorted(compounds)]
        family += f",[{','.join(lists)}]"
    if spelt_out:
        family += f",{json.dumps(sorted(spelt_out), ensure_ascii=False, separators=(',', ':'))}"
    return family + "]"


def _sorted(items: dict[str, str]) -> dict[str, str]:
    return {at: items[at] for at in sorted(items)}


def _put(values: dict[str, V], name: str, value: V) -> None:
    """Set a value; an empty one takes the name away."""
    if value:
        values[name] = value
    else:
        values.pop(name, None)
