"""A made-up magazine of any size, the same for the same seed: Swedish to look at, for measuring and for search work.

The grammar is real (function words, inflection, compounds with their joints), the rarer words are not. Words follow
Zipf's law, new compounds keep coming as in real Swedish, and an article keeps to the words of its tags. The same texts
are written in three layouts: this project's issues, plain Pelican's posts, Hugo's.

    python -m benchmarks.corpus FOLDER --articles 1000 --layout issues
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import itertools
import json
import re
from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random
from typing import Generic, TypeVar

from PIL import Image, ImageDraw

SEED = 2026
TODAY = dt.date(2026, 11, 30)
"""The day that the magazine is built for: its last issue has just come out."""
PER_ISSUE, MOST_ISSUES = 10, 1_000
"""About how many articles an issue has, and how many issues there are: in a larger magazine issues are larger."""
MONTH_OFF = 7
PICTURES = 20

T = TypeVar("T")

CATEGORIES = {
    "nyheter": "Nyheter",
    "stadsdelar": "Stadsdelar",
    "foreningsliv": "Föreningsliv",
    "kultur": "Kultur och fritid",
    "arbete": "Arbete och studier",
    "pa-gang": "På gång",
    "omvarlden": "Omvärlden",
    "tankar": "Tankar",
}
# How often each kind is written, and how many words it usually has.
KINDS = {
    "nyhet": (34, 430),
    "notis": (16, 110),
    "inbjudan": (12, 240),
    "pressmeddelande": (8, 370),
    "bidrag": (4, 320),
    "reportage": (9, 1150),
    "dokumentation": (3, 1000),
    "intervju": (5, 760),
    "krönika": (5, 600),
    "betraktelse": (4, 480),
}
TAGS = (
    "samverkan|föreningsliv|överenskommelse|delaktighet|mötesplats|bidrag|barn och unga|integration|folkhälsa|dialog|"
    "social ekonomi|partnerskap|stadsdelar|kultur|trygghet|arbete|äldre|utbildning|bostad|klimat|idrott|bibliotek|"
    "demokrati|språk|ideellt arbete|kommunfullmäktige|lokaler|sommar|natur|studieförbund|matkultur|musik|resor|odling|"
    "remiss|forskning|statistik|möten|funktionsrätt|jämställdhet|civilsamhälle|ungdomsråd|medfinansiering|metod|"
    "hemlöshet|psykisk hälsa|digitalt|skola|förskola|teater|film|historia|stadsplanering|trafik|hamnen|energi|"
    "återbruk|mänskliga rättigheter|minoriteter|krisberedskap"
).split("|")
DEPARTMENTS = (
    "socialförvaltningen|kulturförvaltningen|utbildningsförvaltningen|stadsbyggnadsförvaltningen|miljöförvaltningen|"
    "fritidsförvaltningen|stadsledningskontoret|äldreförvaltningen|arbetsmarknadsenheten|fastighetsbolaget|hamnbolaget|"
    "energibolaget|stadsbiblioteket|föreningsrådet"
).split("|")
AUTHORS = ["Redaktionen", *(f"{role}, {of}" for role in ("Kommunikatör", "Utvecklingsledare") for of in DEPARTMENTS)]
SPEAKERS = "deltagare handläggare ordförande kassör enhetschef verksamhetsledare rektor granne förälder".split()
MONTHS = "januari februari mars april maj juni juli augusti september oktober november december".split()

# -- Words -------------------------------------------------------------------------------------------------------------

# Nouns by declension: skola-n -or, förening-en -ar, region-en -er, möte-t -n, hus-et -. After "|" as in a compound.
NOUNS = {
    1: """
        skola|skol vecka kyrka|kyrko resa|rese fråga|fråge panna låda människa|människo gata|gatu sida|sid klocka|klock
        timma|tim lampa|lamp lista|list brygga|brygg soppa|sopp tavla|tavel
    """,
    2: """
        förening tidning utbildning ledning tävling dag utställning satsning utveckling samling lösning bil båt park
        kväll väg tanke|tanke undersökning handling förvaltning ansökning måndag torsdag fredag söndag upphandling
        vandring bokning planering förändring rådgivning flytt stol prövning mätning övning
    """,
    3: """
        region organisation expert person kommun plan miljö process situation kurs bransch metod kvalitet aktivitet
        möjlighet|möjlighets verksamhet|verksamhets enhet|enhets nämnd modell rapport publik tradition familj styrelse
        insats grupp lokal uppgift|uppgifts överenskommelse|överenskommelse funktion konferens berättelse|berättelse
        dialog konsert investering text film scen studie|studie prognos diskussion integration institution
    """,
    4: """
        möte|mötes arbete|arbets samarbete|samarbets område|områdes ställe yrke|yrkes minne|minnes ämne|ämnes
        inflytande|inflytande deltagande|deltagande boende|boende erbjudande|erbjudande genomförande|genomförande
    """,
    5: """
        hus råd|råds bidrag|bidrags förslag|förslags avtal|avtals beslut|besluts barn projekt stöd torg
        bibliotek|biblioteks kontor|kontors språk lag bord kök år|års mål förbund|förbunds distrikt|distrikts
        kvarter|kvarters uppdrag|uppdrags underlag|underlags partnerskap|partnerskaps medborgarskap|medborgarskaps
        folk liv|livs land|lands ansvar|ansvars resultat nätverk|nätverks samtal|samtals företag|företags
        regelverk|regelverks samråd|samråds verktyg|verktygs initiativ perspektiv sammanhang|sammanhangs behov|behovs
    """,
}
VERBS = """
    samla öppna ordna planera starta skapa stärka|stärker|stärkte|stärkt bygga|bygger|byggde|byggt diskutera presentera
    visa|visar|visade|visat följa|följer|följde|följt hjälpa|hjälper|hjälpte|hjälpt utveckla påverka betala
    söka|söker|sökte|sökt möta|möter|mötte|mött leda|leder|ledde|lett samordna beskriva|beskriver|beskrev|beskrivit
    godkänna|godkänner|godkände|godkänt driva|driver|drev|drivit stödja|stöder|stödde|stött
    inleda|inleder|inledde|inlett dokumentera granska flytta spara pröva kartlägga|kartlägger|kartlade|kartlagt
    ge|ger|gav|gett få|får|fick|fått förlänga|förlänger|förlängde|förlängt anta|antar|antog|antagit tolka fördela
    bjuda|bjuder|bjöd|bjudit föreslå|föreslår|föreslog|föreslagit engagera finansiera renovera
