"""Spelling, by hunspell with its Swedish dictionary, where the system has it: one process for all texts.

Names are not in dictionaries, and a magazine has its own words. So a word passes if it is in the magazine's list, if it
is written with a capital where no sentence begins, if it is an abbreviation in capitals, or if its parts are words.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain

from plugins.language.prose import Sentence, Word
from plugins.language.words import forms

DICTIONARY = "sv_SE"
SECONDS = 60.0
"""How long hunspell may take with all words of a magazine: far more than it needs."""

PROPOSALS = 3
FARTHEST = 2
"""How many letters what is proposed may differ by."""

MOST_PROPOSED = 100
"""For how many words proposals are asked for: each takes hunspell a twentieth of a second. Others come without."""

_ANSWER = re.compile(r"[&#] (\S+)[^:\n]*(?:: (.*))?")


@cache
def speller() -> str | None:
    """The program's path, or None where it or its Swedish dictionary is missing."""
    program = shutil.which("hunspell")
    return program if program and _ask(program, "-l", ["ordet"]) == "" else None


def misspelt(words: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """Those of the words that are likely misspelt, each with what may have been meant, best first.

    A word that the dictionary lacks may be a compound of two that it has: Swedish makes them as it goes. It passes,
    unless another word is only one letter away.
    """
    program = speller()
    if not program or not words:
        return {}
    unknown = _unknown(program, words)
    compounds = _compounds(program, unknown)
    found: dict[str, tuple[str, ...]] = dict.fromkeys(unknown - compounds, ())
    for word, proposals in _proposals(program, [*sorted(found), *sorted(compounds)][:MOST_PROPOSED]):
        near = [other for other in proposals if distance(word, other) <= FARTHEST]
        if word not in compounds or any(distance(word, other) == 1 for other in near):
            found[word] = tuple(near[:PROPOSALS])
    return found


def _proposals(program: str, words: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for line in (_ask(program, "-a", [f"^{word}" for word in words]) or "").splitlines():
        if match := _ANSWER.match(line):
            yield match[1], match[2].split(", ") if match[2] else []


def _unknown(program: str, words: Collection[str]) -> set[str]:
    return set((_ask(program, "-l", sorted(words)) or "").split())


def _compounds(program: str, words: Collection[str]) -> set[str]:
    """Those that two words of the dictionary make: båtvärd; mötesfika, with an s between; paddgrupp, without its a."""
    divided = {word: [(word[:at].lower(), word[at:].lower()) for at in range(3, len(word) - 3)] for word in words}
    firsts = {first: (first, f"{first}a", first.removesuffix("s")) for pairs in divided.values() for first, _ in pairs}
    parts = {second for pairs in divided.values() for _, second in pairs} | set(chain(*firsts.values()))
    lacking = _unknown(program, parts)
    return {
        word
        for word, pairs in divided.items()
        if any(second not in lacking and not lacking.issuperset(firsts[first]) for first, second in pairs)
    }


def distance(one: str, other: str) -> int:
    """How many letters must be changed, added, left out or exchanged with the next to make one word of the other."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one.lower(), 1):
        before, last, row = row, before, [i]
        for j, b in enumerate(other.lower(), 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other.lower()[j - 2] and b == one.lower()[i - 2]:
                row[j] = min(row[j], last[j - 2] + 1)
    return row[-1]


def _ask(program: str, mode: str, lines: Iterable[str]) -> str | None:
    """What hunspell answers; None if it cannot."""
    try:
        answer = subprocess.run(
            [program, "-d", DICTIONARY, "-i", "utf-8", mode],
            input="".join(f"{line}\n" for line in lines),
            capture_output=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return answer.stdout if answer.returncode == 0 else None


def to_check(sentence: Sentence, known: Collection[str]) -> Iterable[Word]:
    """The words of a sentence that are to be in a dictionary; `known` are the magazine's own, in small letters."""
    for at, word in enumerate(sentence.words):
        text = word.text
        if word.partial or len(text) < 3 or text.isupper() or text.lower() in known or text[0].isdigit():
            continue
        if ":" in text or any(c.isupper() for c in text[1:]):  # EU:s, YouTube
            continue
        if text[0].isupper() and at > 0:
            continue
        yield word


def known_words(text: str) -> set[str]:
    """The words of a magazine's list, one a line, with their usual endings; what follows a sign # is a remark."""
    found: set[str] = set()
    for line in text.splitlines():
        word = line.partition("#")[0].strip().lower()
        if word:
            found |= forms(word)
    return found
