"""What the search is measured on: collections of texts, and queries with the texts that answer them.

Real questions come with their answers. The other queries are made of an article's own words, changed as readers change
them: compounds and inflected forms by the dictionary of benchmarks/corpus.py, which the engine does not have.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks import corpus
from plugins.search.analysis import STOP_WORDS, normal, words
from plugins.search.documents import Document

ROOT = Path(__file__).parents[1]
FAQ = ROOT / "benchmarks/data/swefaq"
EACH = 60
"""So many queries of each kind are made of a collection."""


@dataclass(frozen=True, slots=True)
class Query:
    kind: str
    text: str
    relevant: frozenset[str]


@dataclass(frozen=True, slots=True)
class Collection:
    name: str
    documents: Sequence[Document]
    queries: Sequence[Query]


# -- Texts -------------------------------------------------------------------------------------------------------------


def read_lines(docs: Path, queries: Path) -> tuple[list[Document], list[Query]]:
    """A collection in files of JSON lines, as in benchmarks/data/swefaq; its texts are spread over issues of ten."""
    rows = [json.loads(line) for line in docs.read_text(encoding="utf-8").splitlines()]
    found = [
        Document(
            url=f"/{row['id']}/",
            title=row["title"],
            text=row["text"],
            summary=row.get("summary", ""),
            lang="sv",
            issue=f"{2000 + i // 120}-{i // 10 % 12 + 1:02}",
        )
        for i, row in enumerate(rows)
    ]
    asked = [json.loads(line) for line in queries.read_text(encoding="utf-8").splitlines()]
    return found, [
        Query(row.get("kind", "question"), row["query"], frozenset(f"/{one}/" for one in row["relevant"]))
        for row in asked
    ]


def questions() -> Collection:
    """Questions that people ask authorities, with the answers; and queries made of the answers."""
    found, asked = read_lines(FAQ / "docs.jsonl", FAQ / "queries.jsonl")
    return Collection("Questions to authorities", found, [*asked, *mechanical(found)])


def sample() -> Collection:
    """The articles and pages that come with the project."""
    import pelican

    from desk.build import generator, load_settings
    from plugins.search.documents import documents

    made = generator(pelican.Pelican(load_settings(ROOT / "pelicanconf.py", today="2026-11-30")))
    made.examine()
    found = list(documents(made.site))
    return Collection("The sample", found, mechanical(found))


def made_up(articles: int) -> Collection:
    """The texts of benchmarks/corpus.py, as long as real ones."""
    found = [_document(post) for post in corpus.make(articles).posts]
    return Collection("The made-up magazine", found, mechanical(found))


_LINK, _MARK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), re.compile(r"[*#>|]|^- |^1\. ", re.MULTILINE)


def _document(post: corpus.Post) -> Document:
    return Document(
        url=f"/{post.issue}/{post.slug}/",
        title=post.title,
        lang="sv",
        issue=post.issue,
        date=f"{post.date}",
        category=post.category,
        kind=post.kind,
        places=post.places,
        tags=post.tags,
        summary=post.summary,
        text=re.sub(r"\n+", "\n", _MARK.sub("", _LINK.sub(r"\1", post.body))).strip(),
    )


# -- Queries made of an article's words --------------------------------------------------------------------------------


def mechanical(found: Sequence[Document], seed: int = 1) -> list[Query]:
    """`EACH` queries of every kind: a word of an article, changed, beside two more of its words.

    Relevant are all texts that have the three words in their title, ingress or beginning.
    """
    random = Random(seed)
    own = {document.url: dict.fromkeys(_content_words(document)) for document in found}
    having: dict[str, set[str]] = defaultdict(set)
    for url, those in own.items():
        for word in those:
            having[word].add(url)
    most = max(3, len(found) // 50)
    queries = []
    for kind, change in KINDS.items():
        done: set[tuple[str, str]] = set()
        for _ in range(EACH * 40):
            document = random.choice(found)
            taken = [word for word in own[document.url] if len(having[word]) <= most]
            if len(taken) < 3 or len(done) == EACH:
                continue
            word, *others = random.sample(taken, 3)
            changed = change(word, random)
            if changed and changed != word and (document.url, word) not in done:
                done.add((document.url, word))
                relevant = frozenset.intersection(*(frozenset(having[one]) for one in (word, *others)))
                queries.append(Query(kind, " ".join((changed, *others)), relevant))
    return [*queries, *_abbreviated(found, random)]


def _content_words(document: Document) -> list[str]:
    taken = words(normal(f"{document.title} {document.summary} {document.text[:600]}"))
    return list(dict.fromkeys(word for word in taken if word not in STOP_WORDS and len(word) > 4 and word.isalpha()))


_NOUNS = [corpus._noun(word, declension) for declension, listed in corpus.NOUNS.items() for word in listed.split()]
_FORMS = {form: noun for noun in _NOUNS for form in (noun.bare, noun.definite, noun.plural, noun.plural_definite)}
_HEADS = {noun.joint: noun for noun in _NOUNS}


def _halves(word: str) -> tuple[str, str] | None:
    for cut in range(3, len(word) - 2):
        if word[:cut] in _HEADS and word[cut:] in _FORMS:
            return _HEADS[word[:cut]].bare, _FORMS[word[cut:]].bare
    return None


def _part(word: str, random: Random) -> str:
    halves = _halves(word)
    return random.choice(halves) if halves else ""


def _apart(word: str, _: Random) -> str:
    halves = _halves(word)
    return " ".join(halves) if halves else ""


def _turned(word: str, random: Random) -> str:
    halves = _halves(word)
    return f"{halves[1]} {random.choice(('för', 'om', 'av'))} {halves[0]}" if halves else ""


def _inflected(word: str, random: Random) -> str:
    if word in _FORMS:
        noun = _FORMS[word]
        return random.choice([noun.bare, noun.definite, noun.plural, noun.plural_definite])
    ending = re.fullmatch("(.{3,}(?:ing|het|ion|tet|ör))(en|ar|er|arna|erna|s|ens)?", word)
    if not ending:
        return ""
    plural = "ar" if ending[1].endswith("ing") else "er"
    return ending[1] + random.choice(["", "en", plural, f"{plural}na", "ens"])


def _undotted(word: str, _: Random) -> str:
    return word.translate(str.maketrans("åäö", "aao"))


def _spelt(word: str, _: Random) -> str:
    return word.replace("å", "aa").replace("ä", "ae").replace("ö", "oe")


def _mistyped(word: str, random: Random) -> str:
    """One letter left out, doubled, changed or swapped with the next."""
    if len(word) < 6:
        return ""
    at = random.randrange(len(word) - 1)
    how = random.randrange(4)
    letter = random.choice("abcdefghijklmnoprstuvyåäö")
    if how == 0:
        return word[:at] + word[at + 1 :]
    if how == 1:
        return word[:at] + word[at] + word[at:]
    if how == 2:
        return word[:at] + letter + word[at + 1 :]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


KINDS: dict[str, Callable[[str, Random], str]] = {
    "part of a compound": _part,
    "compound taken apart": _apart,
    "compound turned round": _turned,
    "inflected": _inflected,
    "without dots": _undotted,
    "aa, ae, oe": _spelt,
    "mistyped": _mistyped,
}

_SPELT_OUT = re.compile(r"((?:[^\W\d_]+ ){1,5}[^\W\d_]+) \(([A-ZÅÄÖ]{2,6})\)")


def _abbreviated(found: Sequence[Document], random: Random) -> Iterator[Query]:
    """Short forms that a text spells out, "idéburet offentligt partnerskap (IOP)": texts with either are relevant."""
    long_forms: dict[str, set[str]] = defaultdict(set)
    for document in found:
        for before, short in _SPELT_OUT.findall(document.text):
            long = before.split()[-len(short) :]
            if [word[0].upper() for word in long] == list(short):
                long_forms[short].add(" ".join(long).lower())
    for short in random.sample(sorted(long_forms), min(EACH, len(long_forms))):
        forms = [normal(short), *long_forms[short]]
        texts = ((document.url, normal(f"{document.title} {document.summary} {document.text}")) for document in found)
        having = frozenset(
            url for url, text in texts if any(re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) for form in forms)
        )
        if len(having) <= 10:
            yield Query("abbreviation", short, having)
