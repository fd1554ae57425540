"""The rules that make the magazine, held against random magazines."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins.magazine.model import (
    Article,
    Category,
    Issue,
    Magazine,
    Page,
    assemble,
    is_released,
    live_and_archived,
    order_in_issue,
    slugify,
    topics,
)

CATEGORIES = (("nyheter", "Nyheter"), ("tankar", "Tankar"))
TODAY = dt.date(2026, 6, 15)
DAY = dt.timedelta(days=1)
IDS = [f"{2025 + n // 12}-{n % 12 + 1:02}" for n in range(24)]
SECRET = "hemlig"
"""Stands in every text of what is not released."""

small = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


# -- Making magazines --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Written:
    """All that has been written, released or not: what reading hands to the model."""

    issues: tuple[Issue, ...] = ()
    articles: tuple[Article, ...] = ()
    room: int = 3

    def on(self, today: dt.date = TODAY, **changed: Any) -> Magazine:
        given: dict[str, Any] = {"issues": self.issues, "articles": self.articles, "room": self.room} | changed
        return assemble(name="Provet", lang="sv", today=today, categories=CATEGORIES, **given)

    def and_also(self, other: Written) -> Written:
        return replace(self, issues=self.issues + other.issues, articles=self.articles + other.articles)


def first_of(issue: str) -> dt.date:
    return dt.date.fromisoformat(f"{issue}-01")


def an_issue(id_: str = "2026-05", **changed: Any) -> Issue:
    given: dict[str, Any] = {"title": id_, "date": first_of(id_), "source": f"issues/{id_}/issue.md"}
    return Issue(id=id_, **given | changed)


def an_article(slug: str = "a", issue: str = "2026-05", **changed: Any) -> Article:
    given: dict[str, Any] = {
        "category": "nyheter",
        "kind": "nyhet",
        "title": slug,
        "summary": "Ingress.",
        "date": first_of(issue),
        "source": f"issues/{issue}/{slug}.md",
        "lang": "sv",
    }
    return Article(issue=issue, slug=slug, **given | changed)


TRAITS = st.tuples(
    st.sampled_from(["nyheter", "nyheter", "tankar"]),
    st.sampled_from([None, None, 0, 1, -1]),  # order
    st.sampled_from([False, False, False, True]),  # pinned
    st.sampled_from([False, False, False, True]),  # a translation of the issue's first article
    st.sampled_from([(), ("Dialog",), ("dialog", "möten")]),  # tags
    st.sampled_from([None, dt.date(2024, 1, 1), dt.date(2026, 12, 1)]),  # modified
)


@st.composite
def an_issue_with_articles(draw: st.DrawFn, id_: str) -> Written:
    """One issue with a few articles; some are pinned, some are translations."""
    articles = []
    for n, (category, order, pinned, translation, tags, modified) in enumerate(draw(st.lists(TRAITS, max_size=6))):
        language = {"lang": "en", "translation_of": "artikel-0"} if translation and n else {}
        given: dict[str, Any] = {"category": category, "order": order, "pinned": pinned, "tags": tags} | language
        articles.append(an_article(f"artikel-{n}", id_, modified=modified, **given))
    return Written((an_issue(id_),), tuple(articles))


@st.composite
def writings(draw: st.DrawFn, ids: Sequence[str] = IDS) -> Written:
    """A magazine over two years, some of it still to come."""
    chosen = draw(st.lists(st.sampled_from(ids), unique=True, max_size=5))
    made = Written(room=draw(st.integers(1, 4)))
    for id_ in sorted(chosen):
        made = made.and_also(draw(an_issue_with_articles(id_)))
    return made


def released_urls(written: Written, category: str) -> list[str]:
    """The rule said once more, in other words: what has come out in a category, newest first."""
    dates = {issue.id: issue.date for issue in written.issues}
    out = [
        article
        for article in written.articles
        if dates[article.issue] <= TODAY and article.category == category and article.translation_of is None
    ]
    out.sort(key=lambda a: (1 if a.order is None else 0, a.order or 0, a.slug))
    out.sort(key=lambda a: a.issue, reverse=True)
    return [article.url for article in out]


def urls(articles: Iterable[Article]) -> list[str]:
    return [article.url for article in articles]


def shelf(magazine: Magazine, slug: str = "nyheter") -> Category:
    return magazine.category_by_slug[slug]


def places(magazine: Magazine) -> dict[str, str]:
    """Each article's address and where it stands."""
    return {
        article.url: where
        for category in magazine.categories
        for where, articles in (("live", category.live), ("archived", category.archived))
        for article in articles
    }


