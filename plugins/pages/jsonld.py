"""What search engines and libraries read: NewsArticle → PublicationIssue → Periodical, in schema.org's words."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from plugins.magazine.model import Article, Issue
from plugins.magazine.site import Site

Node = dict[str, Any]


def article(site: Site, issue: Issue, article: Article, picture: str) -> Markup:
    absolute = site.settings.absolute
    node: Node = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "@id": absolute(article.url),
        "url": absolute(article.url),
        "mainEntityOfPage": absolute(article.url),
        "headline": article.title,
        "description": article.summary,
        "inLanguage": article.lang,
        "datePublished": article.date.isoformat(),
        "dateModified": article.changed.isoformat(),
        "articleSection": site.magazine.category_by_slug[article.category].name,
        "wordCount": article.word_count,
        "isAccessibleForFree": True,
        "image": [picture],
        "isPartOf": _issue(site, issue),
        "publisher": _publisher(site),
        # A byline is a role ("Redaktionen"), so its author is an organisation's part, not a person.
        "author": [{"@type": "Organization", "name": name} for name in article.authors] or _publisher(site),
    }
    if article.tags:
        node["keywords"] = ", ".join(article.tags)
    if article.places:
        node["contentLocation"] = [{"@type": "Place", "name": name} for name in article.places]
    if article.translation_of:
        node["translationOfWork"] = {"@id": absolute(f"/{article.issue}/{article.translation_of}/")}
    return script(node)


def issue(site: Site, issue: Issue) -> Markup:
    parts = [
        {"@type": "NewsArticle", "@id": site.settings.absolute(a.url), "headline": a.title} for a in issue.articles
    ]
    return script({"@context": "https://schema.org", **_issue(site, issue), "hasPart": parts})


def periodical_page(site: Site) -> Markup:
    return script({"@context": "https://schema.org", **_periodical(site)})


def script(node: Node) -> Markup:
    """JSON that can stand in a <script> element: nothing in it can end the element."""
    text = json.dumps(node, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))


def _issue(site: Site, issue: Issue) -> Node:
    return {
        "@type": "PublicationIssue",
        "@id": site.settings.absolute(issue.url),
        "url": site.settings.absolute(issue.url),
        "name": issue.title,
        "issueNumber": f"{issue.year}:{issue.number}",
        "datePublished": issue.date.isoformat(),
        "isPartOf": _periodical(site),
    }


def _periodical(site: Site) -> Node:
    settings = site.settings
    node: Node = {
        "@type": "Periodical",
        "@id": settings.absolute("/"),
        "url": settings.absolute("/"),
        "name": settings.name,
        "inLanguage": settings.lang,
        "publisher": _publisher(site),
    }
    if settings.subtitle:
        node["description"] = settings.subtitle
    if settings.issn:
        node["issn"] = settings.issn
    return node


def _publisher(site: Site) -> Node:
    return {"@type": "Organization", "name": site.settings.publisher or site.settings.name}
