"""The pages as files: valid, whole, and with the structure that assistive technology reads. No browser needed."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag

from tests.sample import Sample, sample_in

Check = Callable[..., list[dict[str, Any]]]

# What browsers have long known and the checker's CSS part does not yet: a word of its message, or of the line it means.
NEWER_CSS = re.compile(r"container-type|\dcq[iwbh]\b|“mask”|@view-transition")


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return sample_in(tmp_path_factory.getbasetemp())


def test_valid_html(sample: Sample, nu: Check) -> None:
    """The Nu checker has neither errors nor warnings for any page of the magazine."""
    assert [_told(message) for message in nu(sample.out)] == []


def test_valid_css(sample: Sample, nu: Check) -> None:
    """The Nu checker has no errors for the stylesheets, except about what is newer than the checker."""
    sheets = sorted((sample.out / "theme").rglob("*.css"))
    found = [m for m in nu(*sheets, options=("--also-check-css",)) if m["type"] == "error"]
    assert [_told(m) for m in found if not NEWER_CSS.search(m["message"] + m.get("extract", ""))] == []


@pytest.fixture(scope="module")
def documents(sample: Sample) -> dict[str, BeautifulSoup]:
    """Every page of the magazine, parsed, by address."""
    return {sample.address(file): BeautifulSoup(file.read_bytes(), "lxml") for file in sample.files}


def test_headings(documents: dict[str, BeautifulSoup]) -> None:
    """Every page has one h1, which is the first heading, and no heading skips a level; none is empty."""
    faults = []
    for address, document in documents.items():
        headings = [
            h for h in document.find_all(re.compile("^h[1-6]$")) if not h.find_parent(attrs={"aria-hidden": "true"})
        ]
        levels = [int(heading.name[1]) for heading in headings]
        if levels[:1] != [1] or levels.count(1) != 1:
            faults.append(f"{address}: h1 × {levels.count(1)}, first is h{levels[:1]}")
        faults += [
            f"{address}: h{before} → h{after} at {heading.get_text()!r}"
            for before, after, heading in zip(levels, levels[1:], headings[1:], strict=False)
            if after > before + 1
        ]
        faults += [f"{address}: empty {heading}" for heading in headings if not heading.get_text(strip=True)]
    assert faults == []


def test_landmarks(documents: dict[str, BeautifulSoup]) -> None:
    """Every page has one banner, one main and one contentinfo; navigations and sections have names of their own."""
    faults = []
    for address, document in documents.items():
        body = document.body
        assert body
        count = Counter(tag.name for tag in body.find_all(["header", "main", "footer"], recursive=False))
        if count != Counter(["header", "main", "footer"]) or len(document.find_all("main")) != 1:
            faults.append(f"{address}: {dict(count)}")
        names = [_name(document, tag) for tag in document.find_all("nav")]
        if "" in names or len(set(names)) != len(names):
            faults.append(f"{address}: navigations are called {names}")
        faults += [
            f"{address}: {tag.name} has a name that is empty or missing"
            for tag in document.select("[aria-labelledby]")
            if not _name(document, tag)
        ]
        skip = body.find("a", href="#" + str(_main(document).get("id")), recursive=False)
        landmarks = (skip, *body.find_all(["header", "main", "footer"], recursive=False))
        others = [child for child in body.find_all(recursive=False) if child not in landmarks]
        outside = [text for child in others if (text := child.get_text(strip=True))]
        faults += [f"{address}: outside of all landmarks: {text!r}" for text in outside]
    assert faults == []


def test_languages(sample: Sample, documents: dict[str, BeautifulSoup]) -> None:
    """Every page says its language; what is in another, an article or the mere mention of one, says so."""
    lang = sample.site.settings.lang
    faults = [address for address, document in documents.items() if _html(document).get("lang") != lang]
    for article in sample.site.magazine.translations:
        heading = documents[article.url].h1
        text = next(tag for tag in documents[article.url].find_all("p") if tag.get_text() in article.body)
        faults += [f"{article.url}: {tag}" for tag in (heading, text) if tag is None or _lang(tag) != article.lang]
        for address, document in documents.items():
            mentions = document.find_all(string=lambda text: text and text.strip() == article.title)  # noqa: B023
            faults += [
                f"{address}: {mention.parent}"
                for mention in mentions
                if mention.parent
                and mention.parent.name not in ("title", "script")
                and _lang(mention.parent) != article.lang
            ]
    assert faults == []


def test_pictures_have_text_alternatives(documents: dict[str, BeautifulSoup]) -> None:
    """Every picture has an alt, and room kept for it; one that is all there is in a link has words in it."""
    faults = []
    for address, document in documents.items():
        for image in document.find_all("img"):
            if image.get("alt") is None or not (image.get("width") and image.get("height")):
                faults.append(f"{address}: {image}")
            link = image.find_parent("a")
            if link and not link.get_text(strip=True) and not image.get("alt"):
                faults.append(f"{address}: a link without a name: {link}")
    assert faults == []


def test_titles(sample: Sample, documents: dict[str, BeautifulSoup]) -> None:
    """No two pages have one title; each ends with the magazine's name; descriptions are there and never empty."""
    by_title = defaultdict(list)
    for address, document in documents.items():
        assert document.title
        by_title[document.title.get_text()].append(address)
    name = sample.site.settings.name
    assert {title: where for title, where in by_title.items() if len(where) > 1 or not title.endswith(name)} == {}
    described = {address: document.select_one("meta[name=description]") for address, document in documents.items()}
    assert [address for address, tag in described.items() if tag is None or not tag.get("content")] == []


