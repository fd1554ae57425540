"""The digest of an issue as data: the contract with the newsletter, what lands in it, its text, and that it stays."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter import digest as newsletter
from plugins.digest.document import document
from plugins.magazine.model import Article, Issue
from plugins.magazine.site import Site
from tests.building import build, draw, snapshot, write_everything, write_magazine
from tests.sample import Sample, sample_in

PLUGINS = ("plugins.magazine", "plugins.digest")
PLACEHOLDERS = ("{{preferences_url}}", "{{unsubscribe_url}}")


def data_of(out: Path, issue: str = "2026-11") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "utskick" / f"{issue}.json").read_bytes())
    return found


def whole(data: Mapping[str, Any], form: str = "html") -> str:
    """The mail that a reader of all categories gets."""
    parts = data[form]
    return "".join((parts["head"], *(section[form] for section in parts["sections"]), parts["foot"]))


def section(data: Mapping[str, Any], category: str, form: str = "text") -> str:
    return next(str(part[form]) for part in data[form]["sections"] if part["category"] == category)


def titles(html: str) -> list[str]:
    return [heading.get_text() for heading in BeautifulSoup(html, "html.parser").find_all("h3")]


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A magazine in which everything occurs, built."""
    root = tmp_path_factory.mktemp("everything")
    write_everything(root)
    return build(root, plugins=PLUGINS, PUBLISHER="Sundhamns stad", CONTACT="red@magasinet.example")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return sample_in(tmp_path_factory.getbasetemp())


# -- The contract ------------------------------------------------------------------------------------------------------


def test_form(everything: Path) -> None:
    """The data has the keys of the contract; HTML and text have the same sections, in the order of the categories."""
    data = data_of(everything)
    assert data.keys() == {"issue", "subject", "preheader", "web_url", "hash", "html", "text"}
    assert data["issue"] == "2026-11"
    assert data["subject"] == "Magasinet nr 2: Vem får plats?"
    assert data["preheader"].startswith("Huvudsaken om bryggan · ")
    assert data["web_url"] == "https://magasinet.example/utskick/2026-11/"
    for form in ("html", "text"):
        assert data[form].keys() == {"head", "sections", "foot"}
        assert [part["category"] for part in data[form]["sections"]] == ["nyheter", "kultur"]
        assert all(part.keys() == {"category", form} for part in data[form]["sections"])


def test_hash(everything: Path) -> None:
    """The hash can be reckoned from the rest alone: SHA-256 of JSON with sorted keys, no spaces, in UTF-8."""
    data = data_of(everything)
    told = data.pop("hash")
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    assert told == hashlib.sha256(canonical).hexdigest()


def test_placeholders_stand_in_the_foot(everything: Path) -> None:
    """Both placeholders are in the foot, in HTML as the addresses of links, and nowhere else."""
    data = data_of(everything)
    for form in ("html", "text"):
        foot = data[form]["foot"]
        assert whole(data, form).count("{{") == foot.count("{{") == len(PLACEHOLDERS)
        for name in PLACEHOLDERS:
            assert (f'href="{name}"' if form == "html" else f"\n{name}\n") in foot


def test_newsletter_takes_it(sample: Sample) -> None:
    """The newsletter, which shares no code with the build, takes every digest of the sample as sound, and puts the
    same mail together."""
    for issue in sample.site.magazine.issues:
        read = newsletter.read((sample.out / "utskick" / f"{issue.id}.json").read_bytes(), issue.id)
        data = data_of(sample.out, issue.id)
        assert read.content("").html == whole(data)
        assert all(read.wanted(article.category) for article in issue.articles)


def test_unreleased_issue_has_none(everything: Path) -> None:
    """There is a digest of each released issue, and none of an issue to come or of a day before a release."""
    assert sorted(path.name for path in (everything / "utskick").iterdir()) == [
        "2025-12", "2025-12.json", "2026-10", "2026-10.json", "2026-11", "2026-11.json",
    ]  # fmt: skip


def test_later_issues_change_nothing(tmp_path: Path) -> None:
    """An issue's digest is the same bytes when later issues are out, years after, whatever has fallen off by then."""
    write_everything(tmp_path)
    older, newer = (
        snapshot(build(tmp_path, plugins=PLUGINS, today=day, OUTPUT_PATH=str(tmp_path / day)) / "utskick")
        for day in ("2026-11-02", "2029-06-01")
    )
    data = {name: content for name, content in older.items() if name.endswith(".json")}
    assert len(data) == 3
    assert {name: newer[name] for name in data} == data
    assert "2026-12.json" in newer


