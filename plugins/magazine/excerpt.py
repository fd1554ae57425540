"""Finished texts in other places than their own: the first of one, and the whole with addresses that work anywhere."""

from __future__ import annotations

import re
from urllib.parse import quote, urljoin, urlsplit

from bs4 import BeautifulSoup
from markupsafe import Markup

_SOURCE = re.compile(r"(.+?) (\d+w)(?:, |$)")


def first_paragraphs(html: str, page: str = "", most: int = 60) -> tuple[Markup, bool]:
    """The first paragraphs of a text, as many as are needed for `most` words, and whether there is more to read.

    Notes stay behind. `page` is the address of the page that has the whole text: links to places in it lead there.
    """
    soup = BeautifulSoup(html, "html.parser")
    length = len(soup.get_text(strip=True))
    for element in soup.select("sup:has(> .footnote-ref), .footnote, figure"):
        element.decompose()
    taken: list[str] = []
    words = 0
    for paragraph in soup.find_all("p"):
        if words >= most:
            break
        for element in [paragraph, *paragraph.find_all(True)]:
            del element["id"]
            if str(element.get("href", "")).startswith("#"):
                element["href"] = page + str(element["href"])
        taken.append(str(paragraph))
        text = paragraph.get_text(strip=True)
        words += len(paragraph.get_text().split())
        length -= len(text)
    return Markup("\n".join(taken)), length > 0


def absolute(html: str, page: str) -> str:
    """Make the address of every link and picture whole. `page` is the address of the page that the text stands on."""
    soup = BeautifulSoup(html, "html.parser")
    make_whole(soup, page)
    return str(soup)


def make_whole(soup: BeautifulSoup, page: str) -> None:
    """The same, in a text that has been taken apart."""
    for element in soup.find_all(True):
        for name in ("href", "src"):
            if name in element.attrs:
                element[name] = _whole(str(element[name]), page)
        if "srcset" in element.attrs:
            sources = _SOURCE.findall(str(element["srcset"]))
            element["srcset"] = ", ".join(f"{_whole(url, page)} {width}" for url, width in sources)
        del element["cite"]  # can be anything, and no program shows it


def _whole(reference: str, page: str) -> str:
    return reference if urlsplit(reference).scheme else urljoin(page, _encoded(reference))


def _encoded(path: str) -> str:
    """Files may have spaces and any letters in their names; in an address these are percent-encoded."""
    return quote(path, safe="!#$%&'()*+,/:;=?@[]~")
