"""Which articles a reader of one article may want next: those that share its tags, its places, its words.

The measure knows nothing of the rest of the magazine (no word is rarer today than yesterday), and looks only at the
nearest articles that use the same word. So the work grows with the number of articles and not with its square, and a
new article changes what is related only for articles near it in time.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from heapq import nlargest

import snowballstemmer

from plugins.magazine.model import Article

COUNT = 3
NEAREST = 12
"""How many articles to each side, among those that share a term, are looked at."""
WEIGHTS = {"tag": 4, "place": 3, "word": 1}

_LANGUAGES = {"sv": "swedish", "en": "english"}
_STOP = frozenset(
    "alla andra blir dessa detta deras eller efter enligt finns flera från genom hela honom inför innan kommer kunna"
    " lite mellan minst mycket många måste någon några nästa också olika redan samma sedan själv skulle sådan"
    " tillsammans under ursprungligen utan vilka vilken vilket vara varit varje about after again"
    " their there these those through which while would could should other where being between during before".split()
)


def related(articles: Sequence[Article], lang: str) -> Mapping[str, tuple[Article, ...]]:
    """For each article's address up to three others, the most alike first; of equals the nearest in time first.

    `articles` are newest first. Only articles that share something are related.
    """
    users: dict[tuple[str, str], tuple[int, list[int]]] = {}  # each term's weight, and the articles that use it
    shared = []
    for i, article in enumerate(articles):
        own = [users.setdefault(term, (WEIGHTS[term[0]], [])) for term in set(_terms(article, lang))]
        for _, indices in own:
            indices.append(i)
        shared.append(own)

    found = {}
    for i, article in enumerate(articles):
        near: list[int] = []
        for weight, indices in shared[i]:
            position = bisect_left(indices, i)
            near += indices[max(0, position - NEAREST) : position + NEAREST + 1] * weight
        scores = Counter(near)
        del scores[i]
        enough = min(nlargest(COUNT, scores.values()), default=0)
        best = sorted((j for j in scores if scores[j] >= enough), key=lambda j: (-scores[j], abs(j - i), j))
        found[article.url] = tuple(articles[j] for j in best[:COUNT])
    return found


def _terms(article: Article, lang: str) -> Iterator[tuple[str, str]]:
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