def walk(thing: Any, seen: dict[int, Any] | None = None) -> Iterator[Any]:
    """Everything that can be reached from `thing`: fields, items, and what its properties compute."""
    seen = {} if seen is None else seen
    if id(thing) in seen:
        return
    seen[id(thing)] = thing  # kept alive, so that its id is not given to another
    yield thing
    if isinstance(thing, dict):
        parts: list[Any] = [*thing, *thing.values()]
    elif isinstance(thing, (list, tuple, set, frozenset)):
        parts = list(thing)
    elif dataclasses.is_dataclass(thing):
        names = [field.name for field in dataclasses.fields(thing)]
        names += [name for name in dir(type(thing)) if not name.startswith("_") and name not in names]
        parts = [getattr(thing, name) for name in names]
    else:
        parts = []
    for part in parts:
        yield from walk(part, seen)


# -- Room --------------------------------------------------------------------------------------------------------------


@small
@given(writings())
def test_a_category_never_has_more_live_articles_than_room(written: Written) -> None:
    """Pins or not, no category shows more than it has room for, and it shows as many as it can."""
    for category in written.on().categories:
        everything = len(category.live) + len(category.archived)
        assert len(category.live) == min(written.room, everything)


@small
@given(writings())
def test_live_and_archived_are_all_that_is_released(written: Written) -> None:
    """Each released article of a category stands in exactly one half, and both halves keep the order."""
    magazine = written.on()
    for category in magazine.categories:
        expected = released_urls(written, category.slug)
        live, archived = urls(category.live), urls(category.archived)
        assert sorted(live + archived) == sorted(expected)
        assert len(set(live + archived)) == len(expected)
        assert live == [url for url in expected if url in live]
        assert archived == [url for url in expected if url in archived]


@small
@given(writings())
def test_pinned_articles_stay_and_the_newest_others_take_what_is_left(written: Written) -> None:
    """No pinned article falls off while another that is not pinned is live, and no newer one while an older is live."""
    for category in written.on().categories:
        order = released_urls(written, category.slug)
        for out in category.archived:
            for kept in category.live:
                assert kept.pinned or not out.pinned
                if kept.pinned == out.pinned:
                    assert order.index(kept.url) < order.index(out.url)


@small
@given(st.data(), writings())
def test_adding_an_issue_moves_only_what_it_pushes_out(data: st.DataObject, written: Written) -> None:
    """A new issue archives as many as it brings beyond the room; nothing that had fallen off becomes live again."""
    free = [id_ for id_ in IDS if id_ not in {issue.id for issue in written.issues}]
    added = data.draw(an_issue_with_articles(data.draw(st.sampled_from(free))))
    before, after = written.on(), written.and_also(added).on()
    stood, stand = places(before), places(after)
    assert not [url for url, where in stood.items() if where == "archived" and stand[url] == "live"]
    for category in before.categories:
        old = urls(category.live)
        new = [url for url in released_urls(written.and_also(added), category.slug) if url not in stood]
        pushed_out = [url for url in old if stand[url] == "archived"] + [url for url in new if stand[url] == "archived"]
        assert len(pushed_out) == max(0, len(old) + len(new) - written.room)
        assert [url for url in urls(shelf(after, category.slug).live) if url in stood] == [
            url for url in old if stand[url] == "live"
        ]