# -- What lands in it --------------------------------------------------------------------------------------------------


def test_lead_and_sections(everything: Path) -> None:
    """The lead stands in the head, large, and not again; every other article stands in its category, in its order."""
    html = data_of(everything)["html"]
    head = BeautifulSoup(html["head"], "html.parser")
    assert [(h.name, h.get_text()) for h in head.find_all(re.compile("^h[1-6]$"))] == [
        ("h1", "Vem får plats?"),
        ("h2", "Huvudsaken om bryggan"),
    ]
    assert {part["category"]: titles(part["html"]) for part in html["sections"]} == {
        "nyheter": ["Mässa i dagarna tre", "Kom till bryggan", "En kort notis"],
        "kultur": ["Krönikan"],
    }


def test_ingress_picture_and_translation(everything: Path) -> None:
    """Articles come with ingress and picture, as JPEG and with its words; the lead with its translation, in its own
    language."""
    data = data_of(everything)
    head = BeautifulSoup(data["html"]["head"], "html.parser")
    image = head.find("img")
    assert image is not None
    assert (image["alt"], image["width"], image["height"]) == ("En stor brygga", "600", "315")
    assert re.fullmatch(r"https://magasinet.example/2026-11/images/stor-share\.\w{12}\.jpg", str(image["src"]))
    bridge = head.find("a", string="The bridge")
    assert bridge is not None
    assert (bridge["href"], bridge["lang"]) == ("https://magasinet.example/2026-11/the-bridge/", "en")
    for form in ("html", "text"):
        assert "Ingressen om bryggan i hamnen." in data[form]["head"]
        assert "https://magasinet.example/2026-11/the-bridge/" in data[form]["head"]
        assert "Kort sagt." in section(data, "nyheter", form)


def test_small_pictures(sample: Sample) -> None:
    """Other articles have their picture small, a JPEG that is there; notices, columns and those without have none."""
    html = section(data_of(sample.out), "stadsdelar", "html")
    images = [str(image["src"]) for image in BeautifulSoup(html, "html.parser").find_all("img")]
    assert len(images) == 1
    assert (sample.out / images[0].removeprefix(sample.site.settings.url + "/")).read_bytes().startswith(b"\xff\xd8")
    assert "-stamp." in images[0]


def test_category_with_nothing_but_the_lead(tmp_path: Path) -> None:
    """A category whose only article is the lead has a section all the same: who chose it gets the mail."""
    write_magazine(
        tmp_path, {"2026-11/issue": {"lead": "ett"}, "2026-11/ett": {}, "2026-11/tva": {"category": "kultur"}}
    )
    data = data_of(build(tmp_path, plugins=PLUGINS))
    assert [part["category"] for part in data["html"]["sections"]] == ["nyheter", "kultur"]
    assert titles(section(data, "nyheter", "html")) == ["Ett"]
    assert "ingressen i ett" not in section(data, "nyheter")


def test_dates_still_to_come_on_the_day_of_release(tmp_path: Path) -> None:
    """The foot lists what is to come or going on when the issue is released, the next first, with time and place."""
    events = {
        "sen": {"start": "2026-12-08", "place": "Torget"},
        "forbi": {"start": "2026-10-20 12:00"},
        "pagar": {"start": "2026-10-20", "end": "2026-11-02"},
        "tidig": {"start": "2026-11-26 13:00", "end": "2026-11-26 16:00", "register_by": "2026-11-20"},
    }
    articles: dict[str, Mapping[str, Any]] = {
        f"2026-11/{slug}": {"kind": "inbjudan", "event": event} for slug, event in events.items()
    }
    write_magazine(tmp_path, {**articles, "2026-11/issue": {"date": "2026-11-02"}})
    foot = data_of(build(tmp_path, plugins=PLUGINS))
    assert titles(foot["html"]["foot"]) == ["Pagar", "Tidig", "Sen"]
    text = foot["text"]["foot"].replace("\N{NO-BREAK SPACE}", " ")
    assert "Torsdag 26 november 2026, 13.00–16.00\nTidig\nAnmäl dig senast fredag 20 november 2026\n" in text
    assert "Tisdag 8 december 2026\nSen\nTorget\n" in text


