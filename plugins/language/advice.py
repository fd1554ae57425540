"""Gathers the advice on the texts of a magazine, says it in its language, and keeps it to what one can take in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from plugins.language import passive, spelling
from plugins.language.prose import Kind, Sentence, Word, sentences
from plugins.language.readability import HARD, LONGEST_SENTENCE, is_long, lix
from plugins.language.words import Better, avoided, jargon
from plugins.magazine.entries import Entry
from plugins.magazine.frontmatter import decode, take_apart
from plugins.magazine.limits import SECONDS, TookTooLong, time_limit
from plugins.magazine.messages import Report, problem
from plugins.magazine.model import Article, Issue, Page
from plugins.magazine.parallel import spread
from plugins.magazine.problems import Problem
from plugins.magazine.site import Site

MOST = 5
"""How many pieces of advice one text gets at once, unless all are asked for."""

WEIGHT = ("misspelt-word", "unknown-word", "avoided-word", "jargon", "hard-text", "long-sentence", "passive")
"""What is said first, if not all can be said."""

AnyText = Entry[Article] | Entry[Issue] | Entry[Page]


@dataclass(frozen=True, slots=True)
class Remark:
    """One piece of advice before it is put into words."""

    line: int
    code: str
    about: str
    """What it is about: the same word a second time is the same advice."""
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Read:
    """A text with what was found in it, and the words whose spelling is still to be asked for."""

    entry: AnyText
    remarks: tuple[Remark, ...]
    words: tuple[Word, ...] = ()
    names: frozenset[str] = frozenset()


def advise(site: Site, *, every: bool = False) -> list[Problem]:
    """Advice on the current issue and those to come, a few pieces for each text; `every`: on every text, all of it."""
    texts = [entry for entry in _texts(site) if every or _matters(entry, site)]
    known, problems = _own_words(site)
    better = (avoided(site.settings.avoid_words), jargon())
    look_into = partial(_read, site=site, better=better, known=known)
    found = spread(look_into, texts, site.settings.jobs)
    names = frozenset(chain.from_iterable(read.names for read in found))
    asked = {word.text for read in found for word in read.words if word.text not in names}
    wrong = spelling.misspelt(asked)
    for read in found:
        remarks = [*read.remarks, *_misspelt(read, wrong, site.settings.word_list.name)]
        problems += _said(site, read.entry, remarks, every=every)
    return problems


def _texts(site: Site) -> Iterable[AnyText]:
    pages = (page for page in site.content.pages if (site.settings.content / page.source).is_file())
    return chain(site.content.articles, site.content.issues, pages)


def _matters(entry: AnyText, site: Site) -> bool:
    """It can still be changed before readers have read it: the current issue, and those to come."""
    if isinstance(entry.record, Page):
        return False
    issue = entry.record.issue if isinstance(entry.record, Article) else entry.record.id
    return not site.magazine.current or issue >= site.magazine.current.id


def _said(site: Site, entry: AnyText, remarks: Iterable[Remark], *, every: bool) -> Iterator[Problem]:
    """The advice on one text in words: all of it, or the weightiest, each once."""
    shown = site.content.shown(entry.source)
    say = partial(problem, site.words, shown)
    ordered = sorted(remarks, key=lambda remark: (WEIGHT.index(remark.code), remark.line))
    if not every:
        once: dict[tuple[str, str], Remark] = {}
        for remark in ordered:
            once.setdefault((remark.code, remark.about), remark)
        ordered = list(once.values())
        if len(ordered) > MOST:
            yield say(1, "more-advice", count=len(ordered) - MOST)
            ordered = ordered[:MOST]
    yield from (say(remark.line, remark.code, **remark.facts) for remark in ordered)


# -- One text ----------------------------------------------------------------------------------------------------------


def _read(entry: AnyText, *, site: Site, better: tuple[Better, Better], known: Collection[str]) -> Read:
    try:
        with time_limit(SECONDS):
            return _looked_into(entry, site, better, known)
    except (TookTooLong, OSError):  # it has been taken away since it was read
        return Read(entry, ())


def _looked_into(entry: AnyText, site: Site, better: tuple[Better, Better], known: Collection[str]) -> Read:
    record = entry.record
    lang = site.settings.lang if isinstance(record, Issue) else record.lang
    if not lang.startswith(("sv", "en")):
        return Read(entry, ())
    told = _sentences(entry, site)
    if lang.startswith("en"):
        return Read(entry, tuple(_long(told)))
    remarks = [*_hard(told), *_long(told), *chain.from_iterable(_about_words(sentence, *better) for sentence in told)]
    to_check = [word for sentence in told for word in spelling.to_check(sentence, known)]
    names = {word.text for sentence in told for word in sentence.words[1:] if word.text[0].isupper()}
    names |= {name.removesuffix("s") for name in names} | {f"{name}s" for name in names}
    return Read(entry, tuple(remarks), tuple(to_check), frozenset(names))


def _sentences(entry: AnyText, site: Site) -> tuple[Sentence, ...]:
    """The sentences of headline, ingress and text."""
    header = entry.header
    report = Report(entry.source, site.words, [])  # reading has said it already
    text = decode((site.settings.content / entry.source).read_bytes(), report)
    document = take_apart(text, report) if text else None
    headline = sentences(header.title, header.lines.get("title", 1))
    ingress = sentences(header.summary, header.lines.get("summary", 1))
    body = sentences(document.body, document.body_line) if document else ()
    return (*(replace(sentence, kind=Kind.HEADING) for sentence in headline), *ingress, *body)


def _hard(told: tuple[Sentence, ...]) -> Iterator[Remark]:
    value = lix(told)
    if value is not None and value >= HARD:
        first = next(sentence for sentence in told if sentence.kind is not Kind.HEADING)
        yield Remark(first.line, "hard-text", "", {"lix": value, "limit": HARD})


def _long(told: tuple[Sentence, ...]) -> Iterator[Remark]:
    for sentence in told:
        if is_long(sentence):
            facts = {"count": len(sentence.words), "beginning": sentence.beginning, "limit": LONGEST_SENTENCE}
            yield Remark(sentence.line, "long-sentence", sentence.beginning, facts)


def _about_words(sentence: Sentence, avoid: Better, official: Better) -> Iterator[Remark]:
    """What somebody else says is theirs to say as they like."""
    if sentence.kind is Kind.QUOTED:
        return
    taken = set()
    for code, better in (("avoided-word", avoid), ("jargon", official)):
        for found in better.find(sentence.words):
            if found.first not in taken:
                taken.add(found.first)
                facts = {"word": found.text, "better": found.better}
                yield Remark(found.first.line, code, found.better, facts)
    for verb in passive.find(sentence.words):
        if verb.verb not in taken:
            yield Remark(verb.verb.line, "passive", verb.text, {"word": verb.text, "active": verb.active})


# -- Spelling ----------------------------------------------------------------------------------------------------------


def _own_words(site: Site) -> tuple[Collection[str], list[Problem]]:
    """The words that need no dictionary: the magazine's list, and what it has tagged and named; small letters."""
    path = site.settings.word_list
    known: set[str] = set()
    problems: list[Problem] = []
    if path.is_file():
        try:
            known = spelling.known_words(path.read_text(encoding="utf-8-sig"))
        except (OSError, UnicodeDecodeError):
            said = problem(site.words, site.content.shown(path.name), 1, "not-utf8")
            problems.append(replace(said, severity="advice"))
    lists = (
        (*a.record.tags, *a.record.places, *a.record.authors, a.record.category, a.record.kind)
        for a in site.content.articles
    )
    named = {name.lower() for names in lists for name in names} | {name.lower() for _, name in site.settings.categories}
    known |= {word for name in named for sentence in sentences(name) for word in (w.text for w in sentence.words)}
    return known, problems


def _misspelt(read: Read, wrong: Mapping[str, tuple[str, ...]], word_list: str) -> Iterator[Remark]:
    for word in read.words:
        if word.text in wrong:
            proposals = ", ".join(wrong[word.text])
            facts = {"word": word.text, "list": word_list, "proposals": proposals}
            yield Remark(word.line, "misspelt-word" if proposals else "unknown-word", word.text, facts)
