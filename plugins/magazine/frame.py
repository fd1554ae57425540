"""What the frame of every page (theme/templates/base.html) shows: title, address, share picture, feeds, issue."""

from __future__ import annotations

from typing import Any

from plugins.magazine.addresses import Feeds, feeds
from plugins.magazine.files import share_url
from plugins.magazine.model import Image, Issue
from plugins.magazine.site import Site

SHARE_PICTURE = "img/share.png"

Context = dict[str, Any]


def frame(
    site: Site,
    url: str,
    title: str,
    about: str,
    *,
    image: Image | None = None,
    here: Issue | None = None,
    kind: str = "website",
) -> Context:
    """The context of a page at `url`; what its own template needs is added to it."""
    return {
        "page_url": url,
        "title": title,
        "description": about,
        "share": share_picture(site, image),
        "share_alt": image.alt if image else "",
        "share_width": 1200,
        "share_height": 630,
        "json_ld": "",
        "alternates": [],
        "feeds": autodiscovery(site.settings.name, feeds()),
        "here": here or site.magazine.current,
        "og_type": kind,
    }


def share_picture(site: Site, image: Image | None) -> str:
    """The whole address of the picture that goes with a shared link: the page's own, else the magazine's."""
    return site.settings.absolute(share_url(image) if image else site.assets.url(SHARE_PICTURE))


def autodiscovery(name: str, links: Feeds) -> list[tuple[str, str, str]]:
    return [
        (f"{name} (RSS)", "application/rss+xml", links.rss),
        (f"{name} (Atom)", "application/atom+xml", links.atom),
        (f"{name} (JSON Feed)", "application/feed+json", links.json),
    ]