""".split()
ADJECTIVES = (
    "ny|nytt|nya gemensam|gemensamt|gemensamma lokal stor idéburen|idéburet|idéburna social|socialt|sociala viktig svår"
    " lång offentlig|offentligt|offentliga enkel|enkelt|enkla öppen|öppet|öppna regional tydlig frivillig ung|ungt|unga"
    " gammal|gammalt|gamla tidig ideell ekonomisk trygg stark annorlunda|annorlunda|annorlunda jämlik|jämlikt|jämlika"
    " kulturell grön varm politisk långsiktig|långsiktigt|långsiktiga liten|litet|små egen|eget|egna bra|bra|bra"
).split()

# Syllables for the words that nobody has heard: chosen so that no real word, least of all a rude one, comes of them.
ONSETS = "b bl br d dr f fl fr g gl gr j kl kn kr kv l m n pl pr r sk skr sl sm sn sp spr st str sv tr tv v".split()
VOWELS = "a e o å ä ö".split()
CODAS = "ld ll m n nd ng nk nn r rd rk rm rn rs rt sk st".split()
SYLLABLES = "bel der gel kel mer nel rad ser tan var vel lin min gar dal lom".split()


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun's forms, and the form it has as the first part of a compound."""

    bare: str
    definite: str
    plural: str
    plural_definite: str
    joint: str
    neuter: bool


