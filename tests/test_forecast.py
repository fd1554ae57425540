"""What is forecast is what then happens: on random magazines, and on pages that are built."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from desk import build as desk
from desk.forecast import FORMATS, MARK, Forecast, Shelf, as_json, as_markdown, as_text, forecast, listing
from plugins.magazine.body import Body
from plugins.magazine.content import read
from plugins.magazine.entries import Content, Entry
from plugins.magazine.model import Article, Issue
from plugins.magazine.schema import Header
from plugins.magazine.settings import Settings, from_pelican
from plugins.magazine.words import Words
from tests.building import inv, write_magazine, write_settings
from tests.test_magazine_model import an_article, an_issue

CATEGORIES = [("nyheter", "Nyheter"), ("kultur", "Kultur"), ("tomt", "Tomt")]
WORDS = Words("sv")


def settings(root: Path, today: str = "2026-06-15", **changed: Any) -> Settings:
    (root / "content").mkdir(exist_ok=True)
    given = write_settings(root, **{"CATEGORIES": CATEGORIES} | changed)
    return from_pelican(desk.load_settings(given, today=today))


def written(issues: Iterable[Issue], articles: Iterable[Article], drafts: Iterable[str] = ()) -> Content:
    """Content as reading gives it; `drafts` are the addresses of those articles that are drafts."""
    drafts = set(drafts)
    return Content(
        articles=tuple(Entry(a, Header(a.title, a.slug, draft=a.url in drafts), Body()) for a in articles),
        issues=tuple(Entry(issue, Header(issue.title, "", date=issue.date), Body()) for issue in issues),
    )


# -- Forecast and fact -------------------------------------------------------------------------------------------------


def a_random_magazine(random: Random) -> tuple[Content, int, dt.date]:
    """Up to nine issues around a day, with pins, drafts, translations and orders; the room; the day."""
    ids = sorted(random.sample([f"{year}-{month:02}" for year in (2025, 2026) for month in range(1, 13)], 9))
    ids = ids[: random.randint(0, 9)]
    days = random.sample(range(28), 9)
    issues = [an_issue(id_, date=dt.date(int(id_[:4]), int(id_[5:]), 1 + days[n])) for n, id_ in enumerate(ids)]
    articles, drafts = [], []
    for issue in issues:
        for number in range(random.choice((0, 1, 3, 3, 6))):
            original = random.random() > 0.1 or number == 0
            article = an_article(
                f"artikel-{number}",
                issue.id,
                date=issue.date,
                category=random.choice(("nyheter", "nyheter", "kultur")),
                pinned=random.random() < 0.15,
                order=random.choice((None, None, 1, 2)),
                translation_of=None if original else "artikel-0",
            )
            articles.append(article)
            drafts += [article.url] if random.random() < 0.15 else []
    return written(issues, articles, drafts), random.randint(1, 5), dt.date(2026, 1, random.randint(1, 31))


def live_on(day: dt.date, content: Content, room: int, category: str) -> tuple[set[str], set[str]]:
    """The rules said once more, in other words: the addresses that are live in a category on a day, and the others."""
    dates = {entry.record.id: entry.record.date for entry in content.issues}
    out = [
        entry.record
        for entry in content.articles
        if dates[entry.record.issue] <= day and not entry.header.draft and not entry.record.translation_of
    ]
    out = [article for article in out if article.category == category]
    out.sort(key=lambda a: (a.order is None, a.order or 0, a.slug))
    out.sort(key=lambda a: a.issue, reverse=True)
    out.sort(key=lambda a: not a.pinned)
    return {article.url for article in out[:room]}, {article.url for article in out[room:]}


def test_what_is_forecast_is_what_happens(tmp_path: Path) -> None:
    """On each of 1,000 random magazines: what comes in and what falls off, category by category."""
    random = Random(5)
    basic = settings(tmp_path)
    seen = {"nothing planned": 0, "stays away": 0, "falls off": 0, "crowded out": 0, "kept": 0, "drafts": 0}
    for _ in range(1000):
        content, room, today = a_random_magazine(random)
        found = json.loads(as_json(forecast(content, replace(basic, today=today, room=room))))
        dates = {entry.record.date: entry.record.id for entry in content.issues if entry.record.date > today}
        if not dates:
            assert found["issue"] is None
            seen["nothing planned"] += 1
            continue
        day = min(dates)
        assert found["issue"]["id"] == dates[day]
        assert found["issue"]["date"] == str(day)
        news = 0
        for shelf in found["categories"]:
            told = {key: {a["url"] for a in shelf[key]} for key in ("added", "falls_off", "crowded_out", "kept_by_pin")}
            live, archived = live_on(today, content, room, shelf["slug"])
            live_then, archived_then = live_on(day, content, room, shelf["slug"])
            assert told["added"] == live_then - live
            assert told["falls_off"] == live - live_then
            assert told["crowded_out"] == archived_then - archived - live
            assert told["kept_by_pin"] <= live_then
            assert shelf["live"] == len(live_then)
            news += len(told["added"] | told["crowded_out"])
            seen["falls off"] += bool(told["falls_off"])
            seen["crowded out"] += bool(told["crowded_out"])
            seen["kept"] += bool(told["kept_by_pin"])
        assert found["comes_out"] == (news > 0)
        seen["stays away"] += not news
        seen["drafts"] += bool(found["drafts"])
    assert all(count > 20 for count in seen.values()), seen


def test_the_category_pages_show_what_was_forecast(tmp_path: Path) -> None:
    """Built on the day before and on the day itself, the pages of the categories differ by what was forecast."""
    articles: dict[str, dict[str, Any]] = {
        f"2026-0{month}/a{number}": {"pinned": (month, number) == (4, 1), "category": ("nyheter", "kultur")[number % 2]}
        for month in (4, 5)
        for number in range(4)
    } | {f"2026-06/n{number}": {"status": "draft" if number == 3 else "published"} for number in range(4)}
    write_magazine(tmp_path, articles)
    given = write_settings(tmp_path, CATEGORIES=CATEGORIES, LIVE_ARTICLES=4)
    live: list[dict[str, set[str]]] = []
    for today in ("2026-05-31", "2026-06-01"):
        built = desk.build(desk.load_settings(given, out=tmp_path / today, today=today))
        assert built.files
        pages = {slug: (tmp_path / today / f"kategori/{slug}/index.html").read_text("utf-8") for slug, _ in CATEGORIES}
        live.append({slug: set(re.findall(r'href="(/2026-\d\d/\w+/)"', page)) for slug, page in pages.items()})
    before, after = live

    told = inv("forecast", "--settings", given, "--today", "2026-05-31", "--json")

    assert told.stderr == ""
    found = json.loads(told.stdout)
    for shelf in found["categories"]:
        slug = shelf["slug"]
        assert {a["url"] for a in shelf["added"]} == after[slug] - before[slug]
        assert {a["url"] for a in shelf["falls_off"]} == before[slug] - after[slug]
    assert [a["url"] for a in found["categories"][0]["added"]] == ["/2026-06/n0/", "/2026-06/n1/", "/2026-06/n2/"]
    assert [a["url"] for a in found["drafts"]] == ["/2026-06/n3/"]


# -- How it is told ----------------------------------------------------------------------------------------------------


def an_example(**changed: Any) -> Forecast:
    old = [an_article(f"gammal-{n}", "2026-04", title=f"Gammal | nr {n}") for n in range(2)]
    new = [an_article(f"ny-{n}", "2026-07", title=f"En *ny* artikel med ett långt namn, den {n}:e") for n in range(3)]
    pin = an_article("fast", "2025-01", title="Så söker du bidrag", pinned=True)
    facts: dict[str, Any] = {"added": tuple(new[:2]), "fallen": tuple(old), "crowded_out": (new[2],), "kept": (pin,)}
    shelf = Shelf(slug="nyheter", name="Nyheter", live=3, **facts)
    empty = Shelf(slug="tomt", name="Tomt", added=(), fallen=(), crowded_out=(), kept=(), live=0)
    issue = an_issue("2026-07", title="Sommar", date=dt.date(2026, 7, 6))
    draft = an_article("utkast", "2026-07", title="Ett utkast")
    given: dict[str, Any] = {"today": dt.date(2026, 6, 15), "room": 3, "issue": issue, "drafts": (draft,)}
    return Forecast(**given | {"shelves": (shelf, empty)} | changed)


def test_on_a_wide_terminal_it_is_a_table() -> None:
    """A row for each category, aligned; then what the table alone does not explain."""
    told = as_text(an_example(), WORDS, 100).splitlines()
    assert told[0] == "2026-07 Sommar: måndag 6 juli 2026"
    assert told[2].split() == ["Kategori", "Kommer", "in", "Faller", "bort", "Platser"]
    column = told[2].index("Faller")
    row = next(line for line in told if line.startswith("Nyheter"))
    assert row[column:].startswith("• Gammal | nr 0 (2026-04)")
    assert row.endswith(" 3/3")
    assert max(map(len, told)) <= 100
    assert any(line.startswith("Tomt") and line.endswith(" 0/3") for line in told)
    remarks = " ".join(line.strip() for line in told[told.index("", 4) :])
    assert "1 utkast räknas inte: Ett utkast" in remarks
    assert "Nyheter: 1 fäst artikel stannar, fast nyare faller bort: Så söker du bidrag" in remarks
    assert "Nyheter: 1 ny artikel får inte plats och hamnar i arkivet med en gång." in remarks


@pytest.mark.parametrize("width", [40, 60])
def test_on_a_narrow_terminal_it_is_a_list(width: int) -> None:
    """One category under the other, no line longer than the terminal is wide."""
    told = as_text(an_example(), WORDS, width)
    assert max(map(len, told.splitlines())) <= width
    assert "Nyheter (3/3 platser)\n  Kommer in:\n  • En *ny* artikel med" in told
    assert "  Faller bort:\n  • Gammal | nr 0 (2026-04)\n" in told
    assert "Tomt (0/3 platser)" in told


def test_as_markdown_it_fits_into_a_comment() -> None:
    """A mark to find it again, a table, and nothing of the titles that Markdown would take for its own."""
    told = as_markdown(an_example(), WORDS)
    assert told.startswith(f"{MARK}\n**2026\\-07 Sommar: måndag 6 juli 2026**\n\n| Kategori | Kommer in |")
    rows = [line for line in told.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {5}
    assert "En \\*ny\\* artikel" in told
    assert "Gammal \\| nr 0 \\(2026\\-04\\)<br>" in told


def test_too_many_pins_are_explained() -> None:
    """A pinned article that falls off all the same is named."""
    shelf = an_example().shelves[0]
    pinned = replace(shelf, fallen=tuple(replace(article, pinned=True) for article in shelf.fallen))
    told = as_text(an_example(shelves=(pinned,)), WORDS, 200)
    assert "Nyheter: fler artiklar är fästa än det finns platser, så de här faller bort ändå: Gammal | nr 0" in told


@pytest.mark.parametrize("form", FORMATS)
def test_without_a_planned_issue_it_says_so(tmp_path: Path, form: str) -> None:
    """No issue after today is no mistake."""
    found = forecast(written([an_issue("2026-05")], [an_article()]), settings(tmp_path))
    told = listing(found, form, WORDS, 80)
    if form == "json":
        assert json.loads(told)["issue"] is None
    else:
        assert "Inget nummer är planerat efter den 15 juni 2026" in told.replace("\\", "")
        assert "make new" in told.replace("\\", "")


def test_an_issue_of_drafts_only_stays_away(tmp_path: Path) -> None:
    """The next issue is told with its drafts, and that it will not come out as it is."""
    draft = an_article("a", "2026-07", title="Inte klar")
    found = forecast(written([an_issue("2026-07")], [draft], [draft.url]), settings(tmp_path))
    told = as_text(found, WORDS, 80)
    assert "Numret har inga färdiga artiklar" in told
    assert "1 utkast räknas inte: Inte klar" in told


def test_an_issue_that_waits_for_its_drafts_is_told(tmp_path: Path) -> None:
    """Its day has come, and it is not out: the next build after a draft is finished brings it."""
    draft = an_article("a", "2026-05", title="Inte klar")
    found = forecast(written([an_issue("2026-05")], [draft], [draft.url]), settings(tmp_path))
    assert "2026-05 skulle komma ut den 1 maj 2026 och har ingen färdig artikel" in as_text(found, WORDS, 200)
    assert json.loads(as_json(found))["late"] == ["2026-05"]
    out = forecast(written([an_issue("2026-05")], [draft]), settings(tmp_path))
    assert json.loads(as_json(out))["late"] == []


def test_the_command_says_what_is_wrong(tmp_path: Path) -> None:
    """Errors in the content, or a form that does not exist, get a sentence; what is fine exits with 0."""
    write_magazine(tmp_path, {"2026-07/a": {}})
    given = write_settings(tmp_path, CATEGORIES=CATEGORIES)
    fine = inv("forecast", "--settings", given, "--today", "2026-06-15", "--format", "markdown")
    wrong = inv("forecast", "--settings", given, "--format", "xml")
    write_magazine(tmp_path, {"2026-07/a": {"category": "okänd"}})
    broken = inv("forecast", "--settings", given, "--today", "2026-06-15", cwd=tmp_path)
    assert (fine.returncode, fine.stderr) == (0, "")
    assert fine.stdout.startswith(MARK)
    assert (wrong.returncode, wrong.stderr) == (2, "--format: text, json or markdown, not 'xml'\n")
    assert broken.returncode == 1
    assert broken.stderr.startswith("content/issues/2026-07/a.md:3: Kategorin ”okänd” finns inte.")


def test_reading_and_forecasting_agree_with_the_build(tmp_path: Path) -> None:
    """What reading gives is what the forecast is made of: translations are not counted."""
    write_magazine(tmp_path, {"2026-07/a": {}, "2026-07/b": {"lang": "en", "translation_of": "a"}})
    values = settings(tmp_path)
    found = forecast(read(values, WORDS), values)
    assert [[article.slug for article in shelf.added] for shelf in found.shelves] == [["a"], [], []]