def test_links_lead_somewhere(sample: Sample, documents: dict[str, BeautifulSoup]) -> None:
    """Whatever a page links to or shows of the site's own is there, with its anchor."""
    anchors = {address: {str(t["id"]) for t in doc.select("[id]")} for address, doc in documents.items()}
    base = sample.site.settings.url
    faults = []
    for address, document in documents.items():
        for written in set(_references(document)):
            parts = urlsplit(written.removeprefix(base) or "/")
            if parts.scheme in ("mailto", "tel") or (parts.scheme == "https" and parts.netloc):
                continue
            path = unquote(parts.path) or address
            file = sample.out / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
            if parts.scheme or parts.netloc or not path.startswith("/") or not file.is_file():
                faults.append(f"{address}: {written}")
            elif parts.fragment and unquote(parts.fragment) not in anchors[path]:
                faults.append(f"{address}: no such anchor: {written}")
    assert sorted(faults) == []


def test_nothing_inline(documents: dict[str, BeautifulSoup]) -> None:
    """No page has a script or style of its own, not even in an attribute: the strict policy would stop it."""
    faults = []
    for address, document in documents.items():
        scripts = [tag for tag in document.find_all("script") if tag.get("type") != "application/ld+json"]
        faults += [f"{address}: {tag}" for tag in scripts if not tag.get("src") or tag.get_text(strip=True)]
        faults += [f"{address}: {tag}" for tag in document.find_all("style")]
        for tag in document.find_all(True):
            faults += [f"{address}: {tag.name} {key}" for key in tag.attrs if key == "style" or key.startswith("on")]
    assert faults == []


def test_files_name_no_other_host(sample: Sample, documents: dict[str, BeautifulSoup]) -> None:
    """Nothing that a browser fetches by itself is asked of another host, nor is any asked to prepare for one."""
    own = sample.site.settings.url
    fetched = "img[src], source[src], script[src], iframe[src], video[src], audio[src], embed[src], object[data]"
    faults = []
    for address, document in documents.items():
        asked = [str(tag.get("src") or tag.get("data")) for tag in document.select(fetched)]
        asked += [str(tag["href"]) for tag in document.select("link[href]:not([rel~=canonical], [rel~=alternate])")]
        asked += [part.split()[0] for tag in document.select("[srcset]") for part in str(tag["srcset"]).split(",")]
        faults += [f"{address}: {url}" for url in asked if urlsplit(url.removeprefix(own)).netloc]
    for sheet in sample.out.rglob("*.css"):
        urls = re.findall(r"url\(\s*[\"']?([^\"')]+)|@import\s+[\"']([^\"']+)", sheet.read_text(encoding="utf-8"))
        faults += [f"{sheet.name}: {url}" for pair in urls for url in pair if urlsplit(url).netloc]
    assert faults == []


def test_links_say_where_they_lead(documents: dict[str, BeautifulSoup]) -> None:
    """On one page, links with the same name (and the same term, in a list of topics) lead to one place."""
    faults = []
    for address, document in documents.items():
        leads: dict[tuple[str, str], set[str]] = defaultdict(set)
        for link in document.select("a[href]:not(.footnote-ref)"):
            term = link.find_previous("dt") if link.find_parent("dd") else None
            name = str(link.get("aria-label") or link.get_text(" ", strip=True) or _alt(link))
            name = " ".join([name, str(link.get("title", ""))]).strip()
            leads[term.get_text() if term else "", name.casefold()].add(str(link["href"]))
        faults += [
            f"{address}: {name!r} → {sorted(where)}" for name, where in leads.items() if len(where) > 1 or not name[1]
        ]
    assert faults == []


def _references(document: BeautifulSoup) -> Iterator[str]:
    for tag in document.select("[href]"):
        yield str(tag["href"])
    for tag in document.select("[src]"):
        yield str(tag["src"])
    for tag in document.select("[srcset]"):
        yield from (part.split()[0] for part in str(tag["srcset"]).split(","))
    for tag in document.select("meta[property='og:image'], meta[property='og:url']"):
        yield str(tag["content"])


def _alt(link: Tag) -> str:
    return " ".join(str(image.get("alt", "")) for image in link.find_all("img")).strip()


def _name(document: BeautifulSoup, tag: Tag) -> str:
    """The name that ARIA gives an element."""
    if labelled := tag.get("aria-labelledby"):
        named = (document.find(id=part) for part in str(labelled).split())
        return " ".join(part.get_text(" ", strip=True) if part else "" for part in named).strip()
    return str(tag.get("aria-label", ""))


def _html(document: BeautifulSoup) -> Tag:
    assert document.html
    return document.html


def _main(document: BeautifulSoup) -> Tag:
    assert document.main
    return document.main


def _lang(tag: Tag) -> str:
    """The language that a screen reader speaks an element in."""
    return next((str(t["lang"]) for t in (tag, *tag.parents) if t.get("lang")), "")


def _told(message: dict[str, Any]) -> str:
    place = Path(message.get("url", "")).as_posix()[-80:]
    return f"{place}:{message.get('lastLine', '?')}: {message['message']} {message.get('extract', '')[:120]!r}"