@dataclass(frozen=True, slots=True)
class Zipf(Generic[T]):
    """Draws the item of rank r (from 1) about as often as 1/(r + 2)."""

    items: Sequence[T]
    sums: Sequence[float]

    @classmethod
    def over(cls, items: Sequence[T]) -> Zipf[T]:
        return cls(items, list(itertools.accumulate(1 / (rank + 3) for rank in range(len(items)))))

    def draw(self, random: Random) -> T:
        return self.items[bisect(self.sums, random.random() * self.sums[-1], hi=len(self.items) - 1)]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    nouns: Zipf[Noun]
    verbs: Zipf[tuple[str, str, str, str]]
    """Infinitive, present, past, supine."""
    adjectives: Zipf[tuple[str, str, str]]
    """With a common noun, with a neuter one, with several."""
    tags: Zipf[str]
    of_tag: dict[str, Zipf[Noun]]
    places: Zipf[str]
    authors: Zipf[str]


def vocabulary(random: Random) -> Vocabulary:
    real = [_noun(word, declension) for declension, words in NOUNS.items() for word in words.split()]
    random.shuffle(real)
    made = [_noun(_invented(random, declension), declension) for declension in random.choices(range(1, 6), k=4000)]
    nouns = real + made
    verbs = [_verb(word) for word in VERBS] + [_verb(_stem(random) + random.choice(["a", "era"])) for _ in range(500)]
    adjectives = [_adjective(word) for word in ADJECTIVES]
    adjectives += [_adjective(_stem(random) + random.choice(["ig", "isk", "sam"])) for _ in range(400)]
    sides = "Norr Söder Öster Väster Björk Ek Sten Lind Kvarn Ljung".split()
    sites = "backen hamnen berget torp vik".split()
    return Vocabulary(
        nouns=Zipf.over(nouns),
        verbs=Zipf.over(verbs),
        adjectives=Zipf.over(adjectives),
        tags=Zipf.over(TAGS),
        of_tag={tag: Zipf.over(random.sample(real, 8) + random.sample(made, 40)) for tag in TAGS},
        places=Zipf.over([side + site for side in sides for site in sites]),
        authors=Zipf.over(AUTHORS),
    )


def _stem(random: Random) -> str:
    syllable = random.choice(ONSETS) + random.choice(VOWELS) + random.choice(CODAS)
    return syllable + random.choice(SYLLABLES) if random.random() < 0.5 else syllable


def _invented(random: Random, declension: int) -> str:
    endings = {1: ["a"], 2: ["", "ing", "ning"], 3: ["", "het", "itet"], 4: ["e", "ande"], 5: ["", "skap", "verk"]}
    return _stem(random) + random.choice(endings[declension])


def _noun(word: str, declension: int) -> Noun:
    word, _, joint = word.partition("|")
    stem = re.sub("[ae]$", "", word)
    definite, plural, plural_definite = {
        1: ("an", "or", "orna"),
        2: ("en", "ar", "arna"),
        3: ("en", "er", "erna"),
        4: ("et", "en", "ena"),
        5: ("et", "", "en"),
    }[declension]
    joint = joint or (f"{word}s" if word.endswith(("ing", "het", "ion", "ande", "skap")) else stem)
    return Noun(word, stem + definite, stem + plural, stem + plural_definite, joint, declension in (4, 5))


def _verb(word: str) -> tuple[str, str, str, str]:
    infinitive, *others = word.split("|")
    present, past, supine = others or (f"{infinitive}r", f"{infinitive}de", f"{infinitive}t")
    return infinitive, present, past, supine


def _adjective(word: str) -> tuple[str, str, str]:
    common, *others = word.split("|")
    neuter, plural = others or (f"{common}t", f"{common}ma" if common.endswith("sam") else f"{common}a")
    return common, neuter, plural


