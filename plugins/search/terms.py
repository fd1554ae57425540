"""What the index says about words: families of forms, and the words as such. Brought from one build to the next.

A build that keeps nothing begins with empty `Terms`; one that has kept those of the build before changes only what some
text's coming and going changes. Both end with the same: every list says what the texts of today say, and nothing else.
"""

from __future__ import annotations

import json
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import TypeVar

from plugins.magazine.parallel import spread
from plugins.search.analysis import fold, key, keys, root
from plugins.search.compounds import Splitter, fit, fit_among, having_parts
from plugins.search.contributions import LETTERS, Contribution, levels
from plugins.search.postings import VALUES, level_of, number_of, posting, read, written
from plugins.search.shards import Items

_POSTING = {letter: posting(0, level) for level, letter in enumerate(LETTERS)}
_VALUE = dict(zip(LETTERS, VALUES, strict=True))

MANY = 10_000
"""So many families are worth the start of processes."""

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
    words: list[str] = field(default_factory=list)
    """Each word after its folded letters and a space, sorted."""
    endings: list[str] = field(default_factory=list)
    """The same with the folded letters from the last to the first."""
    uses: dict[str, int] = field(default_factory=dict)
    """In how many texts each word stands."""
    roots: dict[str, int] = field(default_factory=dict)
    """How many words that are fit to be parts of others have each root."""
    spelt_out: dict[str, int] = field(default_factory=dict)
    """How many texts spell out each abbreviation: the short form and its words, with spaces between."""

    def update(self, before: Said, after: Said, said: Said, jobs: int = 1) -> dict[str, Iterable[str]]:
        """From what some numbers said until now, `before`, to what they say `after`. `said` is what all say now.

        Gives where that has changed something: the keys of families, folded words, and folded endings.
        """
        forms = _Lists()
        for number in before.keys() | after.keys():
            forms.compare(number, before.get(number), after.get(number))
        changed = forms.names
        counts = {word: self.uses.get(word, 0) + forms.growth(word) for word in changed}
        coming = {word for word in changed if fit(word, counts[word]) != fit(word, self.uses.get(word, 0))}

        known = fit_among(self.uses)
        splitter = Splitter(known, self.roots)
        suspects = having_parts(self.uses, {root(word) for word in coming}) if self.uses else set()
        old_splits = {word: (splitter.halves(word), splitter.parts(word)) for word in suspects}
        of_old = {number: _of_parts(old, splitter) for number, old in before.items()}

        self._count(counts, coming)
        splitter = Splitter(known ^ coming, self.roots)
        found = spread(lambda new: _of_parts(new, splitter), list(after.values()), jobs)
        of_new = dict(zip(after, found, strict=True))
        parts = _Lists()
        for number in before.keys() | after.keys():
            parts.compare(number, of_old.get(number), of_new.get(number))
        resplit = {
            word
            for word, was in old_splits.items()
            if word in self.uses and was != (splitter.halves(word), splitter.parts(word))
        }
        for number, touched in self._users(resplit, old_splits, splitter).items():
            if number not in before and number not in after:
                for part in touched:
                    parts.removed[part].add(number)
                parts.compare(number, None, _of_parts(said[number], splitter, touched))

        shorts = self._count_spelt_out(before, after)
        families = self._rewrite(forms, parts, resplit, shorts, splitter, jobs)
        self.families = {at: self.families[at] for at in sorted(self.families)}
        return {
            "terms": families,
            "words": (fold(word) for word in changed),
            "endings": (fold(word)[::-1] for word in changed),
        }

    def families_as_items(self) -> Items:
        texts = list(self.families.values())
        return Items(list(self.families), list(map(len, texts)), lambda start, end: texts[start:end])

    def words_as_items(self, listed: Sequence[str]) -> Items:
        """Of `words` or `endings`: each word after a letter for how common it is, one more for each doubling."""
        folded = [at.partition(" ")[0] for at in listed]
        uses = self.uses

        def items(start: int, end: int) -> Iterator[str]:
            for at in listed[start:end]:
                word = at.partition(" ")[2]
                yield f'"{chr(64 + uses[word].bit_length())}{word}"'

        return Items(folded, [len(at) - len(own) + 2 for at, own in zip(listed, folded, strict=True)], items)

    def _count(self, counts: Mapping[str, int], coming: Iterable[str]) -> None:
        for word in coming:
            of_root = self.roots.get(root(word), 0) + (1 if fit(word, counts[word]) else -1)
            _put(self.roots, root(word), of_root)
        come = [(fold(word), word) for word, texts in counts.items() if texts and word not in self.uses]
        gone = [(fold(word), word) for word, texts in counts.items() if not texts]
        self.words = _merged(self.words, _keys(come), _keys(gone))
        self.endings = _merged(self.endings, _keys(come, -1), _keys(gone, -1))
        for word, texts in counts.items():
            _put(self.uses, word, texts)

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
        self,
        forms: _Lists,
        parts: _Lists,
        resplit: Iterable[str],
        shorts: Iterable[str],
        splitter: Splitter,
        jobs: int,
    ) -> list[str]:
        words_at: dict[str, list[str]] = defaultdict(list)
        parts_at: dict[str, list[str]] = defaultdict(list)
        shorts_at: dict[str, list[tuple[str, ...]]] = defaultdict(list)
        for word in {*forms.names, *resplit}:
            for at in keys(word):
                words_at[at].append(word)
        for part in parts.names:
            parts_at[fold(part)].append(part)
        for line in shorts:
            spelt = tuple(line.split(" "))
            for at in {key(spelt[0]), key(spelt[1])}:
                shorts_at[at].append(spelt)

        def family(at: str) -> str:
            old = json.loads(self.families[at]) if at in self.families else []
            names, lists = {}, {}
            for name, postings in _pairs(old, 1):
                word = name.split("|")[0]
                names[word], lists[word] = name, postings
            for word in words_at.get(at, ()):
                names[word] = "|".join((word, *splitter.halves(word)))
                _put(lists, word, forms.edited(word, lists.get(word, "")))
            compounds = dict(_pairs(old, 2))
            for part in parts_at.get(at, ()):
                _put(compounds, part, parts.edited(part, compounds.get(part, "")))
            spelt_out = {tuple(one) for one in (old[3] if len(old) > 3 else ())}
            for spelt in shorts_at.get(at, ()):
                (spelt_out.add if " ".join(spelt) in self.spelt_out else spelt_out.discard)(spelt)
            return _family(at, {names[word]: lists[word] for word in sorted(lists)}, compounds, spelt_out)

        changed = sorted(words_at.keys() | parts_at.keys() | shorts_at.keys())
        for at, text in zip(changed, spread(family, changed, jobs if len(changed) > MANY else 1), strict=True):
            _put(self.families, at, text)
        return changed


