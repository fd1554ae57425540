"""How a text is taken apart into words, and when two words are forms of one. The definition: docs/search.md.

The same rules stand in theme/static/search/engine.js, under the same names and in the same order; a test runs whole
vocabularies through both. Whoever changes one changes the other.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

LONGEST = 48
"""Of a longer word only so much counts."""
REMEMBERED = 1 << 18
"""What follows from so many words is remembered: more than 10,000 articles have."""

# Letters and digits, as ranges: \w differs between languages, and between their versions.
LETTER = (
    "0-9a-z\u00df-\u00f6\u00f8-\u02af\u0300-\u036f\u0370-\u060b\u0610-\u061a\u0620-\u06d3\u06d5-\u1fff"
    "\u2c00-\u2dff\u3040-\ud7ff\uf900-\ufdff\ufe70-\ufefe"
)
# Acronyms are inflected after a colon (EU:s); the ending is no word.
_WORD = re.compile(rf"([{LETTER}]+)(?::(?:arna|aren|erna|are|ar|er|en|et|ns|n|s|t)(?![{LETTER}]))?")
_HYPHENATED = re.compile(rf"(?<![{LETTER}])[{LETTER}]+(?:-[{LETTER}]+)+")

STOP_WORDS = frozenset(
    "alla allt än ändå är ännu annan annat andra antingen åt att av bara både blev bli blir blivit då där därför de dem"
    " den denna deras dess dessa det detta dig din dina ditt dock du efter ej eller en er era ert ett får få fick finns"
    " finnas för före från genom går gör göra ha hade han hans har hej hela henne hennes här hon honom hos hur i icke"
    " ifrån in inför ingen inget inga innan inom inte ja jag ju kan kanske kom kommer kring kunde kunna man många med"
    " mellan men mer mig min mina mitt mot mycket nån någon något några när nej ni nog nu och också om oss på redan så"
    " sådan sådana sådant säger sedan sig sin sina sitt ska skall skulle som samt sätt till tills tog två under upp ut"
    " utan vad vår våra vårt var vara varför varit varje vart vem vems vi vid vilka vilken vilket vill vore you the of"
    " and to a".split()
)
"""Words that carry no matter of their own. They are found in titles only."""


def normal(text: str) -> str:
    """One spelling for what looks the same: composed letters, lower case, no soft hyphens."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).replace("\u00ad", "").lower())


def words(text: str) -> list[str]:
    """The words of a normal text, in order."""
    found = _WORD.findall(text)
    return [word[:LONGEST] for word in found] if max(map(len, found), default=0) > LONGEST else found


def hyphenated(text: str) -> list[str]:
    """What a normal text writes with hyphens, without them: e-post is also epost."""
    return [word.replace("-", "")[:LONGEST] for word in _HYPHENATED.findall(text)] if "-" in text else []


_SWEDISH = str.maketrans("åäöéü", "aaoeu")
_SPECIAL = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "đ": "d", "ł": "l", "ð": "d", "þ": "th", "œ": "oe"})
_MARKS = re.compile("[\u0300-\u036f]")
_DIGRAPH = re.compile("aa|ae|oe")


def _first(match: re.Match[str]) -> str:
    return match[0][0]


def fold(word: str) -> str:
    """Without dots, rings and accents: å, aa, ä and ae are a, ö and oe are o, é is e."""
    if not word.isascii():
        word = word.translate(_SWEDISH)  # the same, and much quicker: mostly nothing is left to do
        if not word.isascii():
            word = _MARKS.sub("", unicodedata.normalize("NFD", word.translate(_SPECIAL)))
    return _DIGRAPH.sub(_first, word) if "aa" in word or "ae" in word or "oe" in word else word


# -- Stems: Snowball's Swedish algorithm, version 3 --------------------------------------------------------------------

_REGION = re.compile("^[^aeiouyäåö]*[aeiouyäåö]+[^aeiouyäåö]")
_SUFFIXES = frozenset(
    "a arna erna heterna orna ad e ade ande arne are aste en anden aren heten ern ar er heter or s as arnas ernas ornas"
    " es ades andes ens arens hetens erns at et andet het ast".split()
)
_SUFFIXES_BY_END = {
    end: sorted((suffix for suffix in _SUFFIXES if suffix[-1] == end), key=len, reverse=True)
    for end in {suffix[-1] for suffix in _SUFFIXES}
}
_ET = re.compile("[aeiouyäåö][^aeiouyäåö]$")
_NO_ET = re.compile("(?:fab|h|pak|rak|stak|kom|iet|[cdmnprstux]it|[ai]lit|ivit|kvit)$")