def compound(first: Noun, last: Noun) -> Noun:
    """Two nouns in one word; of three equal letters in a row one is dropped, as in busstopp."""
    joint = first.joint
    if joint[-2:-1] == joint[-1:] == last.bare[:1]:
        joint = joint[:-1]
    return Noun(
        joint + last.bare,
        joint + last.definite,
        joint + last.plural,
        joint + last.plural_definite,
        joint + last.bare + ("" if last.bare.endswith("s") else "s"),
        last.neuter,
    )


# -- Sentences ---------------------------------------------------------------------------------------------------------

# {n} noun, {a} article and adjective with noun (en ny förening), {d} definite, {p} plural, {q} definite plural, {g} its
# genitive; {v} verb in the present, {w} past, {i} infinitive, {s} supine; {l} place, {m} month, {x} number, {o} author.
SENTENCES = """
{d} i {l} {v} {a} för {q}.
Under {m} {w} {q} i {l} {a} och {a}.
Det är {a} som {v} {q}, och det märks i {d}.
Nu ska {d} {i} {p} tillsammans med {q} i {l}.
För den som vill {i} finns {a} hos {d} i {l}.
– Vi har {s} {p} sedan {m} och det har {s} {d}, säger {o}.
I {m} {w} {d} att {q} ska {i} {d}.
När {d} {v} {a} är det ofta {d} som {v}, men inte alltid.
Av {x} {p} är det {x} som {v} {a}.
Hur {g} {n} {v} {q} vet ingen än.
{q} {v} inte bara {p} utan också {p}.
Efter {d} {w} {x} personer {d} och {w} {a} till {m}.
Men {d} har inte {s} {q}, eftersom {d} {v} {p} varje {m}.
Med {a} kan {q} {i} {d} redan i {m}.
– Det svåra är inte att {i} {d} utan att {i} {q} efteråt, säger {o}.
Om {d} {v} {q} kan {p} {i} {d} på egen hand.
{g} {n} har {s} {d} i {l} i {x} år.
Både {d} och {d} {v} {a}, och flera {v} {q} också.
Sedan {m} har {d} {s} {x} {p} om {d}.
Det betyder att {q} får {i} {a} när {d} {v}.
Vid {d} möttes {p} och {p} för att {i} {d} om {q}.
Frågan är vem som ska {i} {d} och vad {q} kostar.
Kostnaden är {x} kronor, och den delas av {d} och {d}.
Den {x} {m} {v} {d} {a} i {l}.
Så kan {p} bli {p}.
{q} på {d} {v} {d}, och på {l} {v} {p} på samma sätt.
På {d} i {l} finns {x} {p} till och med {m}.
""".strip().split("\n")
TITLES = """
{a} för {q} i {l}
{q} {v} {d}
Så {v} {d} {q}
{d} {v} {a}
{x} {p} ska {i} {d} i {l}
När {d} {v} {q}
Därför {v} {q} {a}
{p} och {p}: {d} {v}
""".strip().split("\n")
HEADINGS = """
{a} för {q}
Vad {d} {v}
{d} och {q}
Från {n} till {n}
Så {i} {d}
""".strip().split("\n")
PHRASES = """
{a} för {q}
{d} i {l}
{g} {n}
att {i} {q}
{p} och {p}
""".strip().split("\n")


