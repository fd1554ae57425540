"""Every page of the magazine: which address, which template, what it shows.

A view's context is made when the page is: it holds the model's own records, and each page only those it needs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from markupsafe import Markup

from plugins.magazine import addresses
from plugins.magazine.addresses import feeds
from plugins.magazine.excerpt import first_paragraphs
from plugins.magazine.frame import Context, autodiscovery, frame, share_picture
from plugins.magazine.model import Article, Category, Issue, Page, Topic
from plugins.magazine.site import Site
from plugins.pages import jsonld

ON_FRONT = 6
"""How many articles of a category the front page shows."""
ON_TOPIC = 40
"""How many articles a tag, place or author shows at once; older ones stand on a page a year."""
ON_SEARCH = 12
"""How many issues the search page names."""
TOPICS_ON_SEARCH = 60
"""How many tags, and how many places, the search page names: those with the most articles."""


@dataclass(frozen=True, slots=True)
class View:
    """One page: its address, its template, and the function that makes what the template gets."""

    url: str
    template: str
    context: Callable[[], Context]


@dataclass(frozen=True, slots=True)
class Section:
    """A category's articles on a page of headlines, sorted by how they look: one large, some, notices, voices."""

    category: Category
    big: Article | None
    small: tuple[Article, ...]
    notices: tuple[Article, ...]
    voice: tuple[Article, ...]


def views(site: Site) -> Iterator[View]:
    """Every page, each at another address. What is asked for most comes first, for those who look for one."""
    magazine = site.magazine
    yield View(addresses.FRONT, "front.html", partial(_front, site))
    yield View(addresses.ISSUES, "issues.html", partial(_issues, site))
    yield View(addresses.SEARCH, "search.html", partial(_search, site))
    yield View(addresses.NOT_FOUND, "404.html", partial(_not_found, site))
    for page in magazine.pages:
        if page.url == addresses.SUBSCRIBE:
            yield View(page.url, "subscribe.html", partial(_subscribe, site, page))
        else:
            yield View(page.url, "page.html", partial(_page, site, page))
    for category in magazine.categories:
        older = _by_year(category.archived)
        yield View(category.url, "category.html", partial(_category, site, category, _year_links(category.url, older)))
        yield from _year_views(site, category.name, category.name, category.url, older, (category.name, category.url))
    for i, issue in enumerate(magazine.issues):
        later = magazine.issues[i - 1] if i else None
        earlier = magazine.issues[i + 1] if i + 1 < len(magazine.issues) else None
        yield View(issue.url, "issue.html", partial(_issue, site, issue, earlier, later))
        for j, article in enumerate(issue.articles):
            before = issue.articles[j - 1] if j else None
            after = issue.articles[j + 1] if j + 1 < len(issue.articles) else None
            yield View(article.url, "article.html", partial(_article, site, issue, article, before, after))
    for translation in magazine.translations:
        issue = magazine.issue_by_id[translation.issue]
        yield View(translation.url, "article.html", partial(_article, site, issue, translation, None, None))
    gettext = site.words.gettext
    for kicker, topics in (
        (gettext("Topic"), magazine.tags),
        (gettext("Place"), magazine.places),
        (gettext("Author"), magazine.authors),
    ):
        for topic in topics:
            yield from _topic_views(site, kicker, topic)


# -- Pages of headlines ------------------------------------------------------------------------------------------------


def _front(site: Site) -> Context:
    magazine, issue = site.magazine, site.magazine.current
    lead = issue.lead if issue else None
    opening, more = first_paragraphs(issue.editorial, site.settings.base + issue.url) if issue else (Markup(), False)
    newest = [
        (category, [article for article in category.live if article is not lead][:ON_FRONT])
        for category in magazine.categories
    ]
    return frame(site, addresses.FRONT, "", site.settings.subtitle, image=issue.cover if issue else None) | {
        "issue": issue,
        "lead": lead,
        "opening": opening,
        "goes_on": more,
        "contents": [article for article in issue.articles if article is not lead] if issue else [],
        "sections": _sections(site, newest),
        "json_ld": jsonld.periodical_page(site),
    }


def _issue(site: Site, issue: Issue, earlier: Issue | None, later: Issue | None) -> Context:
    by_category: dict[str, list[Article]] = defaultdict(list)
    for article in issue.articles:
        by_category[article.category].append(article)
    contents = [(category, by_category[category.slug]) for category in site.magazine.categories]
    title = f"{issue.title} – {site.words.month(issue.first_day)}"
    about = site.words.gettext("Issue {number}, {month}: {title}").format(
        number=issue.number, month=site.words.month(issue.first_day), title=issue.title
    )
    return frame(site, issue.url, title, about, image=issue.cover, here=issue) | {
        "issue": issue,
        "editorial": Markup(issue.editorial),
        "sections": _sections(site, contents),
        "earlier": earlier,
        "later": later,
        "json_ld": jsonld.issue(site, issue),
    }


def _category(site: Site, category: Category, years: Sequence[tuple[str, int, str]]) -> Context:
    about = site.words.gettext("The newest articles in {name}.").format(name=category.name)
    links = feeds(category)
    context = frame(site, category.url, category.name, about)
    context["feeds"] = [*autodiscovery(f"{site.settings.name}: {category.name}", links), *context["feeds"]]
    return context | {"category": category, "articles": category.live, "years": years}