class _Lists:
    """Changes of lists of texts, by their names: what is taken away, then what is added."""

    def __init__(self) -> None:
        self.removed: dict[str, set[int]] = defaultdict(set)
        self.added: dict[str, array[int]] = defaultdict(lambda: array("Q"))

    @property
    def names(self) -> set[str]:
        return self.removed.keys() | self.added.keys()

    def growth(self, name: str) -> int:
        return len(self.added.get(name, ())) - len(self.removed.get(name, ()))

    def compare(self, number: int, before: Contribution | None, after: Contribution | None) -> None:
        """Note what a text says of other words, or at other levels, than before."""
        old: Iterable[tuple[str, str]] = levels(before) if before else ()
        new: Iterable[tuple[str, str]] = levels(after) if after else ()
        if before and after:
            old, new = set(old), set(new)
            old, new = old - new, new - old
        for word, _ in old:
            self.removed[word].add(number)
        added = self.added
        entries = {letter: entry | number for letter, entry in _POSTING.items()}
        for word, letter in new:
            added[word].append(entries[letter])

    def edited(self, name: str, postings: str) -> str:
        """A list, as written, with its changes."""
        added = self.added.get(name)
        if not postings:
            return written(sorted(added)) if added else ""
        removed = self.removed.get(name, ())
        return written(
            sorted([*(entry for entry in read(postings) if number_of(entry) not in removed), *(added or ())])
        )


def _of_parts(said: Contribution, splitter: Splitter, among: Set[str] = frozenset()) -> Contribution:
    """What a text says of the parts of its compounds, a part as often as all that have it; of those `among` if any."""
    own = dict(levels(said))
    found: dict[str, float] = {}
    for word in splitter.compounds(own):  # in any order: sums of so few of these values are exact
        if among and not any(part in word for part in among):
            continue
        value = _VALUE[own[word]]
        for part in splitter.parts(word):
            found[part] = found.get(part, 0.0) + value
    wanted = found.keys() & among if among else found
    return " ".join(wanted), "".join([LETTERS[level_of(found[part])] for part in wanted]), ""


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


def _keys(words: Iterable[tuple[str, str]], step: int = 1) -> list[str]:
    return [f"{folded[::step]} {word}" for folded, word in words]


def _merged(keys: list[str], come: Iterable[str], gone: Iterable[str]) -> list[str]:
    """Sorted keys with those that have come, and without those that have gone."""
    away = set(gone)
    return sorted([*(at for at in keys if at not in away), *come])


def _put(values: dict[str, V], name: str, value: V) -> None:
    """Set a value; an empty one takes the name away."""
    if value:
        values[name] = value
    else:
        values.pop(name, None)