class Writer:
    """Writes about some tags: half of its nouns are theirs."""

    def __init__(self, words: Vocabulary, random: Random, tags: Sequence[str]) -> None:
        self.words = words
        self.random = random
        self.own = [words.of_tag[tag] for tag in tags]
        self.slots: dict[str, Callable[[], str]] = {
            "n": lambda: self.noun().bare,
            "d": lambda: self.noun().definite,
            "p": lambda: self.noun().plural,
            "q": lambda: self.noun().plural_definite,
            "g": lambda: f"{self.noun().definite}s",
            "a": self.described,
            "v": lambda: words.verbs.draw(random)[1],
            "w": lambda: words.verbs.draw(random)[2],
            "i": lambda: words.verbs.draw(random)[0],
            "s": lambda: words.verbs.draw(random)[3],
            "l": lambda: words.places.draw(random),
            "m": lambda: random.choice(MONTHS),
            "x": lambda: str(int(2 + 90 * random.random() ** 3)),
            "o": lambda: f"en {random.choice(SPEAKERS)}",
        }

    def noun(self) -> Noun:
        random = self.random
        source = self.own[int(random.random() * len(self.own))] if random.random() < 0.5 else self.words.nouns
        noun = source.draw(random)
        return compound(self.words.nouns.draw(random), noun) if random.random() < 0.13 else noun

    def described(self) -> str:
        noun, adjective = self.noun(), self.words.adjectives.draw(self.random)
        return f"{('ett' if noun.neuter else 'en')} {adjective[noun.neuter]} {noun.bare}"

    def line(self, patterns: Sequence[str]) -> str:
        """One of the patterns, filled in, with a capital."""
        pattern = patterns[int(self.random.random() * len(patterns))]
        text = "".join(self.slots[slot]() if slot else fixed for fixed, slot in _pieces(pattern))
        return text[0].upper() + text[1:]

    def lines(self, count: int) -> str:
        return " ".join(self.line(SENTENCES) for _ in range(count))

    def phrase(self) -> str:
        text = self.line(PHRASES)
        return text[0].lower() + text[1:]


@cache
def _pieces(pattern: str) -> tuple[tuple[str, str], ...]:
    """A pattern as (text, "") and ("", slot)."""
    parts = re.split(r"\{(.)\}", pattern)
    return tuple((part, "") if i % 2 == 0 else ("", part) for i, part in enumerate(parts) if part)


# -- The magazine ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Gathering:
    """When and where an invitation invites to."""

    start: dt.datetime
    hours: int
    place: str


@dataclass(frozen=True, slots=True)
class Post:
    """One article. In its body, ‹12› stands for the address of post 12, and ‹p3› for that of picture 3."""

    number: int
    issue: str
    date: dt.date
    slug: str
    title: str
    summary: str
    category: str
    kind: str
    authors: tuple[str, ...]
    tags: tuple[str, ...]
    places: tuple[str, ...]
    body: str
    order: int | None = None
    pinned: bool = False
    picture: int | None = None
    alt: str = ""
    event: Gathering | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """One issue, without its posts."""

    id: str
    date: dt.date
    title: str
    lead: str
    editorial: str


@dataclass(frozen=True)
class Corpus:
    posts: Sequence[Post]
    """Oldest first."""
    issues: Sequence[Number]
    pictures: Sequence[bytes]
    """JPEG files."""


def make(articles: int, seed: int = SEED) -> Corpus:
    """The corpus of this size and seed."""
    random = Random(seed)
    words = vocabulary(random)
    posts: list[Post] = []
    issues: list[Number] = []
    slugs: set[str] = set()
    sizes = _issue_sizes(articles, random)
    for age, (month, size) in enumerate(zip(_months(len(sizes)), sizes, strict=True)):
        date = _first_monday(month)
        recent = age >= len(sizes) - 24
        first = len(posts)
        posts += [_post(first + i, first + size, date, i, recent, slugs, words, random) for i in range(size)]
        writer = Writer(words, random, posts[-1].tags)
        editorial = (
            f"{writer.lines(5)}\n\n{writer.lines(4)} Läs om [{writer.phrase()}](‹{first}›).\n\n{writer.lines(3)}"
        )
        issues.append(Number(f"{date:%Y-%m}", date, writer.line(TITLES), posts[first].slug, editorial))
    return Corpus(posts, issues, [_picture(random) for _ in range(PICTURES)])


