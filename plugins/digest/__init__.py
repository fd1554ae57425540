"""The digest of each released issue: what its subscribers get by mail (`/utskick/2026-11.json`, a contract with the
newsletter that sends it), and the same as a page to read (`/utskick/2026-11/`).

Both are functions of the issue alone, never of what is live or of the present day: when later issues come, not a byte
of an earlier one's digest changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial

from plugins.digest.contents import contents
from plugins.digest.document import document
from plugins.magazine import addresses, signals
from plugins.magazine.frame import frame
from plugins.magazine.model import Issue
from plugins.magazine.outputs import Output, page_path
from plugins.magazine.site import Site


def outputs(site: Site) -> Iterator[Output]:
    for issue in site.magazine.issues:
        yield Output(page_path(addresses.digest(issue)), partial(_page, site, issue))
        yield Output(page_path(addresses.digest_data(issue)), partial(_data, site, issue))


def _data(site: Site, issue: Issue) -> bytes:
    return (json.dumps(document(site, issue), ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _page(site: Site, issue: Issue) -> bytes:
    title = site.words.gettext("Digest: {title} – {month}").format(
        title=issue.title, month=site.words.month(issue.first_day)
    )
    digest = contents(site, issue, site.settings.base)
    context = frame(
        site, addresses.digest(issue), title, digest.preheader, image=digest.lead.image or issue.cover, here=issue
    )
    return site.render("digest/page.html", context | {"digest": digest, "link": site.env.globals["href"]})


def register() -> None:
    signals.publish.connect(outputs)
