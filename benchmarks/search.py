"""How well the search finds, what a query costs a reader, what the index costs; beside the peers that are installed.

    inv bench search                                    real questions, the sample, a magazine of 10,000 articles
    inv bench search --args "--articles 100000 --only magazine"
    inv bench search --args "--docs D --queries Q"      another collection, as in benchmarks/data/swefaq

The peers, Pagefind and MiniSearch, get the same texts and the same queries in the same browser. This installs them:

    .venv/bin/npm install --prefix .cache/search-peers pagefind minisearch

Figures: nDCG@10 and MRR@10 from 0 to 1; success@10 is the share of queries with a relevant text among the first ten.
A reader's first query counts the client, the parts of the index and ten result cards; the further one, what it needs
beside them. Bytes are as sent with gzip. Each time is measured in Chromium, without the network; 95 % are not above the
second figure. The index is built apart from
that, by as many processes as a build takes.
"""

from __future__ import annotations

import argparse
import math
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import mean, median

from benchmarks import search_ask, search_sets
from benchmarks.search_ask import Engine
from benchmarks.search_index import Built, Changed, measure
from benchmarks.search_sets import Collection, Query

SETS = ("questions", "sample", "magazine")
MOST_FOR_PEERS = 20_000
"""In a larger collection the peers are left out: MiniSearch's index is then a file of more than 100 MB."""


def main(arguments: Iterable[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--articles", type=int, default=10_000, help="the size of the made-up magazine")
    options.add_argument("--only", choices=SETS, help="one of the collections")
    options.add_argument("--docs", type=Path, help="another collection's texts")
    options.add_argument("--queries", type=Path, help="its queries")
    options.add_argument("--alone", action="store_true", help="without the peers")
    options.add_argument("--show", action="store_true", help="list the queries without a relevant hit")
    given = options.parse_args(list(arguments) if arguments is not None else None)
    if bool(given.docs) != bool(given.queries):
        options.error("--docs and --queries belong together")
    if not given.alone and not search_ask.installed():
        print(f"The peers are not installed. To measure beside them: {search_ask.INSTALL}")
    for collection in _collections(given):
        with tempfile.TemporaryDirectory() as folder:
            for line in report(collection, Path(folder), given.alone, given.show):
                print(line, flush=True)


def _collections(given: argparse.Namespace) -> Iterator[Collection]:
    if given.docs:
        yield Collection(given.docs.stem, *search_sets.read_lines(given.docs, given.queries))
        return
    if given.only in (None, "questions"):
        yield search_sets.questions()
    if given.only in (None, "sample"):
        yield search_sets.sample()
    if given.only in (None, "magazine"):
        yield search_sets.made_up(given.articles)


# -- Figures -----------------------------------------------------------------------------------------------------------


def ndcg(urls: Sequence[str], relevant: frozenset[str]) -> float:
    gained = sum(1 / math.log2(i + 2) for i, url in enumerate(urls[:10]) if url in relevant)
    return gained / sum(1 / math.log2(i + 2) for i in range(min(10, len(relevant))))


def reciprocal(urls: Sequence[str], relevant: frozenset[str]) -> float:
    return next((1 / (i + 1) for i, url in enumerate(urls[:10]) if url in relevant), 0.0)


def spread(values: Iterable[float], scale: float = 1) -> str:
    """The median and, in brackets, what 95 % are not above."""
    ordered = sorted(values)
    return f"{median(ordered) / scale:.1f} ({ordered[math.ceil(len(ordered) * 0.95) - 1] / scale:.1f})"


# -- Report ------------------------------------------------------------------------------------------------------------


def report(collection: Collection, folder: Path, alone: bool = False, show: bool = False) -> Iterator[str]:
    """Measure a collection, and say what came of it, line by line."""
    built, changed = measure(collection.documents, folder)
    made = {} if alone or built.texts > MOST_FOR_PEERS else search_ask.peers(folder)
    asked = [query.text for query in collection.queries]
    engines = list(search_ask.engines(folder, asked, built.wall, made))
    yield f"\n{collection.name}: {built.texts:,} texts"
    yield from _quality(collection.queries, engines)
    yield from _costs(engines, folder)
    yield from _index(built, changed)
    if show:
        for query, answer in zip(collection.queries, engines[0].answers, strict=True):
            if not reciprocal(answer.urls, query.relevant):
                yield f"  not found: {query.kind}: {query.text}  {min(query.relevant, default='')}"


def _quality(queries: Sequence[Query], engines: Sequence[Engine]) -> Iterator[str]:
    heads = "".join(f"{engine.name:>30}" for engine in engines)
    yield f"  {'':26}{'':>8}{heads}"
    yield f"  {'kind':26}{'queries':>8}" + f"{'nDCG@10':>12}{'MRR@10':>9}{'success':>9}" * len(engines)
    kinds = dict.fromkeys(query.kind for query in queries)
    for kind in (*kinds, "all"):
        line = ""
        places = [i for i, query in enumerate(queries) if kind in (query.kind, "all")]
        for engine in engines:
            pairs = [(engine.answers[i].urls, queries[i].relevant) for i in places]
            ranks = [reciprocal(*pair) for pair in pairs]
            gain, found = mean(ndcg(*pair) for pair in pairs), mean(rank > 0 for rank in ranks)
            line += f"{gain:12.3f}{mean(ranks):9.3f}{found:9.3f}"
        yield f"  {kind:26}{len(places):8}{line}"


def _costs(engines: Sequence[Engine], folder: Path) -> Iterator[str]:
    heads = "".join(f"{engine.name:>24}" for engine in engines)
    yield f"  {'':42}{heads}"
    rows = {
        "first query, kB": [spread((reader.first for reader in engine.readers), 1000) for engine in engines],
        "  of that the client": [f"{engine.client / 1000:.1f}" for engine in engines],
        "further query, kB": [spread((reader.further for reader in engine.readers), 1000) for engine in engines],
        "first answer, ms of computing": [
            spread(reader.milliseconds for reader in engine.readers) for engine in engines
        ],
        "answer from memory, ms of computing": [
            spread(answer.milliseconds for answer in engine.answers) for engine in engines
        ],
        "index built, s": [f"{engine.index_seconds:.1f}" for engine in engines],
    }
    for name, values in rows.items():
        yield f"  {name:42}" + "".join(f"{value:>24}" for value in values)
    facets = [search_ask.sent(path) for path in (folder / "search/facets").glob("*.json")]
    page, entry = search_ask.sent(folder / "page.js"), search_ask.sent(folder / "search/index.json")
    yield (
        f"  Ours beside that: the page's own script {page / 1000:.1f} kB, the filters' counts {sum(facets) / 1000:.1f} "
        f"kB, both once. Its entry, fetched anew for each visit, is {entry / 1000:.1f} kB."
    )


def _index(built: Built, changed: Changed) -> Iterator[str]:
    yield (
        f"  The index: {built.files:,} files, {built.size / 1e6:.1f} MB; built in {built.wall:.1f} s "
        f"({built.cpu:.1f} s of computing) and {built.memory} MB beside the "
        f"{built.texts_memory} MB of Python and the texts."
    )
    as_anew = "the same bytes as" if changed.same else "OTHER BYTES THAN"
    yield (
        f"  One article changed: built again in {changed.wall:.1f} s ({changed.cpu:.1f} s of computing), "
        f"{changed.files} files written, {as_anew} building all anew."
    )


if __name__ == "__main__":
    main()
