"""What readers, search engines and feed readers find on each page, in a small magazine and in the sample.

Things are looked for by what they mean (words, roles, links), so that the theme may change its looks.
"""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from PIL import Image

from plugins.magazine.words import Words
from tests.building import ARTICLES, NEW, OLD, TODAY, build, draw, write, write_everything, write_magazine
from tests.crawl import Crawl, candidates, crawl
from tests.sample import Sample, sample_in

URL = "https://magasinet.example"
ARTICLE = re.compile(r"/\d{4}-\d{2}/[a-z0-9-]+/")
MAIN = "/2026-11/huvudsak/"
WORDS = Words("sv")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """A magazine in which everything occurs."""
    root = tmp_path_factory.mktemp("everything")
    write_everything(root)
    return crawl(build(root, ISSN="2000-0006", PUBLISHER="Sundhamns stad", CONTACT="red@magasinet.example"), URL)


@pytest.fixture(scope="module")
def data(site: Crawl) -> dict[str, Any]:
    """The same magazine as data."""
    found: dict[str, Any] = json.loads((site.folder / "magazine.json").read_bytes())
    return found


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return sample_in(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def sample_site(sample: Sample) -> Crawl:
    """The sample magazine."""
    return crawl(sample.out, sample.site.settings.url)


def said(element: Tag | None) -> str:
    """An element's words, without regard to how they are spaced."""
    assert element is not None
    return re.sub(r" (?=[.,;:!?)])", "", " ".join(element.get_text(" ").split()))


def main(page: BeautifulSoup) -> Tag:
    assert page.main is not None
    return page.main


def hrefs(element: Tag) -> list[str]:
    return [str(link["href"]) for link in element.find_all("a", href=True)]


def articles(element: Tag) -> list[str]:
    """The articles that an element links to, each once, in its order."""
    return list(dict.fromkeys(href for href in hrefs(element) if ARTICLE.fullmatch(href)))


def landmarks(page: BeautifulSoup) -> list[Tag]:
    """The navigation beside a page's text: not that of its head and its foot."""
    return [nav for nav in page.find_all("nav") if not nav.find_parent(["header", "footer"])]


def meta(page: BeautifulSoup, name: str) -> str:
    found = [tag for tag in page.find_all("meta") if name in (tag.get("property"), tag.get("name"))]
    assert len(found) == 1, name
    return str(found[0]["content"])


def linked_data(page: BeautifulSoup) -> list[dict[str, Any]]:
    return [json.loads(script.get_text()) for script in page.find_all("script", type="application/ld+json")]


def listed_addresses(data: Mapping[str, Any]) -> Iterator[str]:
    """Every page that the contract promises for a magazine with this data, and every file."""
    yield from ("/", "/nummer/", "/prenumerera/", "/404.html", "/opml.xml", "/sitemap.xml", "/robots.txt")
    for folder in ("/", *(category["url"] for category in data["categories"])):
        yield from (f"{folder}feed.xml", f"{folder}atom.xml", f"{folder}feed.json")
    yield from (category["url"] for category in data["categories"])
    yield from (issue["url"] for issue in data["issues"])
    yield from data["articles"]
    yield from data["translations"]


# -- The whole site ----------------------------------------------------------------------------------------------------


def test_crawling_finds_what_is_broken(tmp_path: Path) -> None:
    """The crawler sees dead links and anchors, requests to others, what is inline, and pages that nobody links to."""
    (tmp_path / "lonely").mkdir()
    (tmp_path / "lonely" / "index.html").write_text("<p id=here>")
    (tmp_path / "a.css").write_text("@import 'gone.css'; p { background: url(https://other.example/x.png) }")
    (tmp_path / "index.html").write_text(
        """<link rel=stylesheet href=/base/a.css><link rel=canonical href=https://own.example/base/>
        <a href=gone/>1</a> <a href=#gone>2</a> <a href=/outside/>3</a> <a href="with space">4</a>
        <a href=javascript:x()>5</a> <a href=https://other.example/>right</a> <a href=/base/#i>right</a>
        <img srcset="/base/a.css 1w, /base/gone.png 2w" src=//other.example/y.png>
        <p style=x onclick=x id=i aria-labelledby="i no"><b id=i></b><script>x</script><style></style>"""
    )
    site = crawl(tmp_path, "https://own.example/base/")
    assert sorted(re.sub(r"^\S+: ", "", fault) for fault in site.faults()) == sorted(
        [
            "“gone/” (a href) leads nowhere",
            "“#gone” (a href) names an anchor that is not on the page",
            "“/outside/” (a href) leaves out the path that the site lies under",
            "“with space” (a href) is not percent-encoded",
            "“javascript:x()” (a href) is no link that readers can open",
            "“/base/gone.png” (img srcset) leads nowhere",
            "“//other.example/y.png” (img src) asks another host",
            "“gone.css” (url) leads nowhere",
            "“https://other.example/x.png” (url) asks another host",
            "<p style> stands in the page, and the site's policy forbids it",
            "<style> stands in the page, and the site's policy forbids it",
            "<p onclick> stands in the page, and the site's policy forbids it",
            "<script> stands in the page, and the site's policy forbids it",
            "the id “i” stands twice",
            "aria-labelledby='no' names nothing",
            "no link leads there",
        ]
    )


def test_every_address(site: Crawl, data: dict[str, Any]) -> None:
    """Every address of the contract exists."""
    assert [address for address in listed_addresses(data) if not site.file(address).is_file()] == []
    for address in ("/amne/vatten/", "/plats/hamnen/", "/av/redaktionen/", "/om/", "/tillganglighet/"):
        assert site.file(address).is_file(), address


def test_every_address_of_the_sample(sample_site: Crawl) -> None:
    """Every address of the contract exists in the sample."""
    data = json.loads((sample_site.folder / "magazine.json").read_bytes())
    assert [address for address in listed_addresses(data) if not sample_site.file(address).is_file()] == []
    assert len(data["articles"]) >= 80
    assert len(data["issues"]) >= 8


def test_links(site: Crawl) -> None:
    """Every link, anchor, picture, stylesheet and font of the site exists; nothing is asked of others, or inline."""
    assert site.faults() == []


def test_links_of_the_sample(sample_site: Crawl) -> None:
    """Every link, anchor, picture, stylesheet and font of the sample exists; nothing is asked of others, or inline."""
    assert sample_site.faults() == []


@pytest.mark.parametrize("which", ["site", "sample_site"])
def test_pictures_say_what_they_are(request: pytest.FixtureRequest, which: str) -> None:
    """Every picture has an alt text and says its true size, and each width it is offered in is true."""
    site: Crawl = request.getfixturevalue(which)
    sizes: dict[Path, tuple[int, int]] = {}

    def size(address: str) -> tuple[int, int]:
        path = site.file(address)
        if path not in sizes:
            with Image.open(path) as picture:
                sizes[path] = picture.size
        return sizes[path]

    faults = []
    for url, page in site.pages.items():
        for image in page.find_all("img"):
            shown = size(str(image["src"]))
            if (int(str(image["width"])), int(str(image["height"]))) != shown:
                faults.append(f"{url}: {image['src']} is {shown}")
            offered = candidates(str(image["srcset"]))
            faults += [f"{url}: {a} is not {width}" for a, width in offered if f"{size(a)[0]}w" != width]
            if not offered or not image.get("sizes"):
                faults.append(f"{url}: {image['src']} is offered in one size only")
            if image.get("alt") is None:
                faults.append(f"{url}: {image['src']} has no alt")
    assert faults == []
    assert sizes


@pytest.mark.parametrize("which", ["site", "sample_site"])
def test_titles(request: pytest.FixtureRequest, which: str) -> None:
    """Every page has a title of its own that begins with what it is about and ends with the magazine's name."""
    site: Crawl = request.getfixturevalue(which)
    titles = {url: said(page.title) for url, page in site.pages.items()}
    name = titles.pop("/")
    assert {url: title for url, title in titles.items() if not title.endswith(f" – {name}")} == {}
    for url, title in titles.items():
        heading = said(site.page(url).h1)
        assert set(re.findall(r"\w+", heading.casefold())) <= set(re.findall(r"\w+", title.casefold())), url
    assert [title for title, count in Counter(titles.values()).items() if count > 1] == []


def test_titles_of_the_same_name(tmp_path: Path) -> None:
    """A category, a tag, a place and an author of the same name have pages with different titles."""
    same = {"category": "kultur", "tags": ["Kultur & nöje"], "places": ["Kultur & nöje"], "authors": ["Kultur & nöje"]}
    write_magazine(tmp_path, {"2026-11/ett": same})
    site = crawl(build(tmp_path), URL)
    folders = ("kategori/kultur", "amne/kultur-noje", "plats/kultur-noje", "av/kultur-noje")
    titles = {said(site.page(f"/{folder}/").title) for folder in folders}
    assert len(titles) == 4
    assert all("Kultur & nöje" in title for title in titles)


@pytest.mark.parametrize("which", ["site", "sample_site"])
def test_what_machines_read(request: pytest.FixtureRequest, which: str) -> None:
    """Every page says its canonical address, its language, its feeds, and what to show when it is shared."""
    site: Crawl = request.getfixturevalue(which)
    for url, page in site.pages.items():
        assert page.html is not None
        assert page.html["lang"] == "sv"
        assert meta(page, "viewport")
        canonical = [str(link["href"]) for link in page.find_all("link", rel="canonical")]
        assert canonical == ([] if url == "/404.html" else [site.site_url + url])
        assert meta(page, "og:url") == site.site_url + url
        assert " ".join(meta(page, "og:title").split()) in said(page.title)
        assert meta(page, "og:site_name")
        assert meta(page, "og:type") == ("article" if ARTICLE.fullmatch(url) and "/20" in url else "website")
        picture = meta(page, "og:image")
        assert picture.startswith(f"{site.site_url}/")
        with Image.open(site.file(picture)) as shared:
            size = (int(meta(page, "og:image:width")), int(meta(page, "og:image:height")))
            assert shared.size == size == (1200, 630)
        feeds = {
            str(link["type"])
            for link in page.find_all("link", rel="alternate", type=True)
            if site.file(str(link["href"])).is_file()
        }
        assert feeds == {"application/rss+xml", "application/atom+xml", "application/feed+json"}


def test_feeds_of_a_category(site: Crawl) -> None:
    """A category's page names its own feeds, before the magazine's."""
    links = site.page("/kategori/nyheter/").find_all("link", rel="alternate", type=True)
    assert [str(link["href"]).replace("feed.xml", "").replace("atom.xml", "") for link in links[:2]] == [
        "/kategori/nyheter/"
    ] * 2
    titles = [str(link["title"]) for link in links]
    assert len(titles) == len(set(titles)) == 6


@pytest.mark.parametrize("which", ["site", "sample_site"])
def test_linked_data(request: pytest.FixtureRequest, which: str) -> None:
    """Articles say in JSON-LD what they are: a NewsArticle of a PublicationIssue of a Periodical."""
    site: Crawl = request.getfixturevalue(which)
    data = json.loads((site.folder / "magazine.json").read_bytes())
    for url, facts in (data["articles"] | data["translations"]).items():
        (node,) = linked_data(site.page(url))
        assert node["@context"] == "https://schema.org"
        assert node["@type"] == "NewsArticle"
        assert node["headline"] == facts["title"]
        assert node["url"] == node["@id"] == site.site_url + url
        assert node["datePublished"] == facts["date"]
        assert node["dateModified"] == (facts["modified"] or facts["date"])
        assert node["inLanguage"] == facts.get("lang", "sv")
        assert all(site.file(picture).is_file() and picture.startswith(site.site_url) for picture in node["image"])
        issue = node["isPartOf"]
        assert (issue["@type"], issue["url"]) == ("PublicationIssue", f"{site.site_url}/{facts['issue']}/")
        periodical = issue["isPartOf"]
        assert (periodical["@type"], periodical["name"]) == ("Periodical", data["name"])
        by = node["author"] if facts["authors"] else [node["author"]]
        assert {author["name"] for author in by} >= set(facts["authors"] or [node["publisher"]["name"]])
    for issue in data["issues"]:
        (node,) = linked_data(site.page(issue["url"]))
        assert node["@type"] == "PublicationIssue"
        assert [part["@id"] for part in node["hasPart"]] == [site.site_url + url for url in issue["articles"]]
    (node,) = linked_data(site.page("/"))
    assert node["@type"] == "Periodical"


def test_issn(site: Crawl) -> None:
    """The ISSN stands in the periodical's data and at the foot of each page."""
    (node,) = linked_data(site.page("/"))
    assert node["issn"] == "2000-0006"
    assert all("ISSN 2000-0006" in said(page.footer) for page in site.pages.values())
    assert node["publisher"]["name"] == "Sundhamns stad"


@pytest.mark.parametrize("which", ["site", "sample_site"])
def test_ways_about(request: pytest.FixtureRequest, which: str) -> None:
    """Every page leads to the front page, each category, all issues, how to subscribe and the magazine's own pages."""
    site: Crawl = request.getfixturevalue(which)
    data = json.loads((site.folder / "magazine.json").read_bytes())
    wanted = {"/", "/nummer/", "/prenumerera/", "/tillganglighet/", "/personuppgifter/", "/om/", "/feed.xml"}
    wanted |= {category["url"] for category in data["categories"]}
    for url, page in site.pages.items():
        assert not wanted - set(hrefs(page)) - {url}, url
        order = [href for href in hrefs(page) if href.startswith("/kategori/") and href.count("/") == 3]
        assert order[: len(data["categories"])] == [category["url"] for category in data["categories"]]


# -- Front page --------------------------------------------------------------------------------------------------------


def test_front_page(site: Crawl) -> None:
    """The front page begins with the current issue: its lead with picture and ingress, its editorial's first lines."""
    page = site.page("/")
    assert said(page.h1) == "Magasinet"
    assert articles(main(page))[0] == MAIN
    lead = next(link for link in main(page).find_all("a") if link["href"] == MAIN).find_parent("article")
    assert lead is not None
    assert [image["alt"] for image in lead.find_all("img")] == ["En stor brygga"]
    assert "Ingressen om bryggan i hamnen." in said(lead)
    text = said(main(page))
    assert "Vem får plats?" in text
    assert "Editorialens första stycke." in text
    assert "Läs hela ledaren" not in text  # it is all there


def test_front_page_shows_each_category(site: Crawl, data: dict[str, Any]) -> None:
    """The front page shows each category that has articles, in order, with its newest; nothing archived."""
    page = main(site.page("/"))
    sections = []
    for category in data["categories"]:
        links = page.find_all("a", href=category["url"])
        if not category["live"]:
            assert not links
            continue
        section = links[0].find_parent("section")
        assert section is not None
        sections.append(section)
        live = [url for url in category["live"] if url != MAIN]
        shown = articles(section)
        assert set(shown) <= set(live)
        assert set(shown) >= set(live[:3])
        assert set(shown) == set(live[: len(shown)])
    assert [section.h2 and said(section.h2) for section in sections] == ["Nyheter", "Kultur & nöje"]
    assert not set(articles(page)) & {url for category in data["categories"] for url in category["archived"]}


def test_front_page_says_how_to_subscribe(site: Crawl) -> None:
    """How to subscribe stands in plain sight on the front page: its way and a feed, before the categories."""
    page = main(site.page("/"))
    order = hrefs(page)
    assert order.index("/prenumerera/") < order.index("/kategori/nyheter/")
    assert "/feed.xml" in order


# -- Issues ------------------------------------------------------------------------------------------------------------


def test_issue_page(site: Crawl, data: dict[str, Any]) -> None:
    """An issue's page has its title, number, month, date, cover, whole editorial and every article once."""
    page = site.page("/2026-11/")
    text = said(main(page))
    assert said(page.h1) == "Vem får plats?"
    assert "november 2026" in text
    assert main(page).find("time", datetime="2026-11-02") is not None
    assert "Editorialens första stycke." in text
    assert "Dess andra stycke kommer här." in text
    assert "Omslaget visar en stol" in {str(image["alt"]) for image in main(page).find_all("img")}
    assert "Bild: Redaktionen" in text
    (issue,) = [issue for issue in data["issues"] if issue["id"] == "2026-11"]
    assert set(articles(main(page))) == set(issue["articles"])
    headlines = [
        str(h.a["href"]) for h in main(page).find_all(["h2", "h3"]) if h.a and ARTICLE.fullmatch(str(h.a["href"]))
    ]
    assert Counter(headlines) == Counter(issue["articles"])


def test_issues_lead_to_each_other(site: Crawl) -> None:
    """From an issue there is a way to the one before and to the one after it."""
    ways = {url: [hrefs(nav) for nav in landmarks(site.page(url))] for url in ("/2025-12/", "/2026-10/", "/2026-11/")}
    assert ways == {
        "/2025-12/": [["/2026-10/"]],
        "/2026-10/": [["/2025-12/", "/2026-11/"]],
        "/2026-11/": [["/2026-10/"]],
    }


def test_all_issues(site: Crawl) -> None:
    """All issues stand by year, newest first, with their covers."""
    page = main(site.page("/nummer/"))
    order = [said(element) if element.name == "h2" else str(element["href"]) for element in page.find_all(["h2", "a"])]
    assert order == ["2026", "/2026-11/", "/2026-10/", "2025", "/2025-12/"]
    assert page.find("img") is not None
    assert {"Vem får plats?", "Höst i hamnen", "Årets sista"} <= set(page.stripped_strings)


# -- Pages of headlines ------------------------------------------------------------------------------------------------


def test_category_page(site: Crawl, data: dict[str, Any]) -> None:
    """A category's page has its live articles, newest first, 20 at most, with ways to the older ones by year."""
    for category in data["categories"]:
        page = site.page(category["url"])
        assert said(page.h1) == category["name"]
        assert articles(main(page)) == category["live"]
        assert len(category["live"]) <= 20
    nyheter = data["categories"][0]
    assert len(nyheter["archived"]) == OLD + NEW + 3 - 20
    older = [href for href in hrefs(main(site.page(nyheter["url"]))) if re.fullmatch(r"/kategori/nyheter/\d+/", href)]
    assert older == ["/kategori/nyheter/2026/", "/kategori/nyheter/2025/"]
    found = [url for href in older for url in articles(main(site.page(href)))]
    assert found == nyheter["archived"]
    for href in older:
        assert nyheter["url"] in hrefs(main(site.page(href)))
        assert said(site.page(href).h1) == f"Nyheter: äldre artiklar från {href[-5:-1]}"


def test_archived_articles_are_not_on_the_front(site: Crawl, data: dict[str, Any]) -> None:
    """What has fallen off is on no category page and not on the front page, but in its issue, and at its address."""
    archived = set(data["categories"][0]["archived"])
    shown = set(articles(main(site.page("/")))) | set(articles(main(site.page("/kategori/nyheter/"))))
    assert not archived & shown
    in_issues = {url for issue in data["issues"] for url in articles(main(site.page(issue["url"])))}
    assert archived <= in_issues
    assert archived <= site.pages.keys()


def test_pinned_article(site: Crawl) -> None:
    """A pinned article is live although it is the oldest."""
    assert f"/2025-12/gammal-{OLD}/" in articles(main(site.page("/kategori/nyheter/")))


@pytest.mark.parametrize(
    ("folder", "key", "name"),
    [("amne", "tags", "vatten"), ("plats", "places", "Hamnen"), ("av", "authors", "Redaktionen")],
)
def test_topic_page(site: Crawl, data: dict[str, Any], folder: str, key: str, name: str) -> None:
    """The page of a tag, a place or an author has all its articles, newest first."""
    page = main(site.page(f"/{folder}/{name.lower()}/"))
    assert name in said(page.h1)
    found = articles(page)
    assert found == [url for url, facts in data["articles"].items() if name in facts[key]]
    assert len(found) > 1


def test_topic_with_many_articles(site: Crawl, data: dict[str, Any]) -> None:
    """A tag with more articles than a page holds has the others on a page a year: every one stands once."""
    first = main(site.page("/amne/vanligt/"))
    years = [href for href in hrefs(first) if re.fullmatch(r"/amne/vanligt/\d+/", href)]
    assert years
    found = [url for page in (first, *(main(site.page(year)) for year in years)) for url in articles(page)]
    assert found == [url for url, facts in data["articles"].items() if "vanligt" in facts["tags"]]
    assert len(found) == OLD + NEW


# -- An article --------------------------------------------------------------------------------------------------------


def test_article(site: Crawl) -> None:
    """An article's page says its title, kind, category, ingress, byline, issue, dates and reading time."""
    page = site.page(MAIN)
    text = said(main(page))
    assert said(page.h1) == "Huvudsaken om bryggan"
    assert "Reportage" in text
    assert "Ingressen om bryggan i hamnen." in text
    assert "/kategori/kultur/" in hrefs(main(page))
    assert "/2026-11/" in hrefs(page)
    by = [(str(link["href"]), said(link)) for link in main(page).find_all("a", rel="author")]
    assert by == [("/av/redaktionen/", "Redaktionen"), ("/av/sjofartsbyran/", "Sjöfartsbyrån")]
    assert said(main(page).find("time", datetime="2026-11-02")) == "2 november 2026"
    assert said(main(page).find("time", datetime="2026-11-20")) == "20 november 2026"
    assert re.search(r"\b1 minut", text)
    assert "Här börjar texten" in text
    assert meta(page, "description") == "Ingressen om bryggan i hamnen."


def test_unchanged_article(site: Crawl) -> None:
    """An article that has not changed since its release says one date only."""
    times = {str(time["datetime"]) for time in main(site.page("/2026-11/notis/")).find_all("time")}
    assert "2026-11-02" in times
    assert len([time for time in times if time.startswith("2026-11")]) == 1


def test_pictures_of_an_article(site: Crawl) -> None:
    """An article's pictures have their alt texts, captions and credits; small screens get small ones."""
    page = main(site.page(MAIN))
    large, inline = page.find_all("figure")
    assert [image["alt"] for image in page.find_all("img")][:2] == ["En stor brygga", "En brygga i motljus"]
    assert said(large.figcaption) == "Bryggan en morgon Foto: Någon"
    assert said(inline.figcaption) == "Bryggan i mars"
    assert large.img is not None
    assert [width for _, width in candidates(str(large.img["srcset"]))] == ["480w", "800w", "1200w", "1600w"]
    assert large.img.get("loading") != "lazy"
    assert inline.img is not None
    assert inline.img["loading"] == "lazy"


def test_decorative_picture(site: Crawl) -> None:
    """A decorative picture has an empty alt text, not none."""
    images = main(site.page("/2026-11/kronika/")).find_all("img")
    assert [image["alt"] for image in images] == [""]


def test_body(site: Crawl) -> None:
    """In the text, links, headings with anchors, tables with a name, notes and typographic signs are as they should."""
    page = main(site.page(MAIN))
    assert said(page.find(id="ett-avsnitt")) == "Ett avsnitt"
    assert {"/2026-11/kronika/", "/2026-11/files/plan.pdf", "/2026-11/"} <= set(hrefs(page))
    table = page.find("table")
    assert table is not None
    scroller = table.find_parent(attrs={"tabindex": "0"})
    assert scroller is not None
    assert scroller.get("aria-label") or scroller.get("aria-labelledby")
    assert "Vi sade ”ja” – och sedan…" in said(page.blockquote)
    assert "En not." in said(page)


def test_event(site: Crawl) -> None:
    """An invitation says when, where, until when to register, whom to ask and what will happen."""
    page = main(site.page("/2026-11/inbjudan/"))
    text = said(page)
    assert re.search(r"torsdag 26 november 2026 (kl\. )?13\.00–16\.00", text)
    assert "Föreningarnas hus, Kajgatan 4" in text
    assert said(page.find("time", datetime="2026-11-20")).endswith("20 november 2026")
    assert "mailto:brygga@magasinet.example" in hrefs(page)
    starts = [str(time["datetime"]) for time in page.find_all("time")]
    assert any(start.startswith("2026-11-26T13:00") for start in starts)
    programme = [said(item) for item in page.find_all("li")]
    assert programme == ["13.00 Kaffe", "14.00 Samtal"]


def test_event_of_several_days(site: Crawl) -> None:
    """An event of several days says its first and its last, and no time of day that nobody has set."""
    text = said(main(site.page("/2026-11/flera-dagar/")))
    assert re.search(r"fredag 27 november 2026 – söndag 29 november 2026", text)
    assert "00.00" not in text


def test_events_show_when_they_are_listed(site: Crawl) -> None:
    """Where an invitation is listed, its day stands with it."""
    for url in ("/2026-11/", "/kategori/nyheter/"):
        assert "torsdag 26 november 2026" in said(main(site.page(url)))


def test_files(site: Crawl) -> None:
    """A file to fetch stands with its title, type and size."""
    (link,) = [
        link for link in main(site.page(MAIN)).find_all("a", href="/2026-11/files/plan.pdf") if "Planen" in said(link)
    ]
    around = said(link.find_parent("li"))
    assert "Planen för bryggan" in around
    assert "PDF" in around
    size = (site.folder / "2026-11" / "files" / "plan.pdf").stat().st_size
    assert WORDS.size(size).replace("\N{NO-BREAK SPACE}", " ") in around


def test_topics(site: Crawl) -> None:
    """An article's tags and places lead to their pages."""
    page = main(site.page(MAIN))
    links = {str(link["href"]): said(link) for link in page.find_all("a")}
    assert links["/amne/bryggor/"] == "bryggor"
    assert links["/amne/vatten/"] == "vatten"
    assert links["/plats/hamnen/"] == "Hamnen"
    assert links["/plats/angslatten/"] == "Ängslätten"


def test_earlier_and_later(site: Crawl, data: dict[str, Any]) -> None:
    """From each article of an issue there is a way to the one before and to the one after it."""
    order = next(issue["articles"] for issue in data["issues"] if issue["id"] == "2026-11")
    assert order[0] == MAIN
    for n, url in enumerate(order):
        neighbours = [*order[max(n - 1, 0) : n], *order[n + 1 : n + 2]]
        assert [hrefs(nav) for nav in landmarks(site.page(url))] == [neighbours]


def test_related(site: Crawl, data: dict[str, Any]) -> None:
    """Below an article stand three others that share its tags, places or words; never itself, never one twice."""

    def related(url: str) -> list[str]:
        section = main(site.page(url)).find_all("section")[-1]
        found = articles(section)
        assert Counter(hrefs(section)) == Counter(found)
        return found

    assert set(related(MAIN)) >= {"/2026-11/inbjudan/", "/2026-11/kronika/"}
    for url, facts in data["articles"].items():
        if "vanligt" in facts["tags"]:
            found = related(url)
            assert len(found) == 3
            assert url not in found
            assert all("vanligt" in data["articles"][other]["tags"] for other in found)


def test_archived_article(site: Crawl, data: dict[str, Any]) -> None:
    """An archived article says that it is one, and from which issue; a live one of the same issue does not."""
    note = WORDS.gettext("From an earlier issue: %(issue)s").partition("%")[0].strip()
    assert note
    archived = set(data["categories"][0]["archived"])
    for url in data["articles"]:
        text = said(main(site.page(url)))
        assert (note in text) == (url in archived), url
        if url in archived:
            month = WORDS.month(dt.date.fromisoformat(f"{url[1:8]}-01")).replace("\N{NO-BREAK SPACE}", " ")
            assert month in text.partition(note)[2][:80]


def test_translation(site: Crawl, data: dict[str, Any]) -> None:
    """A translation and its original lead to each other, for readers and for machines, and say their languages."""
    english = "/2026-11/the-bridge/"
    for url, other, lang in ((MAIN, english, "en"), (english, MAIN, "sv")):
        page = site.page(url)
        (link,) = main(page).find_all("a", hreflang=lang)
        assert (link["href"], link["lang"]) == (other, lang)
        alternates = {str(link["hreflang"]): str(link["href"]) for link in page.find_all("link", hreflang=True)}
        assert alternates == {"sv": URL + MAIN, "en": URL + english}
    text = main(site.page(english))
    for words in ("The bridge", "The ingress in English.", "The text in “English”."):
        (element,) = [tag for tag in text.find_all(["h1", "p"]) if said(tag) == words]
        assert element.get("lang") == "en" or element.find_parent(lang="en") is not None, words
    assert data["translations"].keys() == {english}


def test_translation_is_listed_nowhere(site: Crawl, data: dict[str, Any]) -> None:
    """A translation stands in no list: only its original leads to it, and what the digest says of that."""
    assert site.linking_to("/2026-11/the-bridge/") == {MAIN, "/utskick/2026-11/"}
    assert "/2026-11/the-bridge/" not in data["articles"]


# -- Other pages -------------------------------------------------------------------------------------------------------


def test_own_page(site: Crawl) -> None:
    """A page that the magazine has written itself takes the place of the built-in one."""
    page = site.page("/om/")
    assert said(page.h1) == "Om Magasinet"
    assert "Om oss, med ett nummer." in said(main(page))
    assert "/2026-11/" in hrefs(main(page))


def test_built_in_pages(site: Crawl) -> None:
    """A magazine without pages of its own has those that law and readers ask for, with its name in them."""
    for url in ("/tillganglighet/", "/personuppgifter/", "/prenumerera/"):
        text = said(main(site.page(url)))
        assert "Magasinet" in text
        assert not re.search(r"<\w+>", text)
    assert "Sundhamns stad" in said(main(site.page("/personuppgifter/")))
    assert "red@magasinet.example" in said(main(site.page("/tillganglighet/")))


def test_further_page(tmp_path: Path) -> None:
    """A page of any name in content/pages is published and linked from every page."""
    content = write_magazine(tmp_path)
    write(content / "pages" / "redaktionen.md", "Vi som gör det.", title="Redaktionen", summary="Vilka vi är.")
    draw(content / "pages" / "images" / "vi.png")
    write(content / "pages" / "om.md", "![Vi](images/vi.png)\n\n[Vilka vi är](redaktionen.md)", title="Om")
    site = crawl(build(tmp_path), URL)
    assert site.faults() == []
    assert said(site.page("/redaktionen/").h1) == "Redaktionen"
    assert all("/redaktionen/" in hrefs(page) for page in site.pages.values())


def test_subscribe(site: Crawl, data: dict[str, Any]) -> None:
    """How to subscribe: every feed in every format, and all of them in one file."""
    found = set(hrefs(main(site.page("/prenumerera/"))))
    folders = ["/", *(category["url"] for category in data["categories"])]
    assert found >= {f"{folder}{name}" for folder in folders for name in ("feed.xml", "atom.xml", "feed.json")}
    assert "/opml.xml" in found


def test_not_found(site: Crawl) -> None:
    """The page for addresses that do not exist leads back, is found by no search engine, and works at any depth."""
    page = site.page("/404.html")
    assert "noindex" in meta(page, "robots")
    assert {"/", "/nummer/", "/2026-11/"} <= set(hrefs(main(page)))
    assert all(re.match(r"/|#|https?:|mailto:", href) for href in hrefs(page))


def test_before_the_first_issue(tmp_path: Path) -> None:
    """A magazine before its first issue has its pages, empty, and nothing dead or secret in them."""
    content = write_everything(tmp_path)
    write(content / "pages" / "om.md", title="Om Magasinet")
    site = crawl(build(tmp_path, today="2025-11-30"), URL)
    assert site.faults() == []
    assert {"/", "/nummer/", "/prenumerera/", "/kategori/nyheter/", "/404.html"} <= site.pages.keys()
    assert not [url for url in site.pages if re.match(r"/\d{4}-", url)]
    assert not [url for url, page in site.pages.items() if re.search(r"20\d\d-\d\d/", str(page))]
    for url in ("/", "/nummer/"):
        assert WORDS.gettext("The first issue is on its way.") in said(main(site.page(url)))
    assert json.loads((site.folder / "magazine.json").read_bytes())["issues"] == []


def test_one_article(tmp_path: Path) -> None:
    """A magazine with a single article builds whole."""
    write_magazine(tmp_path, {"2026-11/ensam": {}})
    site = crawl(build(tmp_path), URL)
    assert site.faults() == []
    assert articles(main(site.page("/"))) == ["/2026-11/ensam/"]


def test_untitled_issue_without_editorial(tmp_path: Path) -> None:
    """An issue without an editorial has no empty place for one."""
    write_magazine(tmp_path, {**ARTICLES, "2026-11/issue": {"title": "Kort", "date": "2026-11-01", "body": ""}})
    site = crawl(build(tmp_path), URL)
    assert site.faults() == []
    for page in (site.page("/"), site.page("/2026-11/")):
        assert all(said(element) for element in main(page).find_all(["p", "h2", "h3", "section"]))


EDITORIAL = """En text med {lang=en}
{: lang=en }

Det här är en ledare med fotnot.[^1] Läs mer om [mötet i maj](#motet-i-maj).

## Mötet i maj

Mer text.

[^1]: Fotnoten.
"""


def test_an_editorial_with_notes_and_links_within_itself(tmp_path: Path) -> None:
    """On the front page a link to a place in the editorial leads to it, and a note stays where it is."""
    body = EDITORIAL.replace("En text med {lang=en}", "A first paragraph.")
    write_magazine(tmp_path, {**ARTICLES, "2026-11/issue": {"title": "Kort", "date": "2026-11-01", "body": body}})
    site = crawl(build(tmp_path), URL)
    assert site.faults() == []
    front = main(site.page("/"))
    (first,) = [paragraph for paragraph in front.find_all("p") if said(paragraph) == "A first paragraph."]
    assert first["lang"] == "en"
    assert "/2026-11/#motet-i-maj" in hrefs(front)
    assert "Fotnoten" not in said(front)
    assert "Läs hela ledaren" in said(front)


def test_an_article_that_never_had_a_place_is_not_from_an_earlier_issue(tmp_path: Path) -> None:
    """It is archived on its first day, while its issue is the newest."""
    write_magazine(tmp_path, {f"2026-11/nummer-{n}": {} for n in range(3)})
    site = crawl(build(tmp_path, LIVE_ARTICLES=2), URL)
    assert "Ur ett tidigare nummer" not in said(main(site.page("/2026-11/nummer-2/")))


def test_what_is_written_from_right_to_left_says_so(tmp_path: Path) -> None:
    """On its page and wherever its headline stands."""
    write_magazine(tmp_path, {"2026-11/ar": {"title": "مرحبا", "lang": "ar"}, "2026-11/sv": {}})
    site = crawl(build(tmp_path), URL)
    for url in ("/", "/2026-11/ar/", "/kategori/nyheter/"):
        shown = main(site.page(url)).find_all(lang="ar")
        assert shown
        assert {element.get("dir") for element in shown} == {"rtl"}
    assert not main(site.page("/2026-11/sv/")).select("h1[dir], .prose[dir]")


def test_several_tables_have_names_of_their_own(tmp_path: Path) -> None:
    """Else somebody who listens cannot tell one from another."""
    table = "| a |\n|---|\n| b |\n"
    write_magazine(tmp_path, {"2026-11/tva": {"body": f"{table}\n{table}"}, "2026-11/en": {"body": table}})
    site = crawl(build(tmp_path), URL)

    def names(url: str) -> list[str]:
        return [str(one["aria-label"]) for one in main(site.page(url)).select(".table")]

    assert (names("/2026-11/tva/"), names("/2026-11/en/")) == (["Tabell 1", "Tabell 2"], ["Tabell"])


# -- Kinds -------------------------------------------------------------------------------------------------------------


def test_kinds(tmp_path: Path) -> None:
    """A magazine can have kinds of its own, with forms; each article says its kind, the first if it says none."""
    kinds = {"rapport": "long", "snutt": "short", "röst": "voice", "vanlig": "standard"}
    write_magazine(tmp_path, {f"2026-11/{n}": {"kind": kind} for n, kind in enumerate(kinds)} | {"2026-11/x": {}})
    site = crawl(build(tmp_path, KINDS=kinds), URL)
    assert site.faults() == []
    for n, kind in enumerate(kinds):
        assert kind.capitalize() in said(main(site.page(f"/2026-11/{n}/")))
    assert "Rapport" in said(main(site.page("/2026-11/x/")))
    assert set(articles(main(site.page("/2026-11/")))) == {f"/2026-11/{n}/" for n in (*range(4), "x")}


def test_forms(tmp_path: Path) -> None:
    """On the front page a notice is compact, without a picture; a long article shows large, with its."""
    picture = {"src": "images/bild.png", "alt": "En bild"}
    content = write_magazine(
        tmp_path,
        {
            "2026-11/forst": {"order": 1},
            "2026-11/kort": {"kind": "notis", "image": picture},
            "2026-11/langt": {"kind": "reportage", "image": picture},
        },
    )
    draw(content / "issues" / "2026-11" / "images" / "bild.png")
    page = main(crawl(build(tmp_path), URL).page("/"))
    section = page.find_all("a", href="/kategori/nyheter/")[-1].find_parent("section")
    assert section is not None
    pictures = {}
    for article in section.find_all("article"):
        (url,) = articles(article)
        pictures[url] = len(article.find_all("img"))
    assert pictures == {"/2026-11/kort/": 0, "/2026-11/langt/": 1}
    assert articles(section)[0] == "/2026-11/langt/"


# -- What is hostile ---------------------------------------------------------------------------------------------------

NASTY = """<script>alert(1)</script> "x" 'y' &lt; & <!-- --> </title></script><img src=x onerror=alert(2)> {{7*7}} {%"""


def test_hostile_words(tmp_path: Path) -> None:
    """Whatever a header says, it is shown as words: nowhere does it become markup, script or template."""
    picture = {"src": "images/bild.png", "alt": NASTY, "caption": NASTY, "credit": NASTY}
    event = {"start": "2026-11-26", "place": NASTY, "contact": NASTY, "programme": [NASTY, f"13.00 {NASTY}"]}
    hostile = {
        "title": NASTY,
        "summary": NASTY,
        "authors": [NASTY],
        "tags": [NASTY],
        "places": [NASTY],
        "image": picture,
        "event": event,
        "files": [{"src": "files/plan.txt", "title": NASTY}],
        "body": "Text med `<script>alert(3)</script>` och \\<b>fet\\</b>.",
    }
    content = write_magazine(
        tmp_path,
        {
            "2026-10/gammal": hostile,
            "2026-11/issue": {"title": NASTY, "date": "2026-11-01", "image": picture},
            "2026-11/ett": {**hostile, "title": f"{NASTY} ett"},
            "2026-11/tva": {**hostile, "title": f"{NASTY} två", "kind": "notis"},
            "2026-11/oversatt": {**hostile, "title": f"{NASTY} en", "translation_of": "ett", "lang": "en"},
        },
    )
    for issue in ("2026-10", "2026-11"):
        draw(content / "issues" / issue / "images" / "bild.png")
        (content / "issues" / issue / "files").mkdir()
        (content / "issues" / issue / "files" / "plan.txt").write_text("Planen.")
    write(content / "pages" / "om.md", title=NASTY, summary=NASTY)
    name = "Magasinet \"x\" & 'y' {{ 7*7 }} {%"
    out = build(
        tmp_path, SITENAME=name, SITESUBTITLE=NASTY, PUBLISHER=name, CONTACT=name,
        CATEGORIES=[("nyheter", f"Nyheter {NASTY}")], KINDS={"nyhet": "long", "notis": "short"},
    )  # fmt: skip
    site = crawl(out, URL)
    assert site.faults() == []
    for url, page in site.pages.items():
        assert page.title is not None
        assert page.title.get_text().endswith(name), url
        assert not page.find_all("script", src=False, type=lambda kind: kind != "application/ld+json")
        assert not page.find_all(src="x")
        assert not re.search(r"\b49\b", said(page))
        assert "alert(1)" in said(page)
    article = site.page("/2026-11/ett/")
    assert "<script>alert(1)</script>" in said(article.h1)
    (node,) = linked_data(article)
    assert node["headline"].startswith("<script>alert(1)</script>")
    assert "<code>&lt;script&gt;alert(3)&lt;/script&gt;</code>" in str(main(article))


def test_names_of_files(tmp_path: Path) -> None:
    """A picture or file may be called what people call files: pages, srcsets and share pictures still find it."""
    picture, plan = 'Bro över ån, nr #1? 100% "klar" & <ny>\'s.png', "Plan (nr 2), 5 juni & 100%.pdf"
    content = write_magazine(
        tmp_path,
        {
            "2026-11/ett": {
                "image": {"src": f"images/{picture}", "alt": "En bro"},
                "files": [{"src": f"files/{plan}", "title": "Planen"}],
                "body": "![Bron](<images/bro i dimma, nr 2.png>) [Planen](<files/Plan (nr 2), 5 juni & 100%.pdf>)",
            }
        },
    )
    issue = content / "issues" / "2026-11"
    draw(issue / "images" / picture)
    draw(issue / "images" / "bro i dimma, nr 2.png")
    (issue / "files").mkdir()
    (issue / "files" / plan).write_bytes(b"%PDF")
    site = crawl(build(tmp_path), URL)
    assert site.faults() == []
    page = main(site.page("/2026-11/ett/"))
    assert len([href for href in hrefs(page) if site.file(href) == site.folder / "2026-11" / "files" / plan]) == 2
    assert len(page.find_all("img")) == 2
    with Image.open(io.BytesIO(site.file(meta(site.page("/2026-11/ett/"), "og:image")).read_bytes())) as shared:
        assert shared.size == (1200, 630)


def test_today_is_what_the_tests_think(data: dict[str, Any]) -> None:
    """The day that a site was built for stands in its data."""
    assert data["built_for"] == TODAY
