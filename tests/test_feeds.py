"""The feeds keep the rules by which the W3C's feed validator judges, and the magazine's own.

The rules are those of RSS 2.0 with the RSS Advisory Board's profile, RFC 4287 (Atom), JSON Feed 1.1 and RFC 4151 (tag
URIs); the tests were held against the validator's own code.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import feedparser
import pytest

from plugins.feeds import channels
from plugins.feeds.channels import BEGINNING
from plugins.feeds.content import standalone
from plugins.magazine.model import Article
from plugins.magazine.site import Site
from tests.building import SETTINGS, build, draw, write, write_magazine

PLUGINS = ("plugins.magazine", "plugins.media", "plugins.feeds", "plugins.catalogue")
SITE = "https://medverkan.example/webbtidning"
FOLDERS = ("", "kategori/nyheter/", "kategori/kultur/", "kategori/tomt/")
"""Where the feeds of the magazine and of its categories lie. The last one is empty."""

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}"
CREATOR = "{http://purl.org/dc/elements/1.1/}creator"
MEDIA = "{http://search.yahoo.com/mrss/}content"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"

TAG_URI = re.compile(r"tag:[a-z0-9.-]+,\d{4}-\d{2}-\d{2}:/[a-z0-9/-]*")
RFC_3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(Z|[+-]\d{2}:\d{2})")
URI = re.compile(r"https?://[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+")

TITLE = "Så <b>fet</b> blir & bred &amp; <script>alert(1)</script>"
BODY = """
Läs [den andra artikeln](andra.md), [ett avsnitt](#avsnitt), [en sida](/kategori/kultur/) och
[en annan webbplats](https://example.org/?a=1&b=2). Skriv till <redaktionen@medverkan.example>.[^1]

![En båt](<images/båt på sjö.png> "I hamnen")

## Avsnitt

[Rapporten](<files/en rapport.pdf>) har <mark>två</mark> delar < tre & <q>slut</q>.

[^1]: En not.
"""

ARTICLES: Mapping[str, Mapping[str, Any]] = {
    "2026-10/gammal": {"title": "Gammal och arkiverad"},
    "2026-10/kvar": {"title": "Gammal men kvar", "category": "kultur", "authors": ["Redaktionen"]},
    "2026-11/issue": {"date": "2026-11-02"},
    "2026-11/rik": {
        "title": TITLE,
        "order": 1,
        "summary": "Ingressen har <i>tecken</i> & mer.",
        "authors": ["Redaktionen", "Kommunikatör, <fritid> & kultur"],
        "tags": ["bidrag", "idéburet & offentligt"],
        "places": ["Norrhamnen"],
        "modified": "2026-11-09",
        "image": {
            "src": "images/båt på sjö.png",
            "alt": "En <hög> & båt",
            "caption": "Båten.",
            "credit": "Bild: A",
        },
        "event": {
            "start": "2026-11-26 13:00",
            "end": "2026-11-26 16:00",
            "place": "Sal <3> & foajé",
            "register_by": "2026-11-20",
            "contact": "kontakt@medverkan.example",
            "programme": ["13.00 Start", "14.00 Samtal"],
        },
        "files": [{"src": "files/en rapport.pdf", "title": "Rapporten <hela>"}],
        "body": BODY,
    },
    "2026-11/andra": {"title": "Den andra", "order": 2},
    "2026-11/engelsk": {"title": "In English", "order": 3, "lang": "en", "category": "kultur"},
    "2026-11/oversatt": {"title": "Translated", "lang": "en", "translation_of": "andra"},
    "2026-12/framtida": {"title": "Framtida"},
}
LIVE = ("2026-11/rik", "2026-11/andra", "2026-11/engelsk", "2026-10/kvar")


def write_content(root: Path, articles: Mapping[str, Mapping[str, Any]] = ARTICLES) -> None:
    content = write_magazine(root, articles)
    draw(content / "issues/2026-11/images/båt på sjö.png")
    report = content / "issues/2026-11/files/en rapport.pdf"
    report.parent.mkdir(exist_ok=True)
    report.write_bytes(b"%PDF-1.7\n" + b"." * 2000)


def build_feeds(root: Path, **settings: Any) -> Path:
    values: dict[str, Any] = {"SITEURL": SITE, "LIVE_ARTICLES": 2} | settings
    return build(root, plugins=PLUGINS, **values)


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A magazine with everything in it that feeds must cope with."""
    root = tmp_path_factory.mktemp("magazine")
    write_content(root)
    return build_feeds(root)


def parse(path: Path) -> Element:
    return ElementTree.fromstring(path.read_bytes())


def rss_channel(output: Path, folder: str = "") -> Element:
    channel = parse(output / folder / "feed.xml").find("channel")
    assert channel is not None
    return channel


def atom_feed(output: Path, folder: str = "") -> Element:
    return parse(output / folder / "atom.xml")


def json_feed(output: Path, folder: str = "") -> dict[str, Any]:
    feed: dict[str, Any] = json.loads((output / folder / "feed.json").read_bytes())
    return feed


def text(element: Element, path: str) -> str:
    """The text of the one element there is of that name."""
    found = element.findall(path)
    assert len(found) == 1, f"{len(found)} × {path}"
    assert found[0].text
    return found[0].text


def contents(output: Path) -> Iterator[Element]:
    """What each entry of the magazine's feed holds; parsed as XML, so that it must be well-formed."""
    for item in json_feed(output)["items"]:
        yield ElementTree.fromstring(f"<div>{item['content_html']}</div>")


def rich(output: Path) -> Element:
    return next(contents(output))


feeds = pytest.mark.parametrize("folder", FOLDERS)


# -- RSS 2.0 -----------------------------------------------------------------------------------------------------------


@feeds
def test_rss_has_the_elements_that_the_specification_requires(output: Path, folder: str) -> None:
    """An RSS feed has one channel with title, link and description, and its items have all that a reader needs."""
    root = parse(output / folder / "feed.xml")
    assert (root.tag, root.get("version"), [child.tag for child in root]) == ("rss", "2.0", ["channel"])
    channel = rss_channel(output, folder)
    assert URI.fullmatch(text(channel, "link"))
    assert text(channel, "title")
    assert text(channel, "description")
    assert text(channel, "language") == "sv"
    assert int(text(channel, "ttl")) > 0
    for item in channel.iter("item"):
        assert text(item, "title")
        assert text(item, "description")
        assert text(item, f"{CONTENT}encoded")
        assert URI.fullmatch(text(item, "link"))


@feeds
def test_rss_elements_stand_once_and_before_the_items(output: Path, folder: str) -> None:
    """In RSS nothing but categories and creators is repeated, and the channel's own elements come before its items."""
    channel = rss_channel(output, folder)
    names = [child.tag for child in channel]
    assert names == sorted(names, key=lambda name: name == "item")
    assert max(Counter(name for name in names if name != "item").values()) == 1
    for item in channel.iter("item"):
        counted = Counter(child.tag for child in item if child.tag not in ("category", CREATOR))
        assert max(counted.values()) == 1
        assert names_in_order(item, "description", f"{CONTENT}encoded")


def names_in_order(element: Element, *names: str) -> bool:
    return [child.tag for child in element if child.tag in names] == list(names)


@feeds
def test_rss_dates_are_of_rfc_822(output: Path, folder: str) -> None:
    """Dates in RSS have the form of RFC 822 with the year in full, a zone as digits and the right day of the week."""
    channel = rss_channel(output, folder)
    for date in (text(channel, "lastBuildDate"), *(text(item, "pubDate") for item in channel.iter("item"))):
        assert date == format_datetime(parsedate_to_datetime(date))


@feeds
def test_rss_items_have_a_guid_that_is_no_address(output: Path, folder: str) -> None:
    """Each item's guid is a tag URI, says that it is no permalink, and is given to no other item."""
    guids = [guid for item in rss_channel(output, folder).iter("item") for guid in item.findall("guid")]
    assert all(guid.get("isPermaLink") == "false" and TAG_URI.fullmatch(guid.text or "") for guid in guids)
    assert len({guid.text for guid in guids}) == len(list(rss_channel(output, folder).iter("item")))


@feeds
def test_rss_links_to_itself(output: Path, folder: str) -> None:
    """An RSS feed says by `atom:link` where it lies, as the RSS profile asks."""
    (link,) = rss_channel(output, folder).findall(f"{ATOM}link")
    assert link.attrib == {"href": f"{SITE}/{folder}feed.xml", "rel": "self", "type": "application/rss+xml"}


@feeds
def test_rss_writes_markup_as_hexadecimal_references(output: Path, folder: str) -> None:
    """`<` and `&` stand as hexadecimal references in RSS, as the RSS profile asks for titles."""
    assert not re.search(rb"&(lt|amp|quot|apos);", (output / folder / "feed.xml").read_bytes())


def test_rss_names_authors_without_addresses(output: Path) -> None:
    """Bylines are `dc:creator`: an author in RSS would have to be an e-mail address."""
    item = next(rss_channel(output).iter("item"))
    assert [creator.text for creator in item.findall(CREATOR)] == ["Redaktionen", "Kommunikatör, <fritid> & kultur"]
    assert not list(rss_channel(output).iter("author"))


def test_pictures_are_media_and_not_enclosures(output: Path) -> None:
    """The picture is one `media:content` that stands alone; an enclosure would need a length and be taken for sound."""
    for entry in (next(rss_channel(output).iter("item")), atom_feed(output).findall(f"{ATOM}entry")[0]):
        (media,) = entry.findall(MEDIA)
        assert URI.fullmatch(media.attrib.pop("url"))
        assert media.attrib == {"type": "image/jpeg", "medium": "image", "width": "1200", "height": "630"}
        assert not [e for e in entry.iter() if e.tag == "enclosure" or e.get("rel") == "enclosure"]


# -- Atom --------------------------------------------------------------------------------------------------------------


@feeds
def test_atom_has_the_elements_that_rfc_4287_requires(output: Path, folder: str) -> None:
    """An Atom feed and each of its entries have one id, one title and one date of update, and somebody wrote it."""
    feed = atom_feed(output, folder)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get(LANG) == "sv"
    assert text(feed, f"{ATOM}author/{ATOM}name")
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        assert TAG_URI.fullmatch(text(element, f"{ATOM}id"))
        assert text(element, f"{ATOM}title")
        assert text(element, f"{ATOM}updated")
    for entry in feed.findall(f"{ATOM}entry"):
        assert text(entry, f"{ATOM}content")
        assert text(entry, f"{ATOM}summary")
        assert {e.get("type") for name in ("content", "summary") for e in entry.findall(ATOM + name)} == {"html"}
        assert all(category.get("term") for category in entry.findall(f"{ATOM}category"))


@feeds
def test_atom_metadata_stands_before_the_entries(output: Path, folder: str) -> None:
    """What an Atom feed says of itself comes before its entries, and nothing of it is said twice but links."""
    names = [child.tag for child in atom_feed(output, folder)]
    assert names == sorted(names, key=lambda name: name == f"{ATOM}entry")
    repeated = {name for name, count in Counter(names).items() if count > 1}
    assert repeated <= {f"{ATOM}entry", f"{ATOM}link"}


@feeds
def test_atom_dates_are_of_rfc_3339(output: Path, folder: str) -> None:
    """Dates in Atom have the form of RFC 3339, with a zone."""
    feed = atom_feed(output, folder)
    dates = [e.text or "" for e in feed.iter() if e.tag in (f"{ATOM}updated", f"{ATOM}published")]
    assert dates
    assert all(RFC_3339.fullmatch(date) and dt.datetime.fromisoformat(date) for date in dates)


@feeds
def test_atom_ids_are_unique(output: Path, folder: str) -> None:
    """No two entries of a feed, nor the feed and an entry, share an id."""
    ids = [e.text for e in atom_feed(output, folder).iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)


@feeds
def test_atom_links_to_itself_and_to_its_page(output: Path, folder: str) -> None:
    """An Atom feed says where it lies and which page shows the same; each entry says where its article is."""
    feed = atom_feed(output, folder)
    assert [link.attrib for link in feed.findall(f"{ATOM}link")] == [
        {"href": f"{SITE}/{folder}atom.xml", "rel": "self", "type": "application/atom+xml"},
        {"href": f"{SITE}/{folder}", "rel": "alternate", "type": "text/html", "hreflang": "sv"},
    ]
    for entry in feed.findall(f"{ATOM}entry"):
        (link,) = entry.findall(f"{ATOM}link")
        assert link.get("rel", "alternate") == "alternate"
        assert URI.fullmatch(link.attrib["href"])


def test_atom_names_authors_with_their_pages(output: Path) -> None:
    """Each byline is an author of the entry, with the address of the page that lists what it wrote."""
    authors = atom_feed(output).findall(f"{ATOM}entry")[0].findall(f"{ATOM}author")
    assert [text(author, f"{ATOM}name") for author in authors] == ["Redaktionen", "Kommunikatör, <fritid> & kultur"]
    assert text(authors[0], f"{ATOM}uri") == f"{SITE}/av/redaktionen/"
    assert not list(atom_feed(output).iter(CREATOR))


# -- JSON Feed 1.1 -----------------------------------------------------------------------------------------------------


@feeds
def test_json_feed_says_what_the_specification_requires(output: Path, folder: str) -> None:
    """A JSON feed names its version, itself and its page."""
    feed = json_feed(output, folder)
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{SITE}/{folder}feed.json"
    assert feed["home_page_url"] == f"{SITE}/{folder}"
    assert feed["title"]
    assert feed["language"] == "sv"
    assert feed["authors"]
    assert all(author["name"] for author in feed["authors"])


@feeds
def test_json_feed_items_say_what_the_specification_requires(output: Path, folder: str) -> None:
    """Each item of a JSON feed has an id as text, content, and values of the specified types under specified names."""
    items = json_feed(output, folder)["items"]
    known = "id url title content_html summary image date_published date_modified authors tags language".split()
    for item in items:
        assert set(item) <= set(known)
        assert TAG_URI.fullmatch(item["id"])
        assert URI.fullmatch(item["url"])
        assert item["content_html"]
        assert RFC_3339.fullmatch(item["date_published"])
        assert RFC_3339.fullmatch(item["date_modified"])
        assert all(URI.fullmatch(author["url"]) and author["name"] for author in item["authors"])
        assert all(isinstance(tag, str) for tag in item["tags"])
        assert URI.fullmatch(item.get("image", SITE))
    assert len({item["id"] for item in items}) == len(items)


# -- All formats -------------------------------------------------------------------------------------------------------


@feeds
def test_the_formats_agree(output: Path, folder: str) -> None:
    """The three formats of a feed have the same entries in the same order with the same words."""
    rss = [
        (text(i, "guid"), text(i, "title"), text(i, f"{CONTENT}encoded"))
        for i in rss_channel(output, folder).iter("item")
    ]
    atom = [
        tuple(text(entry, f"{ATOM}{name}") for name in ("id", "title", "content"))
        for entry in atom_feed(output, folder).findall(f"{ATOM}entry")
    ]
    items = [(item["id"], item["title"], item["content_html"]) for item in json_feed(output, folder)["items"]]
    assert rss == atom == items


@feeds
@pytest.mark.parametrize("name", ["feed.xml", "atom.xml"])
def test_a_feed_reader_understands_the_feed(output: Path, folder: str, name: str) -> None:
    """feedparser finds nothing to complain of, and reads the titles, dates and links that were meant."""
    read = feedparser.parse((output / folder / name).read_bytes())
    items = json_feed(output, folder)["items"]
    assert not read.bozo
    assert read.feed.language == "sv" if name == "feed.xml" else read.feed.updated
    assert [entry.link for entry in read.entries] == [item["url"] for item in items]
    assert [entry.id for entry in read.entries] == [item["id"] for item in items]
    assert [[tag.term for tag in entry.tags] for entry in read.entries] == [item["tags"] for item in items]
    assert [entry.published_parsed[:5] for entry in read.entries] == [
        dt.datetime.fromisoformat(item["date_published"]).astimezone(dt.UTC).timetuple()[:5] for item in items
    ]


def test_a_feed_has_what_is_live_newest_first(output: Path) -> None:
    """The magazine's feed has the live articles of all categories, newest first; a category's feed has its own."""
    assert [item["url"] for item in json_feed(output)["items"]] == [f"{SITE}/{name}/" for name in LIVE]
    urls = [item["url"] for item in json_feed(output, "kategori/kultur/")["items"]]
    assert urls == [f"{SITE}/2026-11/engelsk/", f"{SITE}/2026-10/kvar/"]


@pytest.mark.parametrize("name", ["2026-10/gammal", "2026-12/framtida", "2026-11/oversatt"])
def test_a_feed_has_nothing_archived_unreleased_or_translated(output: Path, name: str) -> None:
    """Archived articles, articles of later issues and translations are in no feed."""
    for folder in FOLDERS:
        for file in ("feed.xml", "atom.xml", "feed.json"):
            assert f"/{name}/" not in (output / folder / file).read_text(encoding="utf-8")


def test_dates_come_from_the_content(output: Path) -> None:
    """An entry is published at midnight of its issue's day and updated when corrected; a feed with its newest."""
    first, second, *_ = json_feed(output)["items"]
    assert (first["date_published"], first["date_modified"]) == (
        "2026-11-02T00:00:00+01:00",
        "2026-11-09T00:00:00+01:00",
    )
    assert second["date_modified"] == second["date_published"] == "2026-11-02T00:00:00+01:00"
    assert text(atom_feed(output), f"{ATOM}updated") == "2026-11-09T00:00:00+01:00"
    assert text(rss_channel(output), "lastBuildDate") == "Mon, 09 Nov 2026 00:00:00 +0100"


def test_an_empty_feed_is_dated_by_the_beginning(output: Path) -> None:
    """A feed without entries was last updated on a day that never changes."""
    assert text(atom_feed(output, "kategori/tomt/"), f"{ATOM}updated")[:10] == BEGINNING.isoformat()
    assert not json_feed(output, "kategori/tomt/")["items"]


def test_a_magazine_before_its_first_issue_has_feeds(tmp_path: Path) -> None:
    """Before the first release the feeds are there, empty."""
    write_magazine(tmp_path)
    output = build_feeds(tmp_path, today="2026-01-15")
    assert json_feed(output)["items"] == []
    assert not feedparser.parse((output / "feed.xml").read_bytes()).bozo


def test_ids_name_the_issue_and_the_article(output: Path) -> None:
    """An id is made of the authority, the issue's month and the article's address, without the site's own folder."""
    assert json_feed(output)["items"][0]["id"] == "tag:medverkan.example,2026-11-01:/2026-11/rik/"
    assert text(atom_feed(output), f"{ATOM}id") == "tag:medverkan.example,2026-01-01:/"


def test_ids_survive_a_move(tmp_path: Path) -> None:
    """With FEED_AUTHORITY set, the ids are the same wherever the site lies."""

    def ids(url: str) -> list[str]:
        output = build_feeds(tmp_path, SITEURL=url, FEED_AUTHORITY="Medverkan.example")
        return [e.text or "" for folder in FOLDERS for e in atom_feed(output, folder).iter(f"{ATOM}id")]

    write_content(tmp_path)
    assert ids("http://localhost:8000") == ids("https://staden.example/tidning")


# -- Content -----------------------------------------------------------------------------------------------------------


def test_titles_are_text(output: Path) -> None:
    """A title with markup in it arrives as the characters that were written."""
    assert json_feed(output)["items"][0]["title"] == TITLE
    assert text(next(rss_channel(output).iter("item")), "title") == TITLE
    assert atom_feed(output).findall(f"{ATOM}entry/{ATOM}title")[0].get("type", "text") == "text"


def test_names_are_text(tmp_path: Path) -> None:
    """The magazine's own name may have any characters: they arrive in every format, also in attributes."""
    name = """Fritt <b>&amp; 'vackert' & "stort" </b>"""
    write_magazine(tmp_path)
    output = build_feeds(tmp_path, SITENAME=name)
    assert text(rss_channel(output), "title") == text(atom_feed(output), f"{ATOM}title") == name
    assert json_feed(output)["title"] == name
    assert parse(output / "opml.xml").findall("body/outline")[0].get("text") == name


def test_descriptions_are_html(output: Path) -> None:
    """What RSS and Atom have as HTML is escaped as HTML too: a reader sees the characters that were written."""
    written = "Ingressen har &lt;i&gt;tecken&lt;/i&gt; &amp; mer."
    assert text(next(rss_channel(output).iter("item")), "description") == written
    assert text(atom_feed(output).findall(f"{ATOM}entry")[0], f"{ATOM}summary") == written
    assert json_feed(output)["items"][0]["summary"] == "Ingressen har <i>tecken</i> & mer."


def test_content_is_the_whole_article(output: Path) -> None:
    """An entry holds ingress, picture, the event's facts, the text and the files, in this order."""
    content = rich(output)
    assert [child.tag for child in content][:4] == ["p", "figure", "dl", "p"]
    assert [child.tag for child in content][-2:] == ["h2", "ul"]
    assert "".join(content[0].itertext()) == "Ingressen har <i>tecken</i> & mer."
    image = content[1][0]
    assert (image.get("alt"), image.get("width"), image.get("height")) == ("En <hög> & båt", "800", "533")
    assert content[1].findtext("figcaption") == "Båten. Bild: A"
    assert [" ".join(e.itertext()).replace("\N{NO-BREAK SPACE}", " ") for e in content[2]] == [
        *("Tid", "torsdag 26 november 2026, 13.00–16.00"),
        *("Plats", "Sal <3> & foajé"),
        *("Anmäl dig senast", "fredag 20 november 2026"),
        *("Kontakt", "kontakt@medverkan.example"),
        *("Program", "13.00 Start", "14.00 Samtal"),
    ]
    assert "".join(content[-1].itertext()).replace("\N{NO-BREAK SPACE}", " ") == "Rapporten <hela> (PDF, 2 kB)"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"start": "2026-11-26"}, "torsdag 26 november 2026"),
        ({"start": "2026-11-26 09:30"}, "torsdag 26 november 2026, 09.30"),
        ({"start": "2026-11-26", "end": "2026-11-27"}, "torsdag 26 november 2026 – fredag 27 november 2026"),
        (
            {"start": "2026-11-26 13:00", "end": "2026-11-27 12:00"},
            "torsdag 26 november 2026, 13.00 – fredag 27 november 2026, 12.00",
        ),
    ],
)
def test_times_of_events(tmp_path: Path, event: dict[str, str], said: str) -> None:
    """An event's time says as much as is known: a day, a day and an hour, or from one to another."""
    write_magazine(tmp_path, {"2026-11/kalas": {"event": event}})
    content = rich(build_feeds(tmp_path))
    assert (content.findtext("dl/dd") or "").replace("\N{NO-BREAK SPACE}", " ") == said