def test_editorial(tmp_path: Path) -> None:
    """The editorial's first paragraphs come with their links, whole, and without pictures and notes; then a link to the
    rest. A short one is all there, and where there is none nothing is said of it."""
    linked = "Ett [nummer](/2026-10/) och [en annan](https://example.org/?a=1&b=2).[^1]"
    long = f"{linked} {'Ord. ' * 80}\n\nResten.\n\n[^1]: Not."
    articles: dict[str, Mapping[str, Any]] = {
        "2026-09/issue": {"body": ""},
        "2026-09/a": {},
        "2026-10/issue": {"body": "Allt."},
        "2026-10/a": {},
        "2026-11/issue": {"body": f"![En bild](images/b.png)\n\n[![En bild till](images/b.png)](/2026-10/)\n\n{long}"},
        "2026-11/a": {},
    }
    content = write_magazine(tmp_path, articles)
    draw(content / "issues" / "2026-11" / "images" / "b.png")
    out = build(tmp_path, plugins=PLUGINS)
    none, short, cut = (data_of(out, f"2026-{month}") for month in ("09", "10", "11"))
    assert "Ledare" not in whole(none) + whole(none, "text")
    assert "Allt." in whole(short, "text")
    assert "hela ledaren" not in whole(short)
    head = BeautifulSoup(cut["html"]["head"], "html.parser")
    links = [str(link["href"]) for link in head.find_all("a")]
    assert "https://magasinet.example/2026-10/" in links
    assert "https://example.org/?a=1&b=2" in links
    assert not [link for link in links if "#fn" in link]
    assert not head.find("img")
    assert not [tag for tag in head.find_all(["a", "p"]) if not tag.get_text(strip=True)]
    assert "Resten." not in whole(cut) + whole(cut, "text")
    for form in ("html", "text"):
        assert "Läs hela ledaren" in cut[form]["head"]


def test_english(tmp_path: Path) -> None:
    """An English magazine has an English digest."""
    event = {"start": "2026-11-26 13:00", "place": "The pier"}
    write_magazine(tmp_path, {"2026-11/a": {"kind": "invitation", "event": event}, "2026-11/b": {"kind": "notice"}})
    data = data_of(build(tmp_path, plugins=PLUGINS, DEFAULT_LANG="en"))
    assert data["subject"] == "Magasinet no. 1: Nummer 2026-11"
    assert '<html lang="en" dir="ltr">' in data["html"]["head"]
    for form in ("html", "text"):
        for word in ("Read on the web", "Dates", "Unsubscribe", "Change what you get", "13:00"):
            assert word in whole(data, form)
        assert not re.search("Läs|Nyhet|Avsluta|brevet", whole(data, form).replace("Nyheter", ""))


# -- Never too large ---------------------------------------------------------------------------------------------------


def large(issue: Issue, categories: list[str], count: int) -> Issue:
    """The issue with `count` long articles, the first of them in the first category, and so on in turn."""
    made = tuple(
        replace(
            issue.articles[0],
            slug=f"artikel-{number}",
            category=categories[number % len(categories)],
            title=f"Artikel {number}: {'samverkan & föreningsliv ' * 4}",
            summary=f"Å{number} {'idéburet offentligt partnerskap ' * 12}",
        )
        for number in range(count)
    )
    return replace(issue, articles=made, lead_slug=None)


def test_four_hundred_articles(sample: Sample) -> None:
    """A mail stays under 100 KB, addresses filled in, however many articles there are; each section has as many as any
    other, and says how many more there are and where."""
    site = sample.site
    categories = [slug for slug, _ in site.settings.categories]
    issue = large(site.magazine.issues[0], categories, 400)
    data = document(site, issue)
    mail = whole(data)
    for placeholder in PLACEHOLDERS:
        mail = mail.replace(placeholder, "https://nyhetsbrev.medverkan.sundhamn.example/" + "x" * 400)
    assert 80_000 < len(mail.encode()) < 100_000
    shown = [len(titles(part["html"])) for part in data["html"]["sections"]]
    assert len(set(shown)) == 1
    for form in ("html", "text"):
        told = [
            int(match[1]) for part in data[form]["sections"] if (match := re.search(r"(\d+) artiklar till", part[form]))
        ]
        assert sum(told) + sum(shown) == 400 - 1
        assert site.settings.absolute(f"{issue.url}#m-c-nyheter") in section(data, "nyheter", form)