def _issue_sizes(articles: int, random: Random) -> list[int]:
    usual = max(PER_ISSUE, articles // MOST_ISSUES)
    sizes = []
    while articles > 0:
        sizes.append(min(articles, random.randint(usual - 3, usual + 3)))
        articles -= sizes[-1]
    return sizes


def _months(count: int) -> list[dt.date]:
    """The last `count` months up to `TODAY`'s, oldest first, without the month off."""
    found: list[dt.date] = []
    year, month = TODAY.year, TODAY.month
    while len(found) < count:
        if month != MONTH_OFF:
            found.append(dt.date(year, month, 1))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return found[::-1]


def _first_monday(month: dt.date) -> dt.date:
    return month + dt.timedelta(days=-month.weekday() % 7)


def _post(
    number: int, known: int, date: dt.date, order: int, recent: bool, slugs: set[str], words: Vocabulary, random: Random
) -> Post:
    """Write a post. It may link to posts below `known`: those of earlier issues and of its own."""
    kind = random.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
    if order == 0 and kind == "notis":  # no notice on the cover
        kind = "nyhet"
    tags = _several(words.tags, random.choice([1, 2, 2, 3, 3, 4, 5]), random)
    writer = Writer(words, random, tags)
    title = writer.line(TITLES)
    has_picture = random.random() < (0.7 if order == 0 else 0.035)
    picture = random.randrange(PICTURES) if has_picture else None
    in_body = has_picture and order > 0 and random.random() < 0.5
    wanted = max(40, int(KINDS[kind][1] * random.lognormvariate(-0.14, 0.4)))
    event = None
    if kind == "inbjudan":
        day = date + dt.timedelta(days=random.randint(7, 60))
        start = dt.datetime.combine(day, dt.time(random.randint(9, 18), random.choice([0, 30])))
        event = Gathering(
            start, random.randint(1, 4), f"{writer.noun().definite.capitalize()}, {words.places.draw(random)}"
        )
    return Post(
        number=number,
        issue=f"{date:%Y-%m}",
        date=date,
        slug=_slug(title, slugs),
        title=title,
        summary=writer.lines(random.choice([1, 2, 2, 3])),
        category="pa-gang" if event else random.choices(list(CATEGORIES), [20, 16, 16, 10, 10, 6, 10, 12])[0],
        kind=kind,
        authors=_several(words.authors, random.choice([1, 1, 1, 1, 1, 2]), random),
        tags=tags,
        places=_several(words.places, random.choice([0, 1, 1, 1, 2]), random),
        body="\n\n".join(_blocks(writer, wanted, number, known, picture if in_body else None)) + "\n",
        order=order + 1 if order < 3 else None,
        pinned=recent and random.random() < 0.02,
        picture=None if in_body else picture,
        alt=writer.line(PHRASES),
        event=event,
    )


def _several(source: Zipf[str], count: int, random: Random) -> tuple[str, ...]:
    found: dict[str, None] = {}
    while len(found) < count:
        found[source.draw(random)] = None
    return tuple(found)


def _slug(title: str, taken: set[str]) -> str:
    plain = title.lower().translate(str.maketrans("åäöé", "aaoe"))
    base = "-".join(re.findall(r"[a-z0-9]+", plain)[:8])
    slug = next(s for s in itertools.chain([base], (f"{base}-{n}" for n in itertools.count(2))) if s not in taken)
    taken.add(slug)
    return slug


def _blocks(writer: Writer, wanted: int, number: int, known: int, picture: int | None) -> Iterator[str]:
    """Paragraphs, lists, quotations, tables and sections until there are words enough."""
    random = writer.random
    written = 0
    in_section = random.randint(2, 4)
    used: set[str] = set()
    while written < wanted:
        chance = random.random()
        if written and in_section == 0 and wanted > 250:
            in_section = random.randint(2, 5)
            block = f"{'##' if random.random() < 0.85 or not used else '###'} {writer.line(HEADINGS)}"
            used.add(block)
        elif written and chance < 0.07:
            mark = random.choice(["- ", "- ", "1. "])
            block = "\n".join(
                f"{mark}**{writer.noun().bare.capitalize()}**: {writer.phrase()}" for _ in range(random.randint(3, 6))
            )
        elif written and chance < 0.10:
            block = f"> {writer.lines(2)}"
        elif written and chance < 0.107:
            rows = "\n".join(
                f"| {writer.noun().plural} | {random.randint(10, 90)} | {writer.noun().bare} |" for _ in range(4)
            )
            block = f"| Vad | Antal | Var |\n| --- | ---: | --- |\n{rows}"
        else:
            block = _paragraph(writer, number, known)
            in_section = max(0, in_section - 1)
        written += len(block.split())
        yield block
    if picture is not None:
        yield f'![{writer.line(PHRASES)}](‹p{picture}› "{writer.line(HEADINGS)}")'


def _paragraph(writer: Writer, number: int, known: int) -> str:
    random = writer.random
    text = writer.lines(random.randint(2, 5))
    chance = random.random()
    if chance < 0.13:
        target = random.randrange(max(0, number - 400), known)
        if target != number:
            text += f" Läs också om [{writer.phrase()}](‹{target}›)."
    elif chance < 0.18:
        text += (
            f" Mer finns i [{writer.phrase()}](https://www.{writer.noun().bare.translate(_ASCII)}.example/{number})."
        )
    elif chance < 0.23:
        text += f" Det gäller *{writer.phrase()}* och **{writer.noun().definite}**."
    elif chance < 0.26:
        text += f' Rapporten heter "{writer.line(HEADINGS)}" och kostar {random.randint(2, 90)} 000 kr.'
    return text


_ASCII = str.maketrans("åäöé", "aaoe")


def _picture(random: Random) -> bytes:
    size = random.choice([(960, 640), (1280, 800), (800, 800), (1600, 900)])
    picture = Image.new("RGB", size, tuple(random.randrange(256) for _ in range(3)))
    draw = ImageDraw.Draw(picture)
    for _ in range(40):
        x, y, r = (random.randrange(limit) for limit in (*size, 200))
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(random.randrange(256) for _ in range(3)))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    return file.getvalue()


