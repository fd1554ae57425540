"""The digest in HTML as a mail program gets it: valid in every choice of sections, readable whatever is taken away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Page, Route

from tests.building import ROOT
from tests.sample import EYES, Look, Sample, sample_in, wear
from tests.test_digest import PLACEHOLDERS, data_of, whole

WIDTHS = (320, 375, 720, 1280)
STRIPPED = re.compile(r' style="[^"]*"|<style.*?</style>', re.DOTALL)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return sample_in(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def data(sample: Sample) -> dict[str, Any]:
    return data_of(sample.out)


def sent(mail: str) -> str:
    """The mail with its addresses filled in."""
    for placeholder in PLACEHOLDERS:
        mail = mail.replace(placeholder, "https://medverkan.example/x?a=1&amp;b=2")
    return mail


def choices(data: dict[str, Any]) -> Iterator[str]:
    """The mail with all sections, with none, with each alone, and with each left out."""
    html = data["html"]
    sections = [part["html"] for part in html["sections"]]
    for count in {len(sections), 0, 1, len(sections) - 1}:
        for chosen in combinations(sections, count):
            yield sent(html["head"] + "".join(chosen) + html["foot"])


def test_every_choice_is_valid(data: dict[str, Any], nu: Callable[..., list[dict[str, Any]]], tmp_path: Path) -> None:
    """The Nu checker finds nothing in the mail, whichever sections are chosen, but properties made for Outlook."""
    for number, mail in enumerate(choices(data)):
        (tmp_path / f"{number}.html").write_text(mail, encoding="utf-8")
    found = nu(tmp_path)
    assert number > 10
    assert [f"{m['message']} {m.get('extract', '')}" for m in found if not re.search("“?mso-", m["message"])] == []


def test_every_part_is_whole(sample: Sample) -> None:
    """Each section opens and closes its own elements, and those that Outlook alone sees: none leans on another."""
    for issue in sample.site.magazine.issues:
        for part in data_of(sample.out, issue.id)["html"]["sections"]:
            html = part["html"]
            assert [tag.name for tag in BeautifulSoup(html, "html.parser").find_all(recursive=False)] == ["table"]
            assert html.count("<!--[if mso]>") == html.count("<![endif]-->") == 2
            seen_by_outlook = re.sub(r"<!--\[if mso\]>|<!\[endif\]-->", "", html)
            for element in ("table", "tr", "td", "div"):
                assert len(re.findall(f"<{element}[ >]", seen_by_outlook)) == seen_by_outlook.count(f"</{element}>")


def test_no_third_party(sample: Sample) -> None:
    """Every address in any mail is of the magazine's own host, the publisher's mailbox, or a link in the editorial."""
    site = sample.site
    for issue in site.magazine.issues:
        data = data_of(sample.out, issue.id)
        html = BeautifulSoup(sent(whole(data)), "lxml")
        assert {tag.name for tag in html.find_all(src=True)} <= {"img"}
        assert not html.find_all(["link", "script", "iframe", "form", "object", "base"])
        assert "url(" not in whole(data)
        addresses = {
            str(tag.get("href") or tag.get("src")) for tag in html.find_all(True) if tag.get("href") or tag.get("src")
        }
        linked = {str(link["href"]) for link in BeautifulSoup(issue.editorial, "lxml").find_all("a", href=True)}
        others = {a for a in addresses if not a.startswith((f"{site.settings.url}/", "https://medverkan.example/x?"))}
        assert others - linked <= {f"mailto:{site.settings.contact}"}
        in_text = set(re.findall(r"\w+://\S+", whole(data, "text")))
        assert {a for a in in_text if not a.startswith(f"{site.settings.url}/")} == set()


def test_links_are_as_they_were_written(sample: Sample, data: dict[str, Any]) -> None:
    """No address can tell readers apart: none has a query, and each leads to a page or a picture that is there."""
    for tag in BeautifulSoup(whole(data), "lxml").find_all(["a", "img"]):
        address = urlsplit(str(tag.get("href") or tag.get("src")))
        if address.scheme.startswith("http"):
            assert not address.query
            path = address.path.lstrip("/")
            assert (sample.out / path / "index.html" if address.path.endswith("/") else sample.out / path).is_file()


def test_layout_tables_say_so(data: dict[str, Any]) -> None:
    """Every table is for layout only and says so; every picture has room kept for it and an alt; no heading is
    skipped; and the language is named, on each part too, because some programs drop the outer elements."""
    html = BeautifulSoup(whole(data), "lxml")
    assert all(table.get("role") == "presentation" for table in html.find_all("table"))
    assert all(image.get("width") and image.get("height") and image.get("alt") for image in html.find_all("img"))
    levels = [int(heading.name[1]) for heading in html.find_all(re.compile("^h[1-6]$"))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert html.html is not None
    assert html.html["lang"] == "sv"
    for part in data["html"]["sections"]:
        assert re.match(r'<table [^>]*lang="sv"', part["html"])


def test_colours_are_the_magazines() -> None:
    """The mail's colours, light and dark, are the magazine's own, hue by hue."""
    rule = re.compile(r'(\[data-hue="\d+"\] \{ --hue: #\w{6})|(--(?:paper|sunk|ink|soft|rule): #\w{6})')

    def of(css: str) -> list[str]:
        return sorted("".join(found) for found in rule.findall(css))

    site = (ROOT / "theme/static/css/magazine.css").read_text(encoding="utf-8").split("@supports")[0]
    light, _, dark = site.partition("@media (prefers-color-scheme: dark)")
    templates = ROOT / "theme/templates/digest"
    assert of((templates / "mail.css").read_text(encoding="utf-8")) == of(light)
    written = (templates / "dark.css").read_text(encoding="utf-8")
    assert of(written) == [rule for rule in of(dark) if "data-hue" in rule]
    assert set(re.findall(r"#\w{6}", written)) <= set(re.findall(r"#\w{6}", dark))


# -- As it is seen -----------------------------------------------------------------------------------------------------


@pytest.fixture
def mail(page: Page, sample: Sample, data: dict[str, Any]) -> Callable[..., Page]:
    """`mail(html)`: the mail in a browser, with the pictures of the sample."""

    def picture(route: Route) -> None:
        route.fulfill(path=sample.out / urlsplit(route.request.url).path.lstrip("/"))

    page.route("**/*.jpg", picture)
    page.add_init_script(EYES)

    def show(html: str = "") -> Page:
        page.route(
            "https://mail.example/",
            lambda route: route.fulfill(body=html or sent(whole(data)), content_type="text/html"),
        )
        page.goto("https://mail.example/")
        return page

    return show


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_stand_out(mail: Callable[..., Page], page: Page, axe: Callable[..., list[str]], scheme: Look) -> None:
    """In light and dark alike all text has contrast (AA), and axe-core finds no mistake."""
    wear(page, scheme)
    mail()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == ("rgb(250, 246, 239)" if scheme == "light" else "rgb(24, 22, 19)")
    assert axe(page, ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa")) == []
    low = page.evaluate("""() => eyes.texts().map(({element}) => {
        const behind = eyes.background(element), colour = eyes.rgb(getComputedStyle(element).color);
        const ratio = eyes.contrast(eyes.over(colour, behind), behind);
        return ratio < 4.5 ? `${eyes.told(element)}: ${ratio.toFixed(2)}` : '';
    }).filter(Boolean)""")
    assert low == []


def test_every_width(mail: Callable[..., Page], page: Page) -> None:
    """From a phone to a desk nothing is cut off or overlaps, and the text is never wider than 600 pixels."""
    mail()
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate("[...eyes.cut(), ...eyes.overlapping()]") == []
        widest = page.evaluate("Math.max(...[...document.querySelectorAll('.d-sheet')].map(e => e.offsetWidth))")
        assert widest == min(width - 32, 600)


def test_without_styles_and_pictures(mail: Callable[..., Page], page: Page, data: dict[str, Any]) -> None:
    """A program that drops all styles and pictures still shows every word in its order, and what is in pictures."""
    words = BeautifulSoup(whole(data), "lxml").body
    assert words is not None
    page.route("**/*.jpg", lambda route: route.abort())
    mail(STRIPPED.sub("", sent(whole(data))))
    shown = page.evaluate("document.body.innerText")
    assert "".join(shown.split()) == "".join(words.get_text().split())
    snapshot = page.locator("body").aria_snapshot()
    assert 'img "Klippt papper' in snapshot
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_preheader_is_for_the_list_of_mails(mail: Callable[..., Page], page: Page, data: dict[str, Any]) -> None:
    """What mail programs show beside the subject comes first in the mail, and is not seen in it."""
    mail()
    first = page.locator("body > *").first
    assert first.text_content() == data["preheader"]
    assert not first.is_visible()
