"""How hard a text is to read: LIX (Björnsson, Läsbarhet, 1968), and sentences that are too long."""

from __future__ import annotations

from collections.abc import Sequence

from plugins.language.prose import Kind, Sentence

HARD = 50
"""From this LIX on a text is hard to read. Björnsson: 40 to 50 is an ordinary newspaper, 50 to 60 official texts."""

ENOUGH = 100
"""With fewer words than this, LIX says nothing."""

LONG_WORD = 6
"""A word of more letters than this is long."""

LONGEST_SENTENCE = 32
"""How many words a sentence may have. Plain-language advice is about 20 on average; single ones may be longer."""


def lix(sentences: Sequence[Sentence]) -> int | None:
    """Words in a sentence plus the percentage of long words, over what is not heading; None if there is too little."""
    told = [sentence for sentence in sentences if sentence.kind is not Kind.HEADING]
    words = [word for sentence in told for word in sentence.words]
    if len(words) < ENOUGH:
        return None
    long = sum(len(word.text) > LONG_WORD for word in words)
    return round(len(words) / len(told) + 100 * long / len(words))


def is_long(sentence: Sentence) -> bool:
    """What somebody else says is as long as it is."""
    return sentence.kind is Kind.TEXT and len(sentence.words) > LONGEST_SENTENCE
