"""Which articles a reader of one article may want next: those that share its tags, its places, its words.

The measure knows nothing of the rest of the magazine (no word is rarer today than yesterday), and looks only at the
nearest articles that use the same word. So the work grows with the number of articles and not with its square, and a
new article changes what is related only for articles near it in time.
"""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from heapq import nlargest

import snowballstemmer

from plugins.magazine.model import Article

COUNT = 3
NEAREST = 12
"""How many articles to each side, among those that share a term, are looked at."""
WEIGHTS = {"tag": 4, "place": 3, "word": 1}

Term = tuple[str, str]
"""One of the keys of `WEIGHTS`, and a word."""

_LANGUAGES = {"sv": "swedish", "en": "english"}
_STOP = frozenset(
    "alla andra blir dessa detta deras eller efter enligt finns flera från genom hela honom inför innan kommer kunna"
    " lite mellan minst mycket många måste någon några nästa också olika redan samma sedan själv skulle sådan"
    " tillsammans under ursprungligen utan vilka vilken vilket vara varit varje about after again"
    " their there these those through which while would could should other where being between during before".split()
)


class Related:
    """For each article of a magazine up to three others. What an article's terms are is found out once, for all."""

    def __init__(self, articles: Sequence[Article], lang: str) -> None:
        """`articles` are newest first."""
        self._articles, self._lang = articles, lang
        self._index: _Index | None = None
        self._indexing = threading.Lock()

    def get(self, url: str) -> tuple[Article, ...]:
        """What is related to the article of this address, the most alike first; of equals the nearest in time first.

        Only articles that share something are related. To an address that is no article's, nothing is.
        """
        with self._indexing:
            self._index = index = self._index or _index(self._articles, self._lang)
        i = index.places.get(url)
        if i is None:
            return ()
        near: list[int] = []
        for term in set(_terms(self._articles[i], self._lang)):
            indices = index.users[term]
            position = bisect_left(indices, i)
            near += indices[max(0, position - NEAREST) : position + NEAREST + 1] * WEIGHTS[term[0]]
        scores = Counter(near)
        del scores[i]
        enough = min(nlargest(COUNT, scores.values()), default=0)
        best = sorted((j for j in scores if scores[j] >= enough), key=lambda j: (-scores[j], abs(j - i), j))
        return tuple(self._articles[j] for j in best[:COUNT])

    def after(self, articles: Sequence[Article], lang: str) -> Related:
        """The same for the magazine as it is now. If few articles are others than before, it costs next to nothing."""
        new = Related(articles, lang)
        index = self._index
        if index is None or lang != self._lang or len(articles) != len(self._articles):
            return new
        changed = [i for i, (old, now) in enumerate(zip(self._articles, articles, strict=True)) if old is not now]
        if any(self._articles[i].url != articles[i].url for i in changed):
            return new
        users = dict(index.users)
        for i in changed:
            before, now = (set(_terms(article, lang)) for article in (self._articles[i], articles[i]))
            for term in before - now:
                users[term] = [j for j in users[term] if j != i]
            for term in now - before:
                users[term] = sorted((*users.get(term, ()), i))
        new._index = _Index(index.places, users)
        return new


@dataclass(frozen=True, slots=True)
class _Index:
    places: Mapping[str, int]
    """The place of each article, by its address."""
    users: Mapping[Term, list[int]]
    """The places, in order, of the articles that use a term."""


def _index(articles: Sequence[Article], lang: str) -> _Index:
    users: dict[Term, list[int]] = defaultdict(list)
    for i, article in enumerate(articles):
        for term in set(_terms(article, lang)):
            users[term].append(i)
    return _Index({article.url: i for i, article in enumerate(articles)}, users)


def _terms(article: Article, lang: str) -> Iterator[Term]:
    for tag in article.tags:
        yield "tag", tag.casefold()
    for place in article.places:
        yield "place", place.casefold()
    for word in re.findall(r"[^\W\d_]{5,}", f"{article.title} {article.summary}".lower()):
        if word not in _STOP:
            yield "word", _stem(word, lang)


@lru_cache(maxsize=65536)
def _stem(word: str, lang: str) -> str:
    return str(_stemmer(lang).stemWord(word))


@lru_cache(maxsize=4)
def _stemmer(lang: str) -> snowballstemmer.stemmer:
    return snowballstemmer.stemmer(_LANGUAGES[lang])