@small
@given(writings(IDS[:12]), an_issue_with_articles("2026-03"))
def test_the_newest_issue_pushes_out_the_oldest_unpinned_articles(written: Written, added: Written) -> None:
    """Without pins, what a new issue pushes out is the tail of what was live."""
    articles = tuple(replace(article, pinned=False) for article in written.articles)
    fresh = replace(added, articles=tuple(replace(article, pinned=False) for article in added.articles))
    written = replace(written, articles=articles)
    before, after = written.on(), written.and_also(fresh).on()
    for category in before.categories:
        stand = places(after)
        kept = [stand[url] == "live" for url in urls(category.live)]
        assert kept == sorted(kept, reverse=True)


@pytest.mark.parametrize("room", [1, 3, 20])
def test_room_is_what_the_settings_say(room: int) -> None:
    """The number of live articles is the one given, not a constant."""
    written = Written((an_issue(),), tuple(an_article(f"a{n:02}") for n in range(25)), room)
    assert [len(shelf(written.on()).live), len(shelf(written.on()).archived)] == [room, 25 - room]


# -- Order -------------------------------------------------------------------------------------------------------------


@small
@given(st.data(), writings())
def test_order_does_not_depend_on_the_order_of_reading(data: st.DataObject, written: Written) -> None:
    """Files may be read in any order: the magazine is the same."""
    issues = data.draw(st.permutations(written.issues))
    articles = data.draw(st.permutations(written.articles))
    assert written.on(issues=issues, articles=articles) == written.on()


@small
@given(writings())
def test_order_is_total(written: Written) -> None:
    """No two articles of an issue are equal in order, and the whole magazine runs newest issue first."""
    magazine = written.on()
    for issue in magazine.issues:
        keys = [order_in_issue(article) for article in issue.articles]
        assert all(one < other for one, other in pairwise(keys))
    ids = [issue.id for issue in magazine.issues]
    assert ids == sorted(set(ids), reverse=True)
    assert urls(magazine.articles) == [url for issue in magazine.issues for url in urls(issue.articles)]
    live = [article for article in magazine.articles if places(magazine)[article.url] == "live"]
    assert magazine.live_articles == tuple(live)


@small
@given(st.data(), writings())
def test_corrected_dates_change_no_order(data: st.DataObject, written: Written) -> None:
    """Another release date on the same side of today, even before an earlier issue's, or `modified`: all stays."""
    corrected = {
        issue.id: data.draw(
            st.dates(dt.date(2025, 1, 1), TODAY)
            if issue.date <= TODAY
            else st.dates(TODAY + DAY, dt.date(2027, 12, 31)),
            label=issue.id,
        )
        for issue in written.issues
    }
    moved = replace(
        written,
        issues=tuple(replace(issue, date=corrected[issue.id]) for issue in written.issues),
        articles=tuple(
            replace(article, date=corrected[article.issue], modified=data.draw(st.none() | st.dates()))
            for article in written.articles
        ),
    )
    before, after = written.on(), moved.on()
    assert urls(after.articles) == urls(before.articles)
    assert places(after) == places(before)
    assert urls(after.live_articles) == urls(before.live_articles)
    assert [(issue.id, issue.number) for issue in after.issues] == [(issue.id, issue.number) for issue in before.issues]
    assert [(topic.url, urls(topic.articles)) for topic in after.tags] == [
        (topic.url, urls(topic.articles)) for topic in before.tags
    ]


@small
@given(writings(), st.dates(dt.date(2024, 12, 1), dt.date(2027, 2, 1)))
def test_the_clock_matters_only_at_release_dates(written: Written, today: dt.date) -> None:
    """Between two releases every day gives the same magazine."""
    past = [issue.date for issue in written.issues if issue.date <= today]
    day_of_last_release = max(past, default=dt.date(2024, 12, 1))
    assert replace(written.on(today), today=TODAY) == replace(written.on(day_of_last_release), today=TODAY)