def stem(word: str) -> str:
    """What is left of a word without its ending: föreningarna → förening."""
    region = _REGION.match(word)
    if region is None or len(word) < 3:
        return word
    start = max(region.end(), 3)
    word = _main_suffix(word, start)
    if len(word) - 2 >= start and word.endswith(("dd", "gd", "nn", "dt", "gt", "kt", "tt")):
        word = word[:-1]
    for suffix, kept, before in (
        ("fullt", "full", ""),
        ("lig", "", ""),
        ("els", "", ""),
        ("öst", "ös", "iklnprtuv"),
        ("ig", "", ""),
    ):
        if word.endswith(suffix) and len(word) - len(suffix) >= start:
            rest = word[: -len(suffix)]
            return rest + kept if not before or (rest[-1:] in before and rest) else word
    return word


def _main_suffix(word: str, start: int) -> str:
    for suffix in _SUFFIXES_BY_END.get(word[-1:], ()):
        if not word.endswith(suffix, start):
            continue
        rest = word[: -len(suffix)]
        if suffix == "et":
            return rest if _takes_et(rest) else word
        if suffix == "s":
            if rest.endswith("et") and _takes_et(rest[:-2]):
                return rest[:-2]
            return rest if rest[-1:] in "bcdfghjklmnoprtvy" else word
        return rest
    return word


def _takes_et(rest: str) -> bool:
    """Whether -et after this is an ending (möt-et), no part of the word (planet)."""
    return len(rest) > 2 and _ET.search(rest) is not None and _NO_ET.search(rest) is None


# -- What Snowball leaves ----------------------------------------------------------------------------------------------

_ENDINGS = re.compile(
    "(?<=.{3})en$|(?<=.{2}[^aeiouyäåö]{2})et$|(?<=.{2}[^aeiouyäåö])an$|(?<=.{3}[iouyéåö])n$|(?<=.{3}[^aeiouyäåöst])t$"
)
_LAST = re.compile("(?<=.{3}[^aeiouyäåö])n$|(?<=.{2}[^aeiouyäåö])(?:or|e?[lr])$")
_DOUBLE = re.compile(r"(?<=.)([bcdfghjklmnpqrstvwxz])\1$")


def soft(stemmed: str) -> str:
    """A stem without the endings that Snowball leaves: ekonomin → ekonomi, skolan → skol, föräldr → föräld."""
    if stemmed.endswith(("n", "t")):
        stemmed = _ENDINGS.sub("", stemmed)
    if stemmed.endswith(("l", "n", "r")):
        stemmed = _LAST.sub("", _LAST.sub("", stemmed))
    return _DOUBLE.sub(r"\1", stemmed) if stemmed[-2:-1] == stemmed[-1:] else stemmed


_FIRST = ("et", "ets", "s")
_SECOND = ("ad", "anden", "ar", "as", "ast", "ens", "s")


@lru_cache(maxsize=REMEMBERED)
def root(word: str) -> str:
    """What all forms of a word share. Two endings go where the first is -et, -ets or -s (ansvarets → ansvar → ansv), or
    where the second is how many words end that have no ending (kostnaden → kostnad → kost, as kostnad → kost)."""
    once = stem(word)
    if word[len(once) :] in _FIRST:
        return soft(stem(once))
    if once.endswith(_SECOND):  # seldom: most words are not stemmed twice
        twice = stem(once)
        if once[len(twice) :] in _SECOND:
            return soft(twice)
    return soft(once)


def key(word: str) -> str:
    """The root without dots: the index is sorted by it."""
    return fold(root(word))


def plain_key(word: str) -> str:
    """The key of a word written without dots. Mostly the same, but not always: omrade ends as lekade does."""
    return root(fold(word))


def keys(word: str) -> tuple[str, ...]:
    """Both keys of a word, where it stands in the index; one if they are the same."""
    own, plain = key(word), plain_key(word)
    return (own,) if own == plain else (own, plain)