def _topic_views(site: Site, kicker: str, topic: Topic) -> Iterator[View]:
    older = _by_year(topic.articles[ON_TOPIC:])
    links = _year_links(topic.url, older)
    yield View(
        topic.url, "list.html", partial(_list, site, topic.url, kicker, topic.name, topic.articles[:ON_TOPIC], links)
    )
    yield from _year_views(site, kicker, topic.name, topic.url, older, (topic.name, topic.url))


def _year_views(
    site: Site, kicker: str, name: str, url: str, years: Mapping[int, Sequence[Article]], back: tuple[str, str]
) -> Iterator[View]:
    for year, articles in years.items():
        heading = site.words.gettext("{name}: older articles from {year}").format(name=name, year=year)
        yield View(
            f"{url}{year}/", "list.html", partial(_list, site, f"{url}{year}/", kicker, heading, articles, (), back)
        )


def _list(
    site: Site,
    url: str,
    kicker: str,
    heading: str,
    articles: Sequence[Article],
    years: Sequence[tuple[str, int, str]],
    back: tuple[str, str] | None = None,
) -> Context:
    about = site.words.gettext("Articles: {name}").format(name=heading)
    title = heading if heading.startswith(kicker) else f"{kicker}: {heading}"  # a tag and a place can have one name
    return frame(site, url, title, about) | {
        "kicker": kicker,
        "heading": heading,
        "articles": articles,
        "years": years,
        "back": back,
    }


def _issues(site: Site) -> Context:
    years: dict[int, list[Issue]] = defaultdict(list)
    for issue in site.magazine.issues:
        years[issue.year].append(issue)
    title = site.words.gettext("All issues")
    return frame(site, addresses.ISSUES, title, f"{title} – {site.settings.name}") | {"years": list(years.items())}


# -- Pages to read -----------------------------------------------------------------------------------------------------


def _article(site: Site, issue: Issue, article: Article, earlier: Article | None, later: Article | None) -> Context:
    magazine = site.magazine
    versions = magazine.versions.get(article.url, ())
    original = versions[0] if versions else article
    return frame(
        site,
        article.url,
        article.title,
        article.summary,
        image=article.image or issue.cover,
        here=issue,
        kind="article",
    ) | {
        "article": article,
        "issue": issue,
        "category": magazine.category_by_slug[article.category],
        "archived": original.url in magazine.archived_urls and issue is not magazine.current,
        "earlier": earlier,
        "later": later,
        "related": site.related.get(original.url),
        "versions": [version for version in versions if version is not article],
        "alternates": [(version.lang, version.url) for version in versions],
        "json_ld": jsonld.article(site, issue, article, share_picture(site, article.image or issue.cover)),
    }


def _page(site: Site, page: Page) -> Context:
    return frame(site, page.url, page.title, page.summary) | {"page": page}


def _subscribe(site: Site, page: Page) -> Context:
    magazine = site.magazine
    lists = [(site.settings.name, feeds()), *((category.name, feeds(category)) for category in magazine.categories)]
    return _page(site, page) | {
        "feed_list": [(name, links.rss, links.atom, links.json) for name, links in lists],
        "opml": addresses.OPML,
        "shelves": [(category.slug, category.name, category.position) for category in magazine.categories],
    }


def _search(site: Site) -> Context:
    magazine, title = site.magazine, site.words.gettext("Search")
    about = site.words.gettext("Search all that {name} has published.").format(name=site.settings.name)
    return frame(site, addresses.SEARCH, title, about) | {
        "numbers": {issue.id: issue.number for issue in magazine.issues},
        "issues": magazine.issues[:ON_SEARCH],
        "shelves": [(shelf.name, len(shelf.live) + len(shelf.archived), shelf.url) for shelf in magazine.categories],
        "tags": _most_used(magazine.tags),
        "places": _most_used(magazine.places),
    }


def _most_used(topics: Sequence[Topic]) -> list[tuple[str, int, str]]:
    """The topics with the most articles, in the order they come in."""
    most = sorted(topics, key=lambda topic: -len(topic.articles))[:TOPICS_ON_SEARCH]
    chosen = {topic.url for topic in most}
    return [(topic.name, len(topic.articles), topic.url) for topic in topics if topic.url in chosen]


def _not_found(site: Site) -> Context:
    title = site.words.gettext("The page is not here")
    return frame(site, addresses.NOT_FOUND, title, title) | {"issues": site.magazine.issues[:6]}


# -- What they share ---------------------------------------------------------------------------------------------------


def _sections(site: Site, contents: Iterable[tuple[Category, Sequence[Article]]]) -> list[Section]:
    return [_section(site, category, articles) for category, articles in contents if articles]


def _section(site: Site, category: Category, articles: Sequence[Article]) -> Section:
    """Sort articles by how they look. The large one is the first long one, else the first with a picture, else none."""
    by_form: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        by_form[site.settings.kinds[article.kind]].append(article)
    running = [article for article in articles if site.settings.kinds[article.kind] in ("standard", "long")]
    with_picture = [article for article in running if article.image]
    big = next(iter([a for a in with_picture if a in by_form["long"]] or with_picture or by_form["long"]), None)
    return Section(
        category=category,
        big=big,
        small=tuple(article for article in running if article is not big),
        notices=tuple(by_form["short"]),
        voice=tuple(by_form["voice"]),
    )


def _by_year(articles: Iterable[Article]) -> Mapping[int, list[Article]]:
    years: dict[int, list[Article]] = defaultdict(list)
    for article in articles:
        years[int(article.issue[:4])].append(article)
    return years


def _year_links(url: str, years: Mapping[int, Sequence[Article]]) -> list[tuple[str, int, str]]:
    return [(str(year), len(articles), f"{url}{year}/") for year, articles in years.items()]