# -- The layouts -------------------------------------------------------------------------------------------------------


def write_issues(corpus: Corpus, folder: Path) -> None:
    """This project's layout: `content/issues/YYYY-MM/`, and a `settings.py` beside `content`."""
    used: dict[str, set[int]] = defaultdict(set)
    for post in corpus.posts:
        header = _yaml(title=post.title, category=post.category, kind=post.kind, summary=post.summary)
        header += _yaml(authors=post.authors, tags=post.tags)
        header += _yaml(places=post.places) if post.places else ""
        header += _yaml(order=post.order) if post.order else ""
        header += _yaml(pinned=True) if post.pinned else ""
        if post.picture is not None:
            image = {"src": _picture_name(post.picture), "alt": post.alt, "credit": "Illustration: Redaktionen"}
            header += "image:\n" + _yaml("  ", **image)
        if post.event:
            end = post.event.start + dt.timedelta(hours=post.event.hours)
            times = {"start": f"{post.event.start:%Y-%m-%d %H:%M}", "end": f"{end:%Y-%m-%d %H:%M}"}
            header += "event:\n" + _yaml("  ", **times, place=post.event.place)

        def address(number: int, here: str = post.issue) -> str:
            target = corpus.posts[number]
            return f"{target.slug}.md" if target.issue == here else f"../{target.issue}/{target.slug}.md"

        body = _resolved(post.body, address, _picture_name)
        _write(folder / "content/issues" / post.issue / f"{post.slug}.md", f"---\n{header}---\n{body}")
        used[post.issue].update(_pictures_of(post))
    for issue in corpus.issues:
        header = _yaml(title=issue.title, date=f"{issue.date}", lead=issue.lead)
        body = _resolved(issue.editorial, lambda number: f"{corpus.posts[number].slug}.md", _picture_name)
        _write(folder / "content/issues" / issue.id / "issue.md", f"---\n{header}---\n{body}\n")
        for picture in sorted(used[issue.id]):
            _write(folder / "content/issues" / issue.id / _picture_name(picture), corpus.pictures[picture])
    _write(folder / "settings.py", SETTINGS)