def test_every_address_in_the_content_is_whole(output: Path) -> None:
    """Links, pictures and their other sizes are whole addresses, without spaces, and below the site's own folder."""
    checked = 0
    for content in contents(output):
        for element in content.iter():
            sources = [source.split(" ")[0] for source in element.get("srcset", "").split(", ") if source]
            for address in (element.get("href"), element.get("src"), *sources):
                if address is not None:
                    checked += 1
                    assert URI.fullmatch(address) or address.startswith("mailto:")
                    if urlsplit(address).netloc == urlsplit(SITE).netloc:
                        assert address.startswith(f"{SITE}/")
            assert "cite" not in element.attrib
    assert checked > 10


def test_links_lead_where_they_lead_on_the_page(output: Path) -> None:
    """A link to an article, a heading, a page, a file or another site leads there from a feed too."""
    links = [link.get("href") for link in rich(output).iter("a")]
    here = f"{SITE}/2026-11/rik/"
    assert links[:4] == [
        f"{SITE}/2026-11/andra/",
        f"{here}#avsnitt",
        f"{SITE}/kategori/kultur/",
        "https://example.org/?a=1&b=2",
    ]
    assert {f"{here}#fn:1", f"{here}#fnref:1", f"{SITE}/2026-11/files/en%20rapport.pdf"} <= set(links)


