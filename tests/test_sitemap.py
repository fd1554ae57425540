"""The sitemap keeps the rules of sitemaps.org and Google's for translations; robots.txt those of RFC 9309."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

from plugins import sitemap
from plugins.magazine.outputs import page_path
from tests.building import build, write, write_magazine

PLUGINS = ("plugins.magazine", "plugins.sitemap")
SITE = "https://medverkan.example/webbtidning"
SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
LINK = "{http://www.w3.org/1999/xhtml}link"

ARTICLES: Mapping[str, Mapping[str, Any]] = {
    "2026-10/gammal": {"tags": ["idéburet"]},
    "2026-11/issue": {"date": "2026-11-02"},
    "2026-11/bro": {"category": "kultur", "modified": "2026-11-09", "authors": ["Redaktionen"], "places": ["Ön"]},
    "2026-11/bridge": {"category": "kultur", "lang": "en", "translation_of": "bro"},
    "2026-12/framtida": {"tags": ["hemlig"]},
}


def write_content(root: Path) -> None:
    content = write_magazine(root, ARTICLES)
    write(content / "pages/kontakt.md", title="Kontakt")


def build_sitemap(root: Path, **settings: Any) -> Path:
    return build(root, plugins=PLUGINS, **({"SITEURL": SITE} | settings))


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("magazine")
    write_content(root)
    return build_sitemap(root)


def addresses(file: Path) -> dict[str, str]:
    """What a sitemap lists: path within the site → day of the last change, or ""."""
    root = ElementTree.fromstring(file.read_bytes())
    assert root.tag == f"{SITEMAP}urlset"
    found = [(url.findtext(f"{SITEMAP}loc", ""), url.findtext(f"{SITEMAP}lastmod", "")) for url in root]
    assert len(dict(found)) == len(found), "an address stands twice"
    assert all(url.startswith(f"{SITE}/") for url, _ in found)
    return {url.removeprefix(SITE): changed for url, changed in found}


def test_it_lists_every_kind_of_page_once(output: Path) -> None:
    """Front page, issues, articles, translations, categories, topics and pages are there; nothing unreleased is."""
    listed = addresses(output / "sitemap.xml")
    assert list(listed)[:9] == [
        *("/", "/nummer/", "/2026-11/", "/2026-10/"),
        *("/2026-11/bro/", "/2026-10/gammal/", "/2026-11/bridge/"),
        *("/kategori/nyheter/", "/kategori/kultur/"),
    ]
    assert {"/amne/ideburet/", "/plats/on/", "/av/redaktionen/", "/kontakt/"} <= set(listed)
    assert not [url for url in listed if "2026-12" in url or "hemlig" in url]


def test_dates_come_from_the_content(output: Path) -> None:
    """An article changed when it was released or corrected, and a list when the newest in it did."""
    listed = addresses(output / "sitemap.xml")
    assert (listed["/2026-11/bro/"], listed["/2026-10/gammal/"]) == ("2026-11-09", "2026-10-01")
    assert (listed["/"], listed["/2026-11/"], listed["/kategori/kultur/"]) == ("2026-11-09",) * 3
    assert (listed["/amne/ideburet/"], listed["/kategori/tomt/"], listed["/kontakt/"]) == ("2026-10-01", "", "")
    assert all(dt.date.fromisoformat(changed) for changed in listed.values() if changed)


def test_translations_name_each_other(output: Path) -> None:
    """An article and its translation both list both, with their languages, as Google asks."""
    root = ElementTree.fromstring((output / "sitemap.xml").read_bytes())
    alternates = {
        url.findtext(f"{SITEMAP}loc", ""): [link.attrib for link in url.findall(LINK)]
        for url in root
        if url.find(LINK) is not None
    }
    both = [
        {"rel": "alternate", "hreflang": "sv", "href": f"{SITE}/2026-11/bro/"},
        {"rel": "alternate", "hreflang": "en", "href": f"{SITE}/2026-11/bridge/"},
    ]
    assert alternates == {f"{SITE}/2026-11/bro/": both, f"{SITE}/2026-11/bridge/": both}


def test_a_large_magazine_has_several_sitemaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With more addresses than one sitemap may hold, sitemap.xml lists sitemaps, which together list every address."""
    write_content(tmp_path)
    whole = addresses(build_sitemap(tmp_path) / "sitemap.xml")
    monkeypatch.setattr(sitemap, "MOST", 5)
    output = build_sitemap(tmp_path)
    root = ElementTree.fromstring((output / "sitemap.xml").read_bytes())
    assert root.tag == f"{SITEMAP}sitemapindex"
    parts = [part.findtext(f"{SITEMAP}loc", "").removeprefix(f"{SITE}/") for part in root]
    assert parts == [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    listed = [addresses(output / part) for part in parts]
    assert all(1 <= len(part) <= 5 for part in listed)
    assert [url for part in listed for url in part] == list(whole)


def test_every_address_is_a_page(tmp_path: Path) -> None:
    """The site has a page at every address of its sitemap."""
    write_content(tmp_path)
    output = build(tmp_path, SITEURL=SITE)
    assert [url for url in addresses(output / "sitemap.xml") if not (output / page_path(url)).is_file()] == []


def test_robots_may_read_everything(output: Path) -> None:
    """robots.txt lets every robot read every page, and says where the sitemap is."""
    robots = RobotFileParser()
    robots.parse((output / "robots.txt").read_text(encoding="utf-8").splitlines())
    assert robots.can_fetch("*", f"{SITE}/2026-11/bro/")
    assert robots.site_maps() == [f"{SITE}/sitemap.xml"]


def test_building_again_changes_no_byte(tmp_path: Path) -> None:
    """The same content gives the same sitemap, also on a later day without a new issue."""
    write_content(tmp_path)
    before = (build_sitemap(tmp_path, today="2026-11-10") / "sitemap.xml").read_bytes()
    assert (build_sitemap(tmp_path, today="2026-11-29") / "sitemap.xml").read_bytes() == before


def test_a_magazine_before_its_first_issue(tmp_path: Path) -> None:
    """Before the first release the sitemap has the front page, the categories and the pages, none with a date."""
    write_content(tmp_path)
    listed = addresses(build_sitemap(tmp_path, today="2026-01-15") / "sitemap.xml")
    assert {"/", "/kategori/nyheter/", "/kontakt/"} <= set(listed)
    assert not any(listed.values())
