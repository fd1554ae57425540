"""How well the search finds, what a query costs, and how long the index takes.

    python -m benchmarks.search                        the questions to authorities, the sample, a corpus of 1,000
    python -m benchmarks.search --articles 10000       with a corpus of that size
    python -m benchmarks.search --docs D --queries Q   another collection: JSON lines as in benchmarks/data/swefaq

Real questions come with their answers. The others are made of an article's own words, changed as readers change them:
compounds by the dictionary of benchmarks/corpus.py, which the engine does not have.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import re
import resource
import subprocess
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean, median

from benchmarks import corpus
from desk.build import _generator, load_settings
from plugins.search.analysis import STOP_WORDS, normal, words
from plugins.search.documents import Document, documents
from plugins.search.index import build
from tests.browser import NODE

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "theme/static/search/engine.js"
FAQ = ROOT / "benchmarks/data/swefaq"
EACH = 60
"""So many queries of each kind are made of a collection."""


@dataclass(frozen=True, slots=True)
class Query:
    kind: str
    text: str
    relevant: frozenset[str]


# -- Collections -------------------------------------------------------------------------------------------------------


def read_lines(docs: Path, queries: Path) -> tuple[list[Document], list[Query]]:
    """A collection in files; its documents are spread over issues of ten."""
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


def sample() -> list[Document]:
    import pelican

    generator = _generator(pelican.Pelican(load_settings(ROOT / "pelicanconf.py", today="2026-11-30")))
    generator.examine()
    return list(documents(generator.site))


def made_up(articles: int) -> list[Document]:
    link, mark = re.compile(r"!?\[([^\]]*)\]\([^)]*\)"), re.compile(r"[*#>|]|^- |^1\. ", re.MULTILINE)
    return [
        Document(
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
            text=re.sub(r"\n+", "\n", mark.sub("", link.sub(r"\1", post.body))).strip(),
        )
        for post in corpus.make(articles).posts
    ]


# -- Queries made of an article's words --------------------------------------------------------------------------------


def mechanical(found: Sequence[Document], seed: int = 1) -> list[Query]:
    """`EACH` queries of every kind: a word of an article, changed, beside two more of its words."""
    random = Random(seed)
    own = {document.url: dict.fromkeys(_content_words(document)) for document in found}
    uses = Counter(word for taken in own.values() for word in taken)
    most = max(3, len(found) // 50)
    queries = []
    for kind, change in KINDS.items():
        done: set[tuple[str, str]] = set()
        for _ in range(EACH * 40):
            document = random.choice(found)
            taken = [word for word in own[document.url] if uses[word] <= most]
            if len(taken) < 3 or len(done) == EACH:
                continue
            word, *others = random.sample(taken, 3)
            changed = change(word, random)
            if changed and changed != word and (document.url, word) not in done:
                done.add((document.url, word))
                having = frozenset(url for url, those in own.items() if {word, *others} <= those.keys())
                queries.append(Query(kind, " ".join((changed, *others)), having))
    return queries


def _content_words(document: Document) -> list[str]:
    taken = words(normal(f"{document.title} {document.summary} {document.text[:600]}"))
    return list(dict.fromkeys(word for word in taken if word not in STOP_WORDS and len(word) > 4 and word.isalpha()))


def _nouns() -> list[corpus.Noun]:
    return [corpus._noun(word, declension) for declension, listed in corpus.NOUNS.items() for word in listed.split()]


NOUNS = _nouns()
FORMS = {form: noun for noun in NOUNS for form in (noun.bare, noun.definite, noun.plural, noun.plural_definite)}
HEADS = {noun.joint: noun for noun in NOUNS}


def _halves(word: str) -> tuple[str, str] | None:
    for cut in range(3, len(word) - 2):
        if word[:cut] in HEADS and word[cut:] in FORMS:
            return HEADS[word[:cut]].bare, FORMS[word[cut:]].bare
    return None


def _part(word: str, random: Random) -> str:
    halves = _halves(word)
    return random.choice(halves) if halves else ""


def _apart(word: str, _: Random) -> str:
    halves = _halves(word)
    return " ".join(halves) if halves else ""


def _inflected(word: str, random: Random) -> str:
    if word in FORMS:
        noun = FORMS[word]
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
    "inflected": _inflected,
    "without dots": _undotted,
    "aa, ae, oe": _spelt,
    "mistyped": _mistyped,
}

# -- Measuring ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    urls: list[str]
    transferred: int
    """Bytes as sent with gzip, without the client: what a first query fetches."""
    milliseconds: float


def publish(files: dict[str, bytes], folder: Path) -> None:
    for path in {(folder / "search" / name).parent for name in files}:
        path.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / "search" / name).write_bytes(data)


def ask(folder: Path, queries: Sequence[Query]) -> list[Answer]:
    with tempfile.NamedTemporaryFile("w", suffix=".json", encoding="utf-8") as asked:
        json.dump([{"id": i, "query": query.text} for i, query in enumerate(queries)], asked)
        asked.flush()
        command = [NODE, Path(__file__).with_suffix(".mjs"), ENGINE, folder, asked.name]
        done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    sizes: dict[str, int] = {}

    def size(path: str) -> int:
        if path not in sizes:
            sizes[path] = len(gzip.compress((folder / path.lstrip("/")).read_bytes(), 6))
        return sizes[path]

    return [
        Answer(row["urls"], sum(map(size, row["files"])), row["milliseconds"])
        for row in map(json.loads, done.stdout.splitlines())
    ]


def ndcg(urls: Sequence[str], relevant: frozenset[str]) -> float:
    gained = sum(1 / math.log2(i + 2) for i, url in enumerate(urls[:10]) if url in relevant)
    return gained / sum(1 / math.log2(i + 2) for i in range(min(10, len(relevant))))


def reciprocal(urls: Sequence[str], relevant: frozenset[str]) -> float:
    return next((1 / (i + 1) for i, url in enumerate(urls[:10]) if url in relevant), 0.0)


def report(name: str, found: Sequence[Document], queries: Sequence[Query], show: bool = False) -> None:
    before = time.process_time()
    files = build(found)
    seconds = time.process_time() - before
    print(f"\n{name}: {len(found)} texts, {len(files)} files, index built in {seconds:.1f} s of computing")
    with tempfile.TemporaryDirectory() as folder:
        publish(files, Path(folder))
        answers = ask(Path(folder), queries)
    by_kind: dict[str, list[tuple[Query, Answer]]] = defaultdict(list)
    for query, answer in zip(queries, answers, strict=True):
        by_kind[query.kind].append((query, answer))
        if show and not reciprocal(answer.urls, query.relevant):
            print(f"  not found: {query.kind}: {query.text}  {sorted(query.relevant)[:1]}")
    print(f"  {'kind':24}{'queries':>8}{'nDCG@10':>9}{'MRR@10':>9}{'success':>9}")
    for kind, pairs in (*by_kind.items(), ("all", list(zip(queries, answers, strict=True)))):
        gains = [ndcg(answer.urls, query.relevant) for query, answer in pairs]
        ranks = [reciprocal(answer.urls, query.relevant) for query, answer in pairs]
        print(f"  {kind:24}{len(pairs):8}{mean(gains):9.3f}{mean(ranks):9.3f}{mean(rank > 0 for rank in ranks):9.3f}")
    client = len(gzip.compress(ENGINE.read_bytes(), 6))
    sent = sorted(answer.transferred + client for answer in answers)
    times = sorted(answer.milliseconds for answer in answers)
    print(
        f"  a first query fetches {median(sent) / 1000:.1f} kB (95 %: {sent[int(len(sent) * 0.95)] / 1000:.1f}), "
        f"of them client {client / 1000:.1f}, entry {len(gzip.compress(files['index.json'])) / 1000:.1f}; "
        f"computes {median(times):.1f} ms (95 %: {times[int(len(times) * 0.95)]:.1f})"
    )


def main(arguments: Iterable[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=1000, help="the size of the made-up corpus")
    options.add_argument("--docs", type=Path, help="another collection's documents")
    options.add_argument("--queries", type=Path, help="its queries")
    options.add_argument("--only", default="", help="faq, sample or corpus")
    options.add_argument("--show", action="store_true", help="list the queries without a relevant hit")
    given = options.parse_args(list(arguments) if arguments is not None else None)
    for name, found, queries in _collections(given):
        report(name, found, queries, given.show)
    print(f"\nmemory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _collections(given: argparse.Namespace) -> Iterator[tuple[str, list[Document], list[Query]]]:
    if given.docs:
        yield given.docs.name, *read_lines(given.docs, given.queries)
        return
    if given.only in ("", "faq"):
        found, questions = read_lines(FAQ / "docs.jsonl", FAQ / "queries.jsonl")
        yield "Questions to authorities", found, questions + mechanical(found)
    if given.only in ("", "sample"):
        found = sample()
        yield "The sample", found, mechanical(found)
    if given.only in ("", "corpus"):
        found = made_up(given.articles)
        yield "The made-up corpus", found, mechanical(found)


if __name__ == "__main__":
    main()