def test_pictures_in_feeds_are_published(output: Path) -> None:
    """Every picture that a feed names is a file of the site."""
    names = [image.attrib["src"] for content in contents(output) for image in content.iter("img")]
    names += [item["image"] for item in json_feed(output)["items"] if "image" in item]
    assert len(names) == 3
    assert all((output / unquote(name.removeprefix(f"{SITE}/"))).is_file() for name in names)


def test_content_has_nothing_active(output: Path) -> None:
    """There are no scripts, styles, frames or forms in a feed, and no attribute acts or styles by itself."""
    for content in contents(output):
        for element in content.iter():
            assert element.tag not in {"script", "style", "iframe", "object", "embed", "form", "link", "meta", "base"}
            assert not [name for name in element.attrib if name == "style" or name.startswith("on")]


def test_words_in_another_language_are_marked(output: Path) -> None:
    """An article in another language than the magazine's says so, in its item and around its words."""
    item = json_feed(output)["items"][2]
    assert item["language"] == "en"
    assert re.findall(r'<(\w+) lang="en">', item["content_html"]) == ["p", "div"]


# -- Building again ----------------------------------------------------------------------------------------------------


def test_building_again_changes_no_byte(tmp_path: Path) -> None:
    """The same content gives the same feeds, whenever it is built."""

    def files() -> dict[str, bytes]:
        output = build_feeds(tmp_path)
        names = [f"{folder}{name}" for folder in FOLDERS for name in ("feed.xml", "atom.xml", "feed.json")]
        return {name: (output / name).read_bytes() for name in (*names, "opml.xml")}

    write_content(tmp_path)
    assert files() == files()


