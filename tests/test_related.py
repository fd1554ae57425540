"""Related articles: the rule itself, and that it is the same when it is carried over from save to save."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from plugins.magazine.model import Article
from plugins.magazine.related import Related


def article(slug: str, title: str = "", tags: tuple[str, ...] = (), places: tuple[str, ...] = ()) -> Article:
    return Article(
        issue="2026-11", slug=slug, category="nyheter", kind="nyhet", title=title, summary="", tags=tags, places=places,
        date=dt.date(2026, 11, 2), source=f"issues/2026-11/{slug}.md", lang="sv",
    )  # fmt: skip


def test_the_most_alike_come_first() -> None:
    """A shared tag counts more than a shared place, that more than a word; an inflected word is the same word."""
    articles = [
        article("a", "Bryggorna", ("hamn",), ("Norr",)),
        article("b", "En brygga"),
        article("c", "Bryggor", places=("Norr",)),
        article("d", tags=("hamn",)),
        article("e", "Något annat"),
    ]
    related = Related(articles, "sv")
    assert [found.slug for found in related.get("/2026-11/a/")] == ["c", "d", "b"]
    assert related.get("/2026-11/e/") == ()
    assert related.get("/2026-11/finns-inte/") == ()


texts = st.lists(st.sampled_from("bryggan parken torget skolan dialogen mötet".split()), max_size=3).map(" ".join)
names = st.lists(st.sampled_from(["hamn", "park", "Norr", "skola"]), max_size=2, unique=True).map(tuple)
written = st.tuples(texts, names, names)
edits = st.lists(st.tuples(st.integers(0, 30), written), max_size=4)


@given(st.lists(written, max_size=25), st.lists(edits, max_size=3), st.lists(written, max_size=2))
def test_carried_over_it_is_the_same(
    first: list[tuple[str, tuple[str, ...], tuple[str, ...]]],
    saves: list[list[tuple[int, tuple[str, tuple[str, ...], tuple[str, ...]]]]],
    added: list[tuple[str, tuple[str, ...], tuple[str, ...]]],
) -> None:
    """After changes in some articles, and after new ones, each finds what it would find in a magazine made anew."""
    articles = [article(f"a{number}", *facts) for number, facts in enumerate(first)]
    related = Related(articles, "sv")
    related.get("")
    new = [article(f"ny{number}", *facts) for number, facts in enumerate(added)]
    for save in [*saves, None]:
        if save is None:
            articles = [*new, *articles]
        else:
            articles = list(articles)
            for place, (title, tags, places) in save:
                if place < len(articles):
                    articles[place] = replace(articles[place], title=title, tags=tags, places=places)
        related = related.after(articles, "sv")
        anew = Related(articles, "sv")
        assert [related.get(one.url) for one in articles] == [anew.get(one.url) for one in articles]