SETTINGS = f'''"""The benchmarks' magazine."""

from pathlib import Path

from plugins.magazine.defaults import *  # noqa: F403

SITENAME = "Provtidningen"
SITEURL = "https://provtidningen.example"
DEFAULT_LANG = "sv"
CATEGORIES = {list(CATEGORIES.items())!r}
LIVE_ARTICLES = 20
MONTHS_OFF = ({MONTH_OFF},)
TODAY = "{TODAY}"
PATH = str(Path(__file__).parent / "content")
'''


def write_pelican(corpus: Corpus, folder: Path) -> None:
    """Plain Pelican's layout: posts in a folder a month, headers of the form `Key: value`."""
    for post in corpus.posts:
        fields = {
            "Title": post.title,
            "Date": f"{post.date}",
            "Slug": post.slug,
            "Category": CATEGORIES[post.category],
            "Authors": "; ".join(post.authors) + ";",
            "Tags": ", ".join(post.tags),
            "Summary": post.summary,
        }
        if post.picture is not None:
            fields |= {"Image": _picture_name(post.picture), "Image_Alt": post.alt}
        header = "".join(f"{key}: {value}\n" for key, value in fields.items())
        body = _resolved(
            post.body,
            lambda number: f"{{filename}}/{corpus.posts[number].issue}/{corpus.posts[number].slug}.md",
            lambda number: f"{{static}}/{_picture_name(number)}",
        )
        _write(folder / "content" / post.issue / f"{post.slug}.md", f"{header}\n{body}")
    for number, data in enumerate(corpus.pictures):
        _write(folder / "content" / _picture_name(number), data)


def write_hugo(corpus: Corpus, folder: Path) -> None:
    """Hugo's layout: `content/posts/YYYY-MM/`, YAML headers, pictures under `static`."""
    for post in corpus.posts:
        header = _yaml(title=post.title, date=f"{post.date}", summary=post.summary)
        header += _yaml(categories=[CATEGORIES[post.category]], tags=post.tags, authors=post.authors)
        if post.picture is not None:
            header += _yaml(image=f"/{_picture_name(post.picture)}", alt=post.alt)
        body = _resolved(
            post.body,
            lambda number: f"/posts/{corpus.posts[number].issue}/{corpus.posts[number].slug}/",
            lambda number: f"/{_picture_name(number)}",
        )
        _write(folder / "content/posts" / post.issue / f"{post.slug}.md", f"---\n{header}---\n{body}")
    for number, data in enumerate(corpus.pictures):
        _write(folder / "static" / _picture_name(number), data)


LAYOUTS = {"issues": write_issues, "pelican": write_pelican, "hugo": write_hugo}


def _yaml(indent: str = "", **fields: object) -> str:
    """Lines of YAML; JSON's texts, lists and numbers are YAML too."""
    values = {key: list(value) if isinstance(value, tuple) else value for key, value in fields.items()}
    return "".join(f"{indent}{key}: {json.dumps(value, ensure_ascii=False)}\n" for key, value in values.items())


def _resolved(body: str, address: Callable[[int], str], picture: Callable[[int], str]) -> str:
    """The body with real addresses of posts and pictures."""
    return re.sub("‹(p?)([0-9]+)›", lambda match: (picture if match[1] else address)(int(match[2])), body)


def _picture_name(number: int) -> str:
    return f"images/bild-{number:02}.jpg"


def _pictures_of(post: Post) -> set[int]:
    found = {int(number) for number in re.findall("‹p([0-9]+)›", post.body)}
    return found if post.picture is None else found | {post.picture}


def _write(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--layout", choices=LAYOUTS, default="issues")
    arguments = parser.parse_args()
    LAYOUTS[arguments.layout](make(arguments.articles, arguments.seed), arguments.folder)


if __name__ == "__main__":
    main()
