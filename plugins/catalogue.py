"""The magazine as data, `/magazine.json`: what other programs read instead of our pages.

Its form is a contract; what is in it is what is released. Addresses are paths from the site's own root: put after the
magazine's `url`, they are whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import Any

from plugins.magazine import signals
from plugins.magazine.addresses import MAGAZINE_JSON
from plugins.magazine.model import Article, Magazine
from plugins.magazine.outputs import Output, page_path
from plugins.magazine.site import Site


def outputs(site: Site) -> Iterator[Output]:
    yield Output(page_path(MAGAZINE_JSON), partial(_make, site))


def _make(site: Site) -> bytes:
    data = catalogue(site.magazine, site.settings.url)
    return (json.dumps(data, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def catalogue(magazine: Magazine, url: str) -> dict[str, Any]:
    """The whole of it, newest first everywhere. Translations stand apart: they are counted in no list."""
    return {
        "name": magazine.name,
        "lang": magazine.lang,
        "url": url,
        "built_for": magazine.today.isoformat(),
        "issues": [
            {
                "id": issue.id,
                "title": issue.title,
                "released": issue.date.isoformat(),
                "url": issue.url,
                "articles": [article.url for article in issue.articles],
            }
            for issue in magazine.issues
        ],
        "categories": [
            {
                "slug": category.slug,
                "name": category.name,
                "url": category.url,
                "live": [article.url for article in category.live],
                "archived": [article.url for article in category.archived],
            }
            for category in magazine.categories
        ],
        "articles": {article.url: _facts(article) for article in magazine.articles},
        "translations": {
            article.url: _facts(article)
            | {"translation_of": f"/{article.issue}/{article.translation_of}/", "lang": article.lang}
            for article in magazine.translations
        },
    }


def _facts(article: Article) -> dict[str, Any]:
    return {
        "title": article.title,
        "summary": article.summary,
        "issue": article.issue,
        "category": article.category,
        "kind": article.kind,
        "authors": article.authors,
        "tags": article.tags,
        "places": article.places,
        "date": article.date.isoformat(),
        "modified": article.modified.isoformat() if article.modified else None,
    }


def register() -> None:
    signals.publish.connect(outputs)
