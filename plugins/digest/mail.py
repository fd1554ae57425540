"""The digest in HTML for mail programs: styles on each element, because many look for them nowhere else."""

from __future__ import annotations

from css_inline import CSSInliner

from plugins.digest.contents import Digest
from plugins.digest.parts import Parts, inert
from plugins.magazine import addresses
from plugins.magazine.site import Site

CUT = '<!--"cut"-->'
"""What stands in the template where one part ends and the next begins. Nothing that people write can make it: in a text
`<` is escaped, and in an attribute the quotation marks are."""


def parts(site: Site, digest: Digest) -> Parts:
    """The whole mail is made in one piece, with all sections, and then cut: so all of them fit together.

    The last piece, how to leave, holds the placeholders, and nothing that was written for the issue.
    """
    context = {
        "digest": digest,
        "link": site.settings.absolute,
        "web_url": site.settings.absolute(addresses.digest(digest.issue)),
    }
    whole = _inliner(site).inline(site.render("digest/mail.html", context).decode())
    head, *sections, events, leaving = whole.split(CUT)
    written = [inert(part, "&#8288;").strip() + "\n" for part in (head, *sections, events)]
    return Parts(written[0], tuple(written[1:-1]), written[-1] + leaving.strip() + "\n")


def _inliner(site: Site) -> CSSInliner:
    """The styles that mail and page share, on top of the values that mail programs understand."""
    shared = (site.assets.root / "css" / "digest.css").read_text(encoding="utf-8")
    styles = site.render("digest/mail.css", {}).decode() + shared
    return CSSInliner(extra_css=styles, resolve_css_variables=True, minify_css=True, load_remote_stylesheets=False)
