"""`/magazine.json`: the form that other programs rely on, and what is in it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.building import build, write_magazine

PLUGINS = ("plugins.magazine", "plugins.catalogue")

ARTICLES: Mapping[str, Mapping[str, Any]] = {
    "2026-09/aldst": {},
    "2026-10/gammal": {"category": "kultur"},
    "2026-10/nal": {"pinned": True},
    "2026-11/issue": {"title": "Ljuset på torget", "date": "2026-11-02"},
    "2026-11/bro": {
        "title": "Ån & <bron>",
        "summary": "En ingress.",
        "kind": "reportage",
        "order": 1,
        "authors": ["Redaktionen"],
        "tags": ["bidrag", "samverkan"],
        "places": ["Ängslätten"],
        "modified": "2026-11-09",
    },
    "2026-11/aker": {},
    "2026-11/bridge": {"title": "The bridge", "lang": "en", "translation_of": "bro"},
    "2026-12/framtida": {"tags": ["hemlig"]},
}


def build_catalogue(root: Path, **settings: Any) -> Path:
    return build(root, plugins=PLUGINS, **({"LIVE_ARTICLES": 2} | settings)) / "magazine.json"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("magazine")
    write_magazine(root, ARTICLES)
    return build_catalogue(root)


@pytest.fixture
def data(file: Path) -> dict[str, Any]:
    catalogue: dict[str, Any] = json.loads(file.read_bytes())
    return catalogue


def test_it_says_which_magazine_of_which_day_it_is(data: dict[str, Any]) -> None:
    """The catalogue names the magazine, its language, where it is published and the day it was built for."""
    assert list(data) == ["name", "lang", "url", "built_for", "issues", "categories", "articles", "translations"]
    assert (data["name"], data["lang"], data["built_for"]) == ("Magasinet", "sv", "2026-11-30")
    assert data["url"] == "https://magasinet.example"


def test_issues_are_newest_first_with_their_articles_in_order(data: dict[str, Any]) -> None:
    """Each released issue is there with its contents in the order of the issue."""
    assert [issue["id"] for issue in data["issues"]] == ["2026-11", "2026-10", "2026-09"]
    assert data["issues"][0] == {
        "id": "2026-11",
        "title": "Ljuset på torget",
        "released": "2026-11-02",
        "url": "/2026-11/",
        "articles": ["/2026-11/bro/", "/2026-11/aker/"],
    }


def test_categories_are_in_their_own_order_with_what_is_live_and_archived(data: dict[str, Any]) -> None:
    """Each category, an empty one too, lists what is live and what is archived, both newest first."""
    assert [category["slug"] for category in data["categories"]] == ["nyheter", "kultur", "tomt"]
    assert data["categories"][0] == {
        "slug": "nyheter",
        "name": "Nyheter",
        "url": "/kategori/nyheter/",
        "live": ["/2026-11/bro/", "/2026-10/nal/"],
        "archived": ["/2026-11/aker/", "/2026-09/aldst/"],
    }


def test_articles_have_their_facts(data: dict[str, Any]) -> None:
    """Each article is there under its address with exactly the facts of the contract, newest first."""
    urls = ["/2026-11/bro/", "/2026-11/aker/", "/2026-10/gammal/", "/2026-10/nal/", "/2026-09/aldst/"]
    assert list(data["articles"]) == urls
    assert data["articles"]["/2026-11/bro/"] == {
        "title": "Ån & <bron>",
        "summary": "En ingress.",
        "issue": "2026-11",
        "category": "nyheter",
        "kind": "reportage",
        "authors": ["Redaktionen"],
        "tags": ["bidrag", "samverkan"],
        "places": ["Ängslätten"],
        "date": "2026-11-02",
        "modified": "2026-11-09",
    }


def test_an_article_never_corrected_has_no_date_of_it(data: dict[str, Any]) -> None:
    """`modified` is null where nothing was corrected; every other date is ISO 8601."""
    assert data["articles"]["/2026-11/aker/"]["modified"] is None
    assert all(dt.date.fromisoformat(facts["date"]) for facts in data["articles"].values())


def test_live_and_archived_are_all_articles(data: dict[str, Any]) -> None:
    """Every article is live or archived in one category, and in one issue; nothing else is."""
    shelves = [url for category in data["categories"] for url in (*category["live"], *category["archived"])]
    assert sorted(shelves) == sorted(data["articles"])
    assert sorted(url for issue in data["issues"] for url in issue["articles"]) == sorted(data["articles"])


def test_translations_stand_apart(data: dict[str, Any]) -> None:
    """A translation has the facts of an article, its language and its original, and is in no other list."""
    (facts,) = data["translations"].values()
    assert list(data["translations"]) == ["/2026-11/bridge/"]
    assert set(facts) == {*data["articles"]["/2026-11/bro/"], "translation_of", "lang"}
    assert (facts["title"], facts["translation_of"], facts["lang"]) == ("The bridge", "/2026-11/bro/", "en")


def test_nothing_unreleased_is_in_it(file: Path) -> None:
    """Of an issue that is not out there is no trace."""
    written = file.read_text(encoding="utf-8")
    assert not [word for word in ("2026-12", "framtida", "hemlig") if word in written]


def test_it_is_one_line_of_utf_8(file: Path) -> None:
    """The file is UTF-8 with letters as they are written, and ends with one line break."""
    written = file.read_bytes()
    assert "Ängslätten".encode() in written
    assert written.endswith(b"}\n")
    assert written.count(b"\n") == 1


def test_addresses_are_paths_within_the_site(tmp_path: Path) -> None:
    """For a site that lies in a folder of its host, `url` has the folder and the addresses do not."""
    write_magazine(tmp_path)
    data = json.loads(build_catalogue(tmp_path, SITEURL="https://staden.example/tidning/").read_bytes())
    assert data["url"] == "https://staden.example/tidning"
    assert "/2026-11/andra-artikeln/" in data["articles"]


def test_building_again_changes_no_byte(tmp_path: Path) -> None:
    """The same content of the same day gives the same catalogue."""
    write_magazine(tmp_path, ARTICLES)
    assert build_catalogue(tmp_path).read_bytes() == build_catalogue(tmp_path).read_bytes()


def test_a_magazine_before_its_first_issue(tmp_path: Path) -> None:
    """Before the first release the catalogue has its categories, and nothing in them."""
    write_magazine(tmp_path)
    data = json.loads(build_catalogue(tmp_path, today="2026-01-15").read_bytes())
    assert (data["issues"], data["articles"], data["translations"]) == ([], {}, {})
    assert [category["live"] for category in data["categories"]] == [[], [], []]