def test_articles_with_an_order_come_first_then_by_slug() -> None:
    """In an issue `order` decides, 0 and negative numbers too; the rest follow by slug."""
    articles = [an_article("d", order=2), an_article("c"), an_article("b", order=0), an_article("a"),
                an_article("e", order=-1)]  # fmt: skip
    magazine = Written((an_issue(),), tuple(articles)).on()
    assert [article.slug for article in magazine.articles] == ["e", "b", "d", "a", "c"]


# -- Embargo -----------------------------------------------------------------------------------------------------------


def secretly(text: str) -> str:
    return f"{text}-{SECRET}"


@small
@given(writings(), st.dates(dt.date(2025, 1, 1), dt.date(2027, 1, 1)))
def test_nothing_unreleased_leaves_a_trace(written: Written, today: dt.date) -> None:
    """No text of an unreleased issue can be reached from the magazine by any way."""
    later = {issue.id for issue in written.issues if issue.date > today}
    marked = replace(
        written,
        issues=tuple(
            replace(issue, title=secretly(issue.title), editorial=secretly("")) if issue.id in later else issue
            for issue in written.issues
        ),
        articles=tuple(
            replace(
                article,
                title=secretly(article.title),
                body=secretly(""),
                tags=(secretly("tagg"), *article.tags),
                places=(secretly("plats"),),
                authors=(secretly("namn"),),
            )
            if article.issue in later
            else article
            for article in written.articles
        ),
    )
    magazine = marked.on(today)
    texts = [thing for thing in walk(magazine) if isinstance(thing, str)]
    assert not [text for text in texts if SECRET in text]
    assert not [text for text in texts if text in later or any(f"{id_}/" in text for id_ in later)]
    without = replace(
        written,
        issues=tuple(issue for issue in written.issues if issue.id not in later),
        articles=tuple(article for article in written.articles if article.issue not in later),
    )
    assert magazine == without.on(today)


def test_an_issue_comes_out_on_its_day() -> None:
    """The day before there is nothing; on the day there is all."""
    written = Written((an_issue(date=TODAY),), (an_article(),))
    assert written.on(TODAY - DAY).issues == ()
    assert [issue.id for issue in written.on(TODAY).issues] == ["2026-05"]


# -- Translations ------------------------------------------------------------------------------------------------------


@small
@given(writings())
def test_a_translation_counts_nowhere(written: Written) -> None:
    """Without its translations the magazine has the same articles, live, archived and topics."""
    originals = tuple(article for article in written.articles if not article.translation_of)
    full, bare = written.on(), written.on(articles=originals)
    assert replace(full, translations=()) == replace(bare, translations=())
    assert bare.translations == ()
    assert full.tags == bare.tags


@small
@given(writings())
def test_every_translation_stands_beside_its_original(written: Written) -> None:
    """All versions of an article know each other, the original first; what is not translated has no versions."""
    magazine = written.on()
    for translation in magazine.translations:
        group = magazine.versions[translation.url]
        assert group[0].url == f"/{translation.issue}/{translation.translation_of}/"
        assert translation in group
        assert all(magazine.versions[version.url] == group for version in group)
    assert len(magazine.versions) == len(magazine.translations) + len(
        {group[0].url for group in magazine.versions.values()}
    )
    written_out = {
        article.url
        for article in written.articles
        if article.translation_of and f"/{article.issue}/{article.translation_of}/" in urls(magazine.articles)
    }
    assert {translation.url for translation in magazine.translations} == written_out


def test_a_translation_without_its_original_is_left_out() -> None:
    """If the original is a draft, unknown or not there, the translation does not exist either."""
    lone = an_article("lone", lang="en", translation_of="gone")
    magazine = Written((an_issue(),), (an_article("a"), lone)).on()
    assert magazine.translations == ()
    assert magazine.versions == {}


# -- Issues ------------------------------------------------------------------------------------------------------------


