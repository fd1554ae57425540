"""A file of the published site, taken from the address that the settings name and from nowhere else."""

from __future__ import annotations

import httpx

SECONDS = 20.0


class Unreadable(Exception):
    """The site does not give what was asked for. The text says why, in a sentence."""


class Missing(Unreadable):
    """The site has no such file."""


def get(url: str, largest: int) -> bytes:
    """What stands at an address, if it has at most `largest` bytes. Raises `Unreadable`.

    A redirect is not followed: mail is made of what comes, so it comes from where the settings say, or not at all.
    """
    data = bytearray()
    try:
        with httpx.stream("GET", url, timeout=SECONDS, follow_redirects=False) as response:
            if response.status_code in (404, 410):
                raise Missing(f"{url} does not exist (yet).")
            if response.is_redirect:
                where = response.headers.get("location", "")[:200]
                raise Unreadable(f"{url} leads to {where}: set NEWSLETTER_SITE_URL to where the magazine is.")
            if response.status_code != 200:
                raise Unreadable(f"{url} answers {response.status_code}.")
            for piece in response.iter_bytes():
                data += piece
                if len(data) > largest:
                    raise Unreadable(f"{url} is larger than {largest // 1_000_000} MB.")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unreadable(f"{url} cannot be fetched ({type(error).__name__}).") from None
    return bytes(data)
