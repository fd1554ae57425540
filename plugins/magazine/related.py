"""Which articles a reader of one article may want next: those that share its tags, its places, its words.

The measure knows nothing of the rest of the magazine (no word is rarer today than yesterday), and looks only at the
nearest articles that use the same word. So the work grows with the number of articles and not with its square, and a
new article changes what is related only for articles near it in time.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

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
    terms = [frozenset(_terms(article, lang)) for article in articles]
    users: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, own in enumerate(terms):
        for term in own:
            users[term].append(i)
    place_among: list[dict[tuple[str, str], int]] = [{} for _ in articles]
    for term, indices in users.items():
        for position, i in enumerate(indices):
            place_among[i][term] = position

    found = {}
    for i, article in enumerate(articles):
        scores: dict[int, int] = defaultdict(int)
        for term, position in place_among[i].items():
            weight = WEIGHTS[term[0]]
            for j in users[term][max(0, position - NEAREST) : position + NEAREST + 1]:
                scores[j] += weight
        scores.pop(i, None)
        best = sorted(scores, key=lambda j: (-scores[j], abs(j - i), j))[:COUNT]
        found[article.url] = tuple(articles[j] for j in best)
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