@small
@given(writings())
def test_issues_are_numbered_from_one_each_year(written: Written) -> None:
    """The numbers of a year's issues run 1, 2, 3 … in the order they came out."""
    by_year: dict[int, list[int]] = {}
    for issue in reversed(written.on().issues):
        by_year.setdefault(issue.year, []).append(issue.number)
    for numbers in by_year.values():
        assert numbers == list(range(1, len(numbers) + 1))


@small
@given(writings(IDS[:12]), an_issue_with_articles("2026-03"))
def test_a_later_issue_changes_no_number(written: Written, added: Written) -> None:
    """What a published issue is called does not change with the next one."""
    before, after = written.on(), written.and_also(added).on()
    assert {issue.id: issue.number for issue in before.issues}.items() <= {
        issue.id: issue.number for issue in after.issues
    }.items()


def test_an_issue_without_articles_does_not_exist() -> None:
    """An empty issue, or one with only a translation, is a plan: no page, no number, never the current one."""
    written = Written(
        (an_issue("2026-04"), an_issue("2026-05"), an_issue("2026-06")),
        (
            an_article("a", "2026-04"),
            an_article("b", "2026-05", lang="en", translation_of="x"),
            an_article("c", "2026-06"),
        ),
    )
    magazine = written.on()
    assert [(issue.id, issue.number) for issue in magazine.issues] == [("2026-06", 2), ("2026-04", 1)]
    assert not is_released(an_issue("2026-05"), TODAY)


def test_before_the_first_release_the_magazine_is_empty() -> None:
    """A magazine without issues has its categories, empty, and no current issue."""
    magazine = Written().on()
    assert magazine.current is None
    assert [(category.slug, category.position, category.live) for category in magazine.categories] == [
        ("nyheter", 0, ()),
        ("tankar", 1, ()),
    ]
    assert (magazine.articles, magazine.live_articles, magazine.tags, magazine.translations) == ((), (), (), ())


def test_more_new_articles_than_room_in_one_issue() -> None:
    """Of 25 new articles in a category with room for 20, the last five of the issue are archived at once."""
    written = Written(
        (an_issue("2026-04"), an_issue("2026-05")),
        (an_article("old", "2026-04"), *(an_article(f"n{n:02}", order=n) for n in range(25))),
        room=20,
    )
    category = shelf(written.on())
    assert [article.slug for article in category.live] == [f"n{n:02}" for n in range(20)]
    assert [article.slug for article in category.archived] == [f"n{n:02}" for n in range(20, 25)] + ["old"]


def test_a_pin_too_many() -> None:
    """Of more pins than room the oldest falls off, and nothing that is not pinned is live."""
    pins = [an_article("p", id_, pinned=True) for id_ in ("2026-01", "2026-02", "2026-03", "2026-04")]
    written = Written(tuple(an_issue(id_) for id_ in IDS[12:17]), (*pins, an_article("new", "2026-05")), room=3)
    category = shelf(written.on())
    assert urls(category.live) == ["/2026-04/p/", "/2026-03/p/", "/2026-02/p/"]
    assert urls(category.archived) == ["/2026-05/new/", "/2026-01/p/"]


def test_a_pinned_article_counts_among_the_room() -> None:
    """An old pinned article stays live in its old place, and one more of the others falls off for it."""
    written = Written(
        tuple(an_issue(id_) for id_ in IDS[12:17]),
        (an_article("pin", "2026-01", pinned=True), *(an_article("a", id_) for id_ in IDS[13:17])),
        room=3,
    )
    category = shelf(written.on())
    assert urls(category.live) == ["/2026-05/a/", "/2026-04/a/", "/2026-01/pin/"]
    assert urls(category.archived) == ["/2026-03/a/", "/2026-02/a/"]


def test_no_articles_split_into_nothing() -> None:
    """An empty category has nothing live and nothing archived."""
    assert live_and_archived((), 20) == ((), ())