def test_a_later_day_changes_no_byte(tmp_path: Path) -> None:
    """As long as no issue is released, the feeds stay as they are from day to day."""
    write_content(tmp_path)
    before = (build_feeds(tmp_path, today="2026-11-10") / "atom.xml").read_bytes()
    assert (build_feeds(tmp_path, today="2026-11-29") / "atom.xml").read_bytes() == before


def test_a_correction_changes_the_date_of_update_alone(tmp_path: Path) -> None:
    """`modified` moves an entry's date of update and the feed's, and nothing else: no order, no id, no other entry."""

    def lines() -> list[str]:
        return (build_feeds(tmp_path) / "atom.xml").read_text(encoding="utf-8").splitlines()

    write_content(tmp_path)
    before = lines()
    write_content(tmp_path, {**ARTICLES, "2026-11/andra": {**ARTICLES["2026-11/andra"], "modified": "2026-11-12"}})
    changed = [(old.strip(), new.strip()) for old, new in zip(before, lines(), strict=True) if old != new]
    new = "<updated>2026-11-12T00:00:00+01:00</updated>"
    assert changed == [
        ("<updated>2026-11-09T00:00:00+01:00</updated>", new),
        ("<updated>2026-11-02T00:00:00+01:00</updated>", new),
    ]


def test_each_article_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many feeds and formats an article is in, its content is made once a build."""
    converted: list[str] = []

    def counted(site: Site, article: Article) -> str:
        converted.append(article.url)
        return standalone(site, article)

    monkeypatch.setattr(channels, "standalone", counted)
    write_content(tmp_path)
    build_feeds(tmp_path)
    assert sorted(converted) == sorted(f"/{name}/" for name in LIVE)


# -- OPML --------------------------------------------------------------------------------------------------------------


def test_opml_lists_every_feed_once(output: Path) -> None:
    """The OPML file has the feed of the magazine and of each category, with all that a program needs to subscribe."""
    root = parse(output / "opml.xml")
    assert (root.tag, root.get("version"), [child.tag for child in root]) == ("opml", "2.0", ["head", "body"])
    assert text(root, "head/title") == SETTINGS["SITENAME"]
    outlines = root.findall("body/outline/outline")
    assert [outline.get("xmlUrl") for outline in outlines] == [f"{SITE}/{folder}feed.xml" for folder in FOLDERS]
    assert [outline.get("htmlUrl") for outline in outlines] == [f"{SITE}/{folder}" for folder in FOLDERS]
    assert all(outline.get("type") == "rss" and outline.get("text") == outline.get("title") for outline in outlines)
    assert outlines[2].get("text") == "Magasinet: Kultur & nöje"
    assert [outline.get("text") for outline in root.findall("body/outline")] == ["Magasinet"]


def test_a_magazine_in_english_has_english_feeds(tmp_path: Path) -> None:
    """Words that the feeds add are in the magazine's language."""
    write_magazine(tmp_path, {"2026-11/party": {"event": {"start": "2026-11-26 13:00"}, "kind": "news"}})
    write(tmp_path / "content/issues/2026-11/issue.md", title="The party", date="2026-11-01")
    output = build_feeds(tmp_path, DEFAULT_LANG="en")
    assert text(rss_channel(output), "language") == "en"
    assert [e.text for e in rich(output).iter("dt")] == ["Time"]