def test_texts_without_end(sample: Sample) -> None:
    """A title, an ingress or an alt text of any length leaves the mail under 100 KB, cut between words."""
    issue = sample.site.magazine.issues[0]
    endless = tuple(
        replace(article, title="Titel " * 5000, summary="Ingress " * 5000, authors=("Redaktionen " * 500,) * 50)
        for article in issue.articles
    )
    data = document(
        sample.site, replace(issue, title="Nummer " * 900, editorial=f"<p>{'Ledare ' * 9000}</p>", articles=endless)
    )
    assert len(whole(data).encode()) < 100_000
    assert "Ingress…" in whole(data)
    assert "Läs hela ledaren" in whole(data)
    assert len(data["subject"]) < 250


# -- The text ----------------------------------------------------------------------------------------------------------


def test_text_is_whole(sample: Sample) -> None:
    """Every article of the issue is in the text with title, ingress and whole address; nothing of HTML is."""
    for issue in sample.site.magazine.issues:
        data = data_of(sample.out, issue.id)
        text = whole(data, "text")
        words = " ".join(text.split())
        for article in issue.articles:
            assert " ".join(article.title.split()) in words
            assert sample.site.settings.absolute(article.url) in text.splitlines()
        assert " ".join(issue.articles[0].summary.split()) in words
        assert not re.search(r"</?(p|a|b|em|strong|h\d|table|td|tr)\b|&\w+;", text)


def test_lines_of_the_text(sample: Sample) -> None:
    """No line of the text is longer than 72 characters, but for a word or an address that is; every part ends with an
    empty line, so that any choice of parts reads as one letter."""
    for issue in sample.site.magazine.issues:
        parts = data_of(sample.out, issue.id)["text"]
        for part in (parts["head"], *(part["text"] for part in parts["sections"]), parts["foot"]):
            assert part.endswith("\n\n")
            assert not part.startswith("\n")
            assert [line for line in part.splitlines() if len(line) > 72 and " " in line.strip()] == []


# -- Whatever is written -----------------------------------------------------------------------------------------------

TROUBLE = (
    *(
        "{{unsubscribe_url}}",
        "{{",
        "}}",
        "{",
        "&#123;&#123;x}}",
        "{% raw %}",
        "%(name)s",
        "{n}",
        "&amp;",
        "=",
        '"',
        "'",
    ),
    *('<!--"cut"-->', "-->", "<b>", "</table>", "<script>", "]]>", "<![endif]-->", "å", "مرحبا", "👩‍👩‍👧", "\u2028"),
)
LETTERS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), min_size=1, max_size=12)
WORDS = st.lists(st.one_of(st.sampled_from(TROUBLE), LETTERS), min_size=1, max_size=8).map(
    lambda words: " ".join(" ".join(words).split()) or "tom"
)


def _with(issue: Issue, title: str, summary: str) -> Issue:
    def odd(article: Article) -> Article:
        event = article.event and replace(article.event, place=title)
        image = article.image and replace(article.image, alt=summary)
        return replace(article, title=title, summary=summary, authors=(title,), event=event, image=image)

    return replace(issue, title=title, editorial="", articles=tuple(map(odd, issue.articles)))


def test_any_words(sample: Sample) -> None:
    """Whatever a title, an ingress, a place or an alt text says, it is shown as it is, opens no element, ends no part,
    and never becomes a placeholder."""
    site: Site = sample.site
    issue = site.magazine.issues[0]
    plain = document(site, _with(issue, "x", "y"))

    @given(title=WORDS, summary=WORDS)
    @settings(max_examples=60, deadline=None)
    def holds(title: str, summary: str) -> None:
        data = document(site, _with(issue, title, summary))
        for form in ("html", "text"):
            assert len(data[form]["sections"]) == len(plain[form]["sections"])
            assert whole(data, form).count("{{") == len(PLACEHOLDERS)
        assert newsletter.read(json.dumps(data), issue.id).subject == data["subject"]
        assert elements(whole(data)) == elements(whole(plain))
        shown = BeautifulSoup(data["html"]["head"], "lxml").find("h2")
        assert shown is not None
        assert _seen(shown.get_text()) == _seen(title)
        assert _seen(summary) in _seen(data["text"]["head"])

    holds()


def elements(html: str) -> list[str]:
    """The elements of a page, in order."""
    return [tag.name for tag in BeautifulSoup(html, "lxml").find_all(True)]


def _seen(text: str) -> str:
    """What a reader sees of a text, however it is broken into lines."""
    return re.sub(r"[\s\N{WORD JOINER}]", "", text)