@pytest.mark.parametrize("lead", [None, "finns-inte"])
def test_without_a_lead_the_first_article_is_on_the_cover(lead: str | None) -> None:
    """An issue that names no lead, or one that does not exist, opens with its first article."""
    written = Written((an_issue(lead_slug=lead),), (an_article("b"), an_article("a"), an_article("c", order=9)))
    assert written.on().issues[0].lead.slug == "c"


def test_the_lead_is_the_article_that_the_issue_names() -> None:
    """`lead` wins over the order."""
    written = Written((an_issue(lead_slug="b"),), (an_article("b"), an_article("a")))
    assert written.on().issues[0].lead.slug == "b"


def test_an_article_whose_issue_or_category_does_not_exist_is_left_out() -> None:
    """Reading reports it; the model does not trip over it."""
    written = Written((an_issue(),), (an_article("a"), an_article("b", "2026-01"), an_article("c", category="okänd")))
    assert urls(written.on().articles) == ["/2026-05/a/"]


def test_changed_is_never_before_the_release() -> None:
    """A correction noted before the issue came out counts from the release; a later one from its day."""
    early, late = dt.date(2026, 4, 1), dt.date(2026, 5, 9)
    assert an_article().changed == first_of("2026-05")
    assert an_article(modified=early).changed == first_of("2026-05")
    assert an_article(modified=late).changed == late


def test_pages_stand_in_order_of_address() -> None:
    """Pages do not depend on the order of reading either."""
    pages = [
        Page(slug=slug, title=slug, summary="", source=f"pages/{slug}.md", lang="sv") for slug in ("om", "kontakt")
    ]
    assert [page.url for page in Written().on(pages=pages).pages] == ["/kontakt/", "/om/"]


# -- Topics ------------------------------------------------------------------------------------------------------------


def test_spellings_of_a_topic_merge() -> None:
    """Names with one slug are one topic: the spelling used most, an article once, newest first."""
    articles = [
        (an_article("a", "2026-03"), ["dialog", "Dialog"]),
        (an_article("b", "2026-02"), ["Dialog"]),
        (an_article("c", "2026-01"), ["DIALOG", "möten"]),
    ]
    found = topics("amne", articles)
    assert [(topic.url, topic.name, [a.slug for a in topic.articles]) for topic in found] == [
        ("/amne/dialog/", "Dialog", ["a", "b", "c"]),
        ("/amne/moten/", "möten", ["c"]),
    ]


def test_of_equally_common_spellings_the_first_in_the_alphabet_wins() -> None:
    """A tie does not depend on which was met first."""
    one, other = (an_article("a"), ["Dialog"]), (an_article("b"), ["dialog"])
    assert [topics("amne", pair)[0].name for pair in ([one, other], [other, one])] == ["Dialog", "Dialog"]


@small
@given(st.lists(st.lists(st.text(max_size=6).filter(str.strip), max_size=3, unique=True), max_size=5))
def test_every_use_of_a_name_leads_to_one_topic(names: list[list[str]]) -> None:
    """Topics divide the names by slug: every name used is on exactly one, under an address of its own."""
    used = [(an_article(f"a{n}"), own) for n, own in enumerate(names)]
    found = topics("amne", used)
    assert [topic.url for topic in found] == [
        f"/amne/{slug}/" for slug in sorted({slugify(name) for own in names for name in own})
    ]
    for topic in found:
        expected = [article.url for article, own in used if any(f"/amne/{slugify(n)}/" == topic.url for n in own)]
        assert urls(topic.articles) == expected


@given(st.text())
def test_a_slug_can_always_stand_in_an_address(text: str) -> None:
    """Whatever the name, its slug is a–z, 0–9 and single hyphens, never empty, and its own slug."""
    slug = slugify(text)
    assert slug
    assert set(slug) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
    assert not slug.startswith("-")
    assert not slug.endswith("-")
    assert "--" not in slug
    assert slugify(slug) == slug
