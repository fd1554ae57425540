"""Every mistake that reading and checking can find, and the right forms that they must leave alone."""

from __future__ import annotations

import datetime as dt
import io
import os
import string
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from PIL import Image as Pillow

from plugins.magazine import content, parallel
from plugins.magazine.entries import Content
from plugins.magazine.messages import ERRORS, WARNINGS
from plugins.magazine.model import Article
from plugins.magazine.problems import Problem, as_github, as_text
from plugins.magazine.words import CATALOGUES, NBSP, Words
from tests.reading import (
    ARTICLE_PATH,
    BODY_LINE,
    ISSUE,
    ISSUE_PATH,
    Files,
    article,
    examine,
    issue,
    picture,
    placed,
    read,
    settings,
    write,
)

ANOTHER = "issues/2026-11/annan.md"
BASE = {ISSUE_PATH: ISSUE, ANOTHER: article("En annan text.\n\n## En rubrik\n\nMer text.")}
"""What is beside the file of a case, unless the case says otherwise."""
PLUGINS = Path(content.__file__).parent.parent


# -- Every mistake -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Case:
    """Files of which one has a mistake: its code, where it is reported, and what the text of the report must name."""

    code: str
    line: int
    files: Files
    path: str = ARTICLE_PATH
    says: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    """Codes of what else is said, because it is the same mistake seen from elsewhere."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    def __str__(self) -> str:
        return f"{self.code} {self.note}".strip()


def file(code: str, line: int, text: str | bytes, *says: str, path: str = ARTICLE_PATH, note: str = "",
         also: tuple[str, ...] = (), **settings: Any) -> Case:  # fmt: skip
    """A case of one whole file."""
    return Case(code, line, BASE | {path: text}, path, says, also, settings, note)


def head(code: str, lines: str, *says: str, line: int = 5, note: str = "", also: tuple[str, ...] = ()) -> Case:
    """A case of further lines in an article's header; the first of them is line 5."""
    return file(code, line, article(header=lines), *says, note=note or lines.split("\n")[0], also=also)


def body(code: str, text: str, *says: str, line: int = BODY_LINE, note: str = "", also: tuple[str, ...] = (),
         files: Files | None = None, **settings: Any) -> Case:  # fmt: skip
    """A case of an article's text, which begins on line 7."""
    made = BASE | {ARTICLE_PATH: article(text)} | dict(files or {})
    return Case(code, line, made, ARTICLE_PATH, says, also, settings, note or text.strip().split("\n")[0][:40])


def magazine(code: str, path: str, line: int, files: Files, *says: str, note: str = "", also: tuple[str, ...] = (),
             **settings: Any) -> Case:  # fmt: skip
    """A case of several files."""
    return Case(code, line, files, path, says, also, settings, note)


def edition(id_: str, *slugs: str, date: str = "", header: str = "") -> dict[str, str | bytes]:
    """An issue with some articles."""
    folder = f"issues/{id_}"
    return {f"{folder}/issue.md": issue(date or f"{id_}-02", header), **{f"{folder}/{s}.md": article() for s in slugs}}


THE_FILE = [
    file("not-utf8", 2, "---\ntitle: Rubrik på latin\n".encode("latin-1")),
    file("not-utf8", 1, article().encode("utf-16"), note="UTF-16"),
    file("empty-file", 1, ""),
    file("empty-file", 1, " \n\n\t\n", note="only blanks"),
    file("too-large", 1, article("x" * 1_000_001)),
    file("control-character", 8, article("Rad ett\nRad\x07 två"), "U+0007"),
    file("control-character", 3, '---\ntitle: T\nsummary: "S\\x1b"\ncategory: nyheter\n---\n', "U+001B", note="escape"),
    file("control-character", 5, article(header='tags: [dialog, "a\\0b"]'), "U+0000", note="by escape in a list"),
    body("control-character", "Ett &#7; tecken", "U+0007", note="by reference"),
    body("control-character", "Rad\n\nEtt &#x1F; tecken", "U+001F", line=9, note="by hexadecimal reference"),
    file("too-tangled", BODY_LINE, article("- " * 2000 + "x"), note="lists"),
    file("too-tangled", 5, article(header="tags: [[[[[[[[x]]]]]]]]"), note="header", also=("not-list",)),
    file("bad-file-name", 1, article(), "arsmote-2026.md", path="issues/2026-11/Årsmöte 2026.md"),
    file("bad-file-name", 1, article(), "a-b.md", path="issues/2026-11/a\nb.md", note="line break"),
    file("bad-file-name", 1, article(), "om-oss.md", path="pages/Om oss.md", also=("unknown-key", "misspelt-key"),
         note="page"),
    file("other-format", 1, "Titel\n=====", "gammal.rst", "gammal.md", path="issues/2026-11/gammal.rst"),
    file("other-format", 1, article(), "Ny.MD", "ny.md", path="issues/2026-11/Ny.MD", note="capitals"),
    file("other-format", 1, article(), "ny.markdown", "ny.md", path="ny.markdown", note="beside the issues"),
    file("outside-issues", 1, article(), "issues/2026-11/", path="lost.md"),
    file("outside-issues", 1, article(), "issues/2026-11/", path="issues/lost.md", note="in issues"),
    file("outside-issues", 1, article(), "issues/2026-11/", path="kultur/djupt/lost.md", note="in a folder"),
    file("outside-issues", 1, "Title: T\nDate: 2025-03-04 10:00\nCategory: nyheter\nSummary: S\n\nText.",
         "issues/2025-03/", path="lost.md", also=("article-date",), note="with its own date"),
    file("outside-issues", 1, article(), "issues/2024-12/", path="2024-12-24-jul.md", note="with a date in its name"),
    magazine("bad-folder", "issues/november", 1, BASE | {"issues/november/a.md": article()}, "november", "2026-11"),
    magazine("bad-folder", "issues/2026-13", 1, BASE | {"issues/2026-13/a.md": article()}, note="a 13th month"),
    magazine("no-issue-file", "issues/2026-10", 1, BASE | {"issues/2026-10/a.md": article()}),
]  # fmt: skip

HEADER_FORM = [
    file("no-header", 1, "Bara text.\n\nMer text.\n"),
    file("no-header", 3, "\n\n# En rubrik\n", note="after blank lines"),
    file("open-header", 1, "---\ntitle: T\ncategory: nyheter\n\nText.\n"),
    file("bad-yaml", 2, "---\ntitle: Mötet: en vändning\n---\n", "kolon"),
    file("bad-yaml", 2, '---\ntitle: "Mall\ncategory: nyheter\nsummary: "Ingress"\n---\n', "citattecken", note="open"),
    file("bad-yaml", 2, "---\ntitle:Mall\ncategory: nyheter\n---\n", "mellanslag", note="no space"),
    file("bad-yaml", 3, "---\ntitle: Mall\ncategory:nyheter\nsummary: a\n---\n", "mellanslag", note="no space later"),
    file("bad-yaml", 3, "---\ntitle: Mall\nsummary:\u00a0a\nkind: nyhet\n---\n", "mellanslag", note="a hard space"),
    file("bad-yaml", 6, article(header="image:\n\tsrc: a.png"), "tabb", note="tab"),
    file("bad-yaml", 5, article(header='authors: "a'), "citattecken", note="open quotes"),
    file("bad-yaml", 5, article(header="tags: &a [x]"), "&", note="anchor"),
    file("bad-yaml", 6, article(header="tags: [x]\nplaces: *a"), "*", note="alias"),
    file("bad-yaml", 5, article(header="order: !!python/object:os.system x"), "!", note="tag"),
    file("bad-yaml", 2, "---\n- a\n- b\n---\n", note="a list"),
    file("bad-yaml", 2, "---\nbara text\n---\n", note="a sentence"),
    file("bad-yaml", 5, article(header="? [a, b]\n: c"), note="a list as key"),
    file("repeated-key", 5, article(header="title: En till"), "title"),
    file("repeated-key", 2, "Title: T\nTITLE: U\nCategory: nyheter\nSummary: S\n\nText.", "title", note="plain"),
    head("unknown-key", "xyzzy: 1", "xyzzy", "category"),
    head("misspelt-key", "sammary: x", "sammary", "summary"),
    head("misspelt-key", "Tags: [x]", "tags", note="capital letter"),
    head("misspelt-key", "image:\n  src: b.png\n  alt: ''\n  caption: x\n  credt: y", "credit", line=9, note="in image",
         also=("missing-picture",)),
    head("article-date", "date: 2026-11-07", "2026-11-07"),
    head("article-date", "date: i morgon", "2026-11-02", note="no date"),
]  # fmt: skip

HEADER_VALUES = [
    file("missing-key", 2, "---\ncategory: nyheter\nsummary: S\n---\n", "title"),
    file("missing-key", 2, "---\ncategory: nyheter\ntitle: T\n---\n", "summary", note="summary"),
    file("missing-key", 2, "---\nsummary: S\ntitle: T\n---\n", "category", note="category"),
    file("missing-key", 2, "---\ntitle: Numret\n---\n", "date", path="issues/2026-12/issue.md", note="date"),
    file("empty-key", 2, "---\ntitle:\ncategory: nyheter\nsummary: S\n---\n", "title"),
    file("empty-key", 2, "---\ntitle: ~\ncategory: nyheter\nsummary: S\n---\n", "title", note="null"),
    file("empty-key", 1, "Title:\nCategory: nyheter\nSummary: S\n\nText.", "title", note="plain"),
    file("not-text", 2, "---\ntitle: [a, b]\ncategory: nyheter\nsummary: S\n---\n", "title"),
    file("not-text", 4, "---\ntitle: T\ncategory:\n  nyheter: ja\nsummary: S\n---\n", "category", note="group"),
    head("not-list", "tags:\n  a: b", "tags", line=6),
    head("not-file-list", "files: a.pdf", "files"),
    head("not-list", "authors: [[a], b]", "authors", note="list in list"),
    head("not-group", "image: a.png", "image", "src, alt"),
    head("not-group", "event: 2026-11-20", "event", "start"),
    head("not-number", "order: tre", "order", "tre"),
    head("not-number", "order: 1.5", "1.5"),
    head("not-number", "order: 99999999", "99999999"),
    head("not-yes-no", "pinned: kanske", "pinned", "kanske"),
    head("bad-date", "modified: 7 november", "7 november"),
    head("bad-date", "modified: 2026-11-7", "2026-11-7"),
    head("bad-time", "event:\n  start: på torsdag", "på torsdag", line=6),
    head("bad-time", "event:\n  start: 2026-11-20 kvart i tre", line=6, note="words"),
    head("impossible-date", "modified: 2026-02-30", "2026-02-30"),
    head("impossible-date", "event:\n  start: 2026-11-20 25:10", "2026-11-20 25:10", line=6, note="25 o'clock"),
    head("impossible-date", "modified: 0000-01-01", "0000-01-01"),
    head("event-ends-early", "event:\n  start: 2026-11-20 13:00\n  end: 2026-11-20 12:00", "12:00", "13:00", line=7),
    head("event-ends-early", "event:\n  start: 2026-11-20 13:00\n  end: 2026-11-19", line=7, note="a day without time"),
    head("registers-late", "event:\n  start: 2026-11-20 13:00\n  register_by: 2026-11-21", "2026-11-21", line=7),
    file("unknown-category", 3, "---\ntitle: T\ncategory: xyzzy\nsummary: S\n---\n", "xyzzy", "Nyheter", "På gång"),
    file("misspelt-category", 3, "---\ntitle: T\ncategory: nyhetre\nsummary: S\n---\n", "nyhetre", "nyheter"),
    file("misspelt-category", 3, "---\ntitle: T\ncategory: Pågång\nsummary: S\n---\n", "På gång", note="by name"),
    head("unknown-kind", "kind: xyzzy", "xyzzy", "reportage"),
    head("misspelt-kind", "kind: kronika", "kronika", "krönika"),
    head("unknown-status", "status: xyzzy", "xyzzy", "draft"),
    head("misspelt-status", "status: drfat", "drfat", "draft"),
    head("bad-slug", "slug: Mitt möte", "Mitt möte", "mitt-mote"),
    head("bad-language", "lang: svenska", "svenska"),
    head("bad-language", "lang: sv_SE", "sv_SE"),
    head("bad-language", "lang: eng", "eng"),
    head("bad-address", "moved_from: [https://gamla.example/x/]", "https://gamla.example/x/"),
    head("bad-address", "moved_from: [/a/../b/]", "/a/../b/"),
]  # fmt: skip

PICTURES_AND_FILES = [
    body("missing-picture", "bild.png och\n\n![Ett torg](bild.png)", "bild.png", "issues/2026-11/images/", line=9),
    head("missing-picture", "image:\n  src: images/20 år.png\n  alt: Ett torg", "images/20 år.png", line=6),
    body("missing-picture", f"![Ett torg]({'a' * 300}.png)", note="a name too long for the system"),
    head("missing-file", "files:\n  - src: files/a.pdf\n    title: Rapporten", "files/a.pdf", "issues/2026-11/files/",
         line=6),
    body("missing-file", "[Rapporten](files/a.pdf)", "files/a.pdf"),
    body("missing-file", f"[Rapporten]({'a' * 300}.pdf)", note="a name too long for the system"),
    body("outside-folder", "![Ett torg](../../../hemlig.png)", "../../../hemlig.png"),
    body("outside-folder", "[Rapporten](../../../../etc/a.pdf)", "../../../../etc/a.pdf"),
    head("outside-folder", 'image:\n  src: "../../../../a.png"\n  alt: Ett torg', line=6, note="in the header"),
    body("bad-picture", "![Ett torg](a.png)", "a.png", files={"issues/2026-11/a.png": "ingen bild"}),
    body("bad-picture", "![Ett torg](a.svg)", files={"issues/2026-11/a.svg": "<svg/>"}),
    body("bad-picture", "![Ett torg](a.png)", note="bmp", files={"issues/2026-11/a.png": picture("BMP")}),
    body("bad-picture", "![Ett torg](a.png)", note="cut off", files={"issues/2026-11/a.png": picture()[:20]}),
    body("bad-picture", "![Ett torg](a.png)", note="half",
         files={"issues/2026-11/a.png": picture(size=(9, 9))[:-40]}),
    body("bad-file-type", "[Spelet](files/a.exe)", ".exe", ".pdf", files={"issues/2026-11/files/a.exe": "x"}),
    body("bad-file-type", "[Sidan](files/a.html)", ".html", files={"issues/2026-11/files/a.html": "x"}),
    body("no-alt", "Text\n\n![](images/a.png)", "images/a.png", "{.dekorativ}", line=9,
         files={"issues/2026-11/images/a.png": picture()}),
    body("no-alt", "![ ](images/a.png)", note="a blank", files={"issues/2026-11/images/a.png": picture()}),
    head("no-alt", "image:\n  src: images/a.png", 'alt: ""', line=6, also=("missing-picture",)),
    head("no-alt", "image:\n  src: images/a.png\n  alt:", 'alt: ""', note="alt without text", line=6,
         also=("missing-picture",)),
    body("foreign-picture", "![Ett torg](https://bilder.example/a.png)", "https://bilder.example/a.png"),
    body("foreign-picture", "![Ett torg](//bilder.example/a.png)", note="without scheme"),
    body("foreign-picture", "![Ett torg](data:image/png;base64,AA)", note="data"),
    body("foreign-picture", "![Ett torg](http://[)", note="a broken address"),
]  # fmt: skip

THE_TEXT = [
    body("skipped-heading", "## Två\n\n#### Fyra", "Fyra", "###", line=9),
    body("skipped-heading", "### Tre", "Tre", "##"),
    body("skipped-heading", "## Om ett\n\n### Om två\n\n##### Om tre", "Om tre", "####", line=11, note="same word"),
    body("skipped-heading", 'Om två\n------\n\n#### "Om" *två* &amp; tre', '"Om" två & tre', line=10, note="quotes"),
    body("skipped-heading", "```\n# Om\n```\n\n### Om", line=11, note="after code"),
    body("top-heading", "Text\n\n# Ett", "Ett", line=9),
    body("top-heading", "Text\n\nEtt\n===", "Ett", line=9, note="underlined"),
    body("empty-heading", "Text\n\n##\n\nText", line=9),
    body("script", "Text\n\n<script>alert(1)</script>", "<script>", line=9),
    body("script", "<iframe src='https://film.example'></iframe>", "<iframe>", also=("bad-html",)),
    body("script", "Text <b onclick='x()'>fet</b>", "<b onclick>"),
    body("script", "<p/onclick=x()>fet</p>", "onclick", also=("unbalanced-html",)),
    body("script", "Texten\n{: onclick='x()' }", "onclick", line=8, note="attr_list on a paragraph"),
    body("script", "Texten\n{: role=region onclick='x()' }", "onclick", line=8, note="behind a role",
         also=("bad-html",)),
    body("script", "[Årsmötet](annan.md){: onmouseover='x()' }", "onmouseover", note="attr_list on a link"),
    body("script", "``` { .py onclick='x()' }\nx\n```", "onclick", note="attr_list on code"),
    body("script", "![Ett torg](images/a.png){: onerror='x()' }", "onerror", note="attr_list on a picture",
         files={"issues/2026-11/images/a.png": picture()}),
    body("script", "| a |\n|---|\n| b {: onclick='x()' } |", "onclick", note="attr_list in a table", line=9),
    body("mark-without-note", "Text.[^3]\n\n[^3] Glömde kolon.", "[^3]", also=("mark-without-note",)),
    body("unmarked-note", "Text.\n\n[^1]: En not.", "[^1]", line=9),
    body("repeated-note", "Text.[^1]\n\n[^1]: En.\n[^1]: Två.", "[^1]", line=10),
    body("repeated-id", '<p id="tva">Ett.</p>\n\n<p id="tva">Två.</p>', "tva", line=9),
    body("bad-html", "<div style='color: red'>x</div>", "<div style>"),
    body("bad-html", "Text <img src='a.png'>", "<img>", also=("bad-html",)),
    body("bad-html", "Text <a href='https://x.example'>x</a>", "<a>", also=("bad-html",)),
    body("bad-html", "<!-- hemligt -->", "<!--"),
    body("bad-html", "Text\n\n<h4>Rubrik</h4>", "<h4>", line=9, note="a heading"),
    body("bad-html", "Texten\n{: style='color: red' }", "style", line=8, note="attr_list"),
    body("bad-html", "Texten\n{: role=region tabindex=0 }", "role", line=8, note="a role", also=("bad-html",)),
    body("unbalanced-html", "Text <b>fet", "<b>"),
    body("unbalanced-html", "Rad\n\n<div>\n\nText", "<div>", line=9),
    body("unbalanced-html", "Text <b>a <i>b</b> c</i>", also=("unbalanced-html",), note="crossing"),
    body("unbalanced-html", "Text</b>", "<b>", note="only an end"),
    body("unbalanced-html", "Text <div>i mitten</div> text", "<div>", note="a block inside a line",
         also=("unbalanced-html",)),
]  # fmt: skip

LINKS = [
    body("dead-link", "[Årsmötet](finns-inte.md)", "finns-inte.md"),
    body("dead-link", "annan.md2\n\n[Årsmötet](annan.md2/)", line=9, note="the target stands in the text too"),
    body("dead-link", "[Årsmötet](/2026-11/finns-inte/)", "/2026-11/finns-inte/"),
    body("dead-link", "[Årsmötet]({filename}finns-inte.md)", "{filename}finns-inte.md"),
    body("dead-link", "[Årsmötet]()", note="no target"),
    body("dead-link", "[Ett](annan.md), [två](annan.md)\n\n[tre](x.md)\n\n[fyra](annan.md)", "x.md", line=9,
         note="among good ones"),
    body("dead-link", "[Planerat](/2026-10/)", "/2026-10/", note="to an issue that has no articles",
         files={"issues/2026-10/issue.md": issue("2026-10-02")}, also=("empty-issue",)),
    body("dead-link", "[På engelska](eng.md)", "eng.md", note="to a translation of a draft",
         files={"issues/2026-11/org.md": article(header="status: draft"),
                "issues/2026-11/eng.md": article(header="lang: en\ntranslation_of: org")}),
    body("dead-anchor", "[Mer om det](annan.md#finns-inte)", "annan.md#finns-inte", "#en-rubrik"),
    body("dead-anchor", "[Längre ned](#nedan)", "#nedan"),
    file("dead-anchor", 6, issue("2026-11-02", body="[Längre ned](#nedan)"), path=ISSUE_PATH, note="editorial"),
    body("early-file", "![Plan](../2026-12/images/p.png)", "issues/2026-12/images/p.png", line=1,
         files=edition("2026-12", "plan") | {"issues/2026-12/images/p.png": picture()}),
    body("early-link", "[Nästa nummer](../2026-12/plan.md)", "../2026-12/plan.md", "2026-11-02",
         files=edition("2026-12", "plan")),
    body("early-link", "[Nästa nummer](/2026-12/plan/)", note="by address", files=edition("2026-12", "plan")),
    body("draft-link", "[Utkastet](utkast.md)", "utkast.md",
         files={"issues/2026-11/utkast.md": article(header="status: draft")}),
    body("own-site-link", "[Årsmötet](https://prov.example/2026-11/annan/?a=1#en-rubrik)",
         "/2026-11/annan/?a=1#en-rubrik"),
    body("own-site-link", "[Årsmötet](http://PROV.example)", "http://PROV.example"),
    body("own-site-link", "[Årsmötet](https://gamla.example/x/)", "/x/", OWN_HOSTS=["gamla.example"], note="OWN_HOSTS"),
    body("own-site-link", "[Årsmötet](https://prov.example/magasin/2026-11/annan/)", " /2026-11/annan/",
         SITEURL="https://prov.example/magasin", note="with a path prefix"),
    body("no-scheme", "[Årsmötet](www.x.example/arsmote)", "https://www.x.example/arsmote"),
    body("bad-scheme", "[Årsmötet](javascript:alert(1))", "javascript:alert(1)"),
    body("bad-scheme", "[Årsmötet](ftp://x.example/)", "ftp://x.example/"),
    body("bad-scheme", "[Årsmötet](//x.example/)", note="without scheme"),
    body("bad-scheme", "[Årsmötet](http://[)", note="a broken address"),
    body("bad-scheme", "[Årsmötet](https:x.example)", note="without slashes"),
    body("bad-scheme", "[Årsmötet](javascript:alert(1)){: .footnote }", note="dressed as a footnote"),
    body("bad-html", "<javascript:alert(1)>", note="a scheme between angles", also=("unbalanced-html",)),
    body("bad-scheme", "[Årsmötet](&#106;avascript:alert(1))", note="written as references"),
    body("bad-scheme", "[Årsmötet](javascript&colon;alert(1))", note="written as a named reference"),
    body("bad-scheme", "[Årsmötet][1]\n\n[1]: JavaScript:alert(1)", note="by reference", line=9),
    body("vague-link", "Text\n\n[Läs mer](annan.md)", "Läs mer", line=9),
    body("vague-link", "[**läs mer** »](annan.md)", note="with decoration"),
    body("vague-link", "[<b>klicka här</b>](annan.md)", "klicka här", note="with HTML"),
    body("empty-link", "[](annan.md)", "annan.md"),
    body("empty-link", "[<b></b>](annan.md)", note="with HTML"),
    body("empty-link", "[![](images/a.png){.dekorativ}](annan.md)", note="a decoration",
         files={"issues/2026-11/images/a.png": picture()}),
]  # fmt: skip

TRANSLATION = article(header="lang: en\ntranslation_of: annan")
THE_WHOLE = [
    file("duplicate-slug", 5, article(header="slug: annan"), "/2026-11/annan/", "annan.md"),
    magazine("no-content", "issues", 1, {}, "issues/2026-11/"),
    magazine("duplicate-page", "pages/om2.md", 3, BASE | {"pages/om.md": "---\ntitle: Om\n---\nText",
             "pages/om2.md": "---\ntitle: Om\nslug: om\n---\nText"}, "/om/", "om.md"),
    magazine("taken-address", "pages/nummer.md", 1, BASE | {"pages/nummer.md": "---\ntitle: N\n---\nText"}, "/nummer/"),
    magazine("taken-address", "pages/2026-11.md", 1, BASE | {"pages/2026-11.md": "---\ntitle: N\n---\nText"},
             note="an issue's address", also=("duplicate-page",)),
    head("cut-by-hash", "tags: samverkan #1", "#1"),
    head("modified-later", "modified: 2027-11-07", "2027"),
    file("unknown-lead", 4, issue("2026-11-02", "lead: xyzzy"), "xyzzy", "annan", path=ISSUE_PATH),
    file("misspelt-lead", 4, issue("2026-11-02", "lead: anan"), "anan", "annan", path=ISSUE_PATH),
    magazine("draft-lead", ISSUE_PATH, 4, BASE | {ISSUE_PATH: issue("2026-11-02", "lead: utkast"),
             "issues/2026-11/utkast.md": article(header="status: draft")}, "utkast"),
    magazine("same-release-date", ISSUE_PATH, 3, BASE | edition("2026-10", "a", date="2026-11-02"), "2026-11-02",
             "2026-10/issue.md"),
    magazine("issues-out-of-order", ISSUE_PATH, 3, BASE | edition("2026-10", "a", date="2026-11-09"), "2026-11-02",
             "2026-10"),
    file("unknown-original", 6, article(header="lang: en\ntranslation_of: xyzzy"), "xyzzy"),
    file("unknown-original", 6, article(header="lang: en\ntranslation_of: artikel"), note="itself"),
    magazine("translated-twice", "issues/2026-11/eng2.md", 6, BASE | {"issues/2026-11/eng1.md": TRANSLATION,
             "issues/2026-11/eng2.md": TRANSLATION}, "eng1.md"),
    file("same-language", 5, article(header="lang: sv\ntranslation_of: annan")),
    file("same-language", 5, article(header="lang: SV\ntranslation_of: annan"), note="capitals"),
    file("no-lang", 5, article(header="translation_of: annan"), also=("same-language",)),
    magazine("month-off", "issues/2026-07/issue.md", 1, BASE | edition("2026-07", "a"), "juli", MONTHS_OFF=(7,)),
    magazine("empty-issue", "issues/2026-12/issue.md", 1, BASE | {"issues/2026-12/issue.md": issue("2026-12-02")}),
    magazine("empty-issue", "issues/2026-12/issue.md", 1, BASE | edition("2026-12")
             | {"issues/2026-12/a.md": article(header="status: draft")}, note="only drafts"),
    magazine("too-many-pins", "issues/2026-10/a.md", 5, BASE | {ARTICLE_PATH: article(header="pinned: true")}
             | edition("2026-10") | {"issues/2026-10/a.md": article(header="pinned: true")}, "Nyheter", "2", "1",
             LIVE_ARTICLES=1, also=("crowded-issue",)),
    magazine("crowded-issue", "issues/2026-11/b.md", 3, edition("2026-11", "a", "b", "c"), "3", "Nyheter", "1",
             LIVE_ARTICLES=1),
    magazine("crowded-issue", "issues/2026-11/b.md", 3, edition("2026-10", "p") | edition("2026-11", "a", "b")
             | {"issues/2026-10/p.md": article(header="pinned: true")}, "2", "Nyheter", "1",
             LIVE_ARTICLES=2, note="a pin takes a place"),
    file("two-spellings", 5, article(header="tags: [dialog]"), "dialog", "Dialog", "/amne/dialog/",
         path="issues/2026-11/b.md", note="tags"),
    magazine("fill-in", "pages/om.md", 6, BASE | {"pages/om.md": "---\ntitle: Om\n---\n\nText\n[FYLL I: namnet] text"},
             "[FYLL I: namnet]"),
    body("fill-in", "Text\n[FYLL I: resten].", "[FYLL I: resten]", line=8, note="in an article"),
    magazine("fill-in", ISSUE_PATH, 8, BASE | {ISSUE_PATH: ISSUE + "\n[FYLL I: ledaren]"}, "[FYLL I: ledaren]",
             note="in an editorial"),
]  # fmt: skip


def with_another_spelling(case: Case) -> Case:
    """The case of two spellings needs a file that spells it the first way."""
    return Case(case.code, case.line, {**case.files, ANOTHER: article(header="tags: [Dialog]")}, case.path, case.says)


CASES = [
    with_another_spelling(case) if case.code == "two-spellings" else case
    for case in (*THE_FILE, *HEADER_FORM, *HEADER_VALUES, *PICTURES_AND_FILES, *THE_TEXT, *LINKS, *THE_WHOLE)
]
ELSEWHERE = {"unreadable", "no-page"}
"""Codes that need more than files; their tests are below."""
OF_ADDRESSES = {
    "lost-address", "moved-address", "moved-from-in-use", "moved-from-twice", "moved-too-early", "bad-ledger-line",
    "two-ledger-lines", "ledger-nowhere", "ledger-circle",
}  # fmt: skip
"""Codes that need addresses published before; their tests are in test_redirects.py."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_mistake_is_reported_where_it_is(case: Case, tmp_path: Path) -> None:
    """Each mistake gives its code, its file, its line and its facts, once, and nothing else that is wrong."""
    write(tmp_path, case.files)
    problems = examine(tmp_path, **case.settings)
    found = [problem for problem in problems if placed(tmp_path, problem) == (shown(case.path), case.line, case.code)]
    assert found, as_text(problems)
    for fact in case.says:
        assert fact in found[0].text
    assert [p for p in problems if p not in found and p.code not in case.also] == []
    assert len(found) == 1 or case.code in case.also
    assert found[0].severity == ("error" if case.code in ERRORS else "warning")


def shown(path: str) -> str:
    return path.replace("\n", "\\n")


def test_every_code_has_a_case() -> None:
    """No mistake is without a case, and no case is of a mistake that does not exist."""
    assert {case.code for case in CASES} | ELSEWHERE | OF_ADDRESSES == {*ERRORS, *WARNINGS}


def test_a_built_in_page_that_is_not_completed(tmp_path: Path) -> None:
    """A page from the theme that lacks facts is named, with where to copy it from and to."""
    write(tmp_path, BASE)
    template = tmp_path / "theme" / "pages" / "sv" / "personuppgifter.md"
    template.parent.mkdir(parents=True)
    template.write_text("---\ntitle: Personuppgifter\n---\n\nAnsvarig: <publisher>.\n", encoding="utf-8")
    problem = only(examine(tmp_path, PUBLISHER=""))
    assert placed(tmp_path, problem) == ("pages/personuppgifter.md", 1, "no-page")
    for fact in ("/personuppgifter/", str(template), "pages/personuppgifter.md"):
        assert fact in problem.text
    assert examine(tmp_path, PUBLISHER="Provstads kommun") == ()


# -- In every language -------------------------------------------------------------------------------------------------


def said_in_code() -> Iterator[str]:
    """Every text that the plugins mark for translation."""
    keywords: dict[str, Any] = {"gettext": None, "N_": None, "ngettext": (1, 2)}
    for _, _, message, _, _ in extract_from_dir(PLUGINS, [("**.py", "python")], keywords=keywords):
        yield from (message,) if isinstance(message, str) else message


@pytest.mark.parametrize("text", sorted({*ERRORS.values(), *WARNINGS.values(), *said_in_code()}))
def test_every_text_is_in_the_swedish_catalogue(text: str) -> None:
    """No Swedish writer meets an English sentence, and a translation has the facts of the original."""
    with (CATALOGUES / "sv.po").open("rb") as source:
        catalogue = read_po(source, locale="sv")
    entry = catalogue.get(text) or next((m for m in catalogue if isinstance(m.id, tuple) and text in m.id), None)
    assert entry is not None
    assert entry.string
    assert all(entry.string) if isinstance(entry.string, tuple) else True
    assert not entry.fuzzy
    translated = [entry.string] if isinstance(entry.string, str) else list(entry.string)
    for string_ in translated:
        assert facts(string_) == facts(text)


def facts(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("code", sorted({*ERRORS, *WARNINGS}))
def test_every_mistake_is_said_in_both_languages(code: str) -> None:
    """Swedish and English each have a text of their own for every mistake."""
    text = ERRORS.get(code) or WARNINGS[code]
    assert Words("en").gettext(text) == text
    assert Words("sv").gettext(text) != text


def test_an_english_magazine_speaks_english(tmp_path: Path) -> None:
    """With `DEFAULT_LANG = "en"` mistakes are said in English."""
    write(tmp_path, {**BASE, ARTICLE_PATH: article(header="kind: colum")})
    problem = only(examine(tmp_path, DEFAULT_LANG="en"))
    assert problem.text == "There is no kind “colum”. Did you mean “column”?"


# -- Many at once ------------------------------------------------------------------------------------------------------


def test_all_mistakes_of_all_files_come_in_one_run(tmp_path: Path) -> None:
    """A run stops at no mistake: every file tells all of its own, sorted by file and line."""
    write(
        tmp_path,
        {
            ISSUE_PATH: issue("2026-02-30", "lead: x\nbogus: 1"),
            "issues/2026-11/a.md": "---\ntitle:\nkind: krönka\norder: x\n---\n\n# Rubrik\n\n[läs mer](x.md)\n",
            "issues/2026-11/b.md": "",
            "issues/2026-11/c.md": b"\xff",
            "issues/2026-11/d.md": article("<script>x</script>\n\n![](y.png)"),
            "pages/om.md": "ingenting",
        },
    )
    problems = examine(tmp_path)
    assert [placed(tmp_path, p)[:2] for p in problems] == sorted(placed(tmp_path, p)[:2] for p in problems)
    assert {placed(tmp_path, problem) for problem in problems} == {
        ("issues/2026-11/a.md", 2, "empty-key"),
        ("issues/2026-11/a.md", 2, "missing-key"),
        ("issues/2026-11/a.md", 3, "misspelt-kind"),
        ("issues/2026-11/a.md", 4, "not-number"),
        ("issues/2026-11/a.md", 7, "top-heading"),
        ("issues/2026-11/a.md", 9, "dead-link"),
        ("issues/2026-11/a.md", 9, "vague-link"),
        ("issues/2026-11/b.md", 1, "empty-file"),
        ("issues/2026-11/c.md", 1, "not-utf8"),
        ("issues/2026-11/d.md", 7, "script"),
        ("issues/2026-11/d.md", 9, "missing-picture"),
        ("issues/2026-11/d.md", 9, "no-alt"),
        ("issues/2026-11/issue.md", 3, "impossible-date"),
        ("issues/2026-11/issue.md", 4, "unknown-lead"),
        ("issues/2026-11/issue.md", 5, "unknown-key"),
        ("pages/om.md", 1, "no-header"),
    }


def test_a_problem_is_one_line(tmp_path: Path) -> None:
    """Whatever is quoted, a problem is one line of text that any terminal and GitHub can show."""
    write(
        tmp_path,
        {
            **BASE,
            "issues/2026-11/a\n::error::b.md": article(),
            ARTICLE_PATH: article(
                "<!DOCTYPE\nhtml\nsystem>\n\n[text](<a\nb>)\n\n[lång](" + "x" * 5000 + ".md)",
                '? |\n  a\n  b\n: c\nkind: |\n  a\n  b\norder: "1\\n2"',
            ),
        },
    )
    for bad in (b"issues/2026-11/\xff.md", b"issues/2026-11/\x1b[31m.md"):
        Path(os.fsdecode(os.fsencode(tmp_path / "content") + b"/" + bad)).write_bytes(article().encode())
    problems = examine(tmp_path)
    assert problems
    assert len(as_text(problems).splitlines()) == len(problems)
    assert len(as_github(problems).splitlines()) == len(problems)
    for problem in problems:
        assert (problem.path + problem.text).isprintable() or NBSP in problem.text
        assert len(problem.text) < 700
        as_text([problem]).encode()


def only(found: tuple[Problem, ...]) -> Problem:
    assert len(found) == 1, as_text(found)
    return found[0]


# -- Right forms -------------------------------------------------------------------------------------------------------


def soundly(root: Path, files: Files, **settings: Any) -> Content:
    """Read files in which nothing is wrong."""
    write(root, {**BASE, **files})
    assert as_text(examine(root, **settings)) == ""
    return read(root, **settings)


def one(root: Path, text: str | bytes, path: str = ARTICLE_PATH, files: Files | None = None, **now: Any) -> Article:
    """Read one article in which nothing is wrong."""
    found = soundly(root, {**(files or {}), path: text}, **now)
    return next(entry.record for entry in found.articles if entry.source == path)


FULL = """\
---
title: "Mötet: \\"en\\" vändning"
category: På gång
summary: >
  Första raden
  och den andra.
authors: [Redaktionen, "Kommunikatör, kulturen"]
tags: dialog, möten , dialog,
places:
  - Norrhamnen
kind: Krönika
image:
  src: images/a.png
  alt: Ett torg
  caption: 'Torget "Ett"'
  credit: "Bild: Medverkan"
event:
  start: 2026-11-26 13:00
  end: 2026-11-26 kl. 16.00
  place: Kajgatan 4
  register_by: 2026-11-20
  contact: a@b.example
  programme:
    - "13.00 Start"
    - 16.00 Slut
files:
  - src: files/rapport.PDF
    title: Rapporten
order: -3
pinned: ja
status: published
lang: sv
moved_from: [/gamla/adressen/, /2020/01/x.html]
modified: 2026-11-07
slug: mitt-mote
---
Texten.
"""
ASSETS: Files = {"issues/2026-11/images/a.png": picture(), "issues/2026-11/files/rapport.PDF": "%PDF"}


def test_every_key_of_an_article(tmp_path: Path) -> None:
    """A header with all keys gives a record with all fields."""
    record = one(tmp_path, FULL, files=ASSETS)
    assert record.url == "/2026-11/mitt-mote/"
    assert record.title == "Mötet: ”en” vändning"
    assert (record.category, record.kind, record.lang) == ("pa-gang", "krönika", "sv")
    assert record.summary == "Första raden och den andra."
    assert record.authors == ("Redaktionen", "Kommunikatör, kulturen")
    assert record.tags == ("dialog", "möten")
    assert record.places == ("Norrhamnen",)
    assert record.image is not None
    assert (record.image.source, record.image.width, record.image.height) == ("issues/2026-11/images/a.png", 4, 3)
    assert (record.image.alt, record.image.caption, record.image.credit) == (
        "Ett torg",
        "Torget ”Ett”",
        "Bild: Medverkan",
    )
    assert record.pictures == (record.image,)
    assert record.event is not None
    assert (record.event.start, record.event.end) == (dt.datetime(2026, 11, 26, 13), dt.datetime(2026, 11, 26, 16))
    assert (record.event.register_by, record.event.contact) == (dt.date(2026, 11, 20), "a@b.example")
    assert record.event.programme == ("13.00 Start", "16.00 Slut")
    assert [(a.url, a.title, a.type, a.size) for a in record.attachments] == [
        ("/2026-11/files/rapport.PDF", "Rapporten", "PDF", 4)
    ]
    assert (record.order, record.pinned) == (-3, True)
    assert record.moved_from == ("/gamla/adressen/", "/2020/01/x.html")
    assert (record.date, record.modified) == (dt.date(2026, 11, 2), dt.date(2026, 11, 7))


def test_a_short_header_is_enough(tmp_path: Path) -> None:
    """Title, category and summary suffice; the rest has defaults."""
    record = one(tmp_path, article())
    assert (record.slug, record.kind, record.lang, record.order) == ("artikel", "nyhet", "sv", None)
    assert (record.pinned, record.image, record.event, record.authors, record.modified) == (False, None, None, (), None)
    assert record.body == "<p>Texten.</p>"


def test_a_plain_header(tmp_path: Path) -> None:
    """Pelican's plain `Key: value` lines are read too: lists by comma, authors by semicolon, long values indented."""
    text = (
        "Title: Mötet: en vändning\nCategory: nyheter\nSummary: Första raden\n    och den andra.\nTAGS: a, b\n"
        "Authors: Namn, Roll; Annan\nModified: 2026-11-07 10:00\nStatus: published\n\nTexten: är här.\n"
    )
    record = one(tmp_path, text)
    assert (record.title, record.summary) == ("Mötet: en vändning", "Första raden och den andra.")
    assert (record.tags, record.authors) == (("a", "b"), ("Namn, Roll", "Annan"))
    assert record.modified == dt.date(2026, 11, 7)
    assert record.body == "<p>Texten: är här.</p>"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("2026", "2026"),
        ("2026-11-02", "2026-11-02"),
        ("007", "007"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("1.10", "1.10"),
        ("12:30", "12:30"),
        ("Ja", "Ja"),
        ("no", "no"),
        ("on", "on"),
        ("true", "true"),
        ('"null"', "null"),
        ("'~'", "~"),
        ("Hej!", "Hej!"),
        ("Mat & dryck", "Mat & dryck"),
        ("2 * 3", "2 * 3"),
        ("C# och # en anteckning", "C# och"),
        ('"C# och #tagg"', "C# och #tagg"),
        ("<b>{fet}</b>", "<b>{fet}</b>"),
        ("100 %", f"100{NBSP}%"),
        ("'Det ''stora'' mötet'", "Det ’stora’ mötet"),
        ('Sagt "rakt" ut', "Sagt ”rakt” ut"),
        ("|\n  Två\n  rader", "Två rader"),
    ],
)
def test_a_title_stays_text(written: str, title: str, tmp_path: Path) -> None:
    """What YAML would take for a number, a date or a truth is what the writer wrote."""
    text = f"---\ntitle: {written}\ncategory: nyheter\nsummary: S\n---\nText"
    assert one(tmp_path, text).title == title


@pytest.mark.parametrize("encode", [
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.replace("\n", "\r").encode(),
    lambda text: b"\xef\xbb\xbf" + text.encode(),
    lambda text: ("\n\n" + text).encode(),
    lambda text: text.replace("---\n", "---  \n").encode(),
    lambda text: text.rstrip("\n").encode(),
], ids=["CRLF", "CR", "BOM", "blank lines first", "blanks after the line", "no last line end"])  # fmt: skip
def test_forms_of_files(encode: Any, tmp_path: Path) -> None:
    """Line ends, a byte order mark and blanks make no difference."""
    bare = one(tmp_path / "bare", article("Ett.\n\nTvå."))
    assert one(tmp_path / "other", encode(article("Ett.\n\nTvå."))) == bare


def test_lines_are_counted_in_every_form_of_file(tmp_path: Path) -> None:
    """A mistake has the same line whatever the line ends; invisible separators of Unicode start no new one."""
    for name, text in {
        "crlf": article("Ett\n\n[x](y.md)").replace("\n", "\r\n"),
        "unicode": article("E\u2028t\u2029t\n\n[x](y.md)"),
    }.items():
        write(tmp_path / name, {**BASE, ARTICLE_PATH: text})
        assert placed(tmp_path / name, only(examine(tmp_path / name))) == (ARTICLE_PATH, 9, "dead-link")


@pytest.mark.parametrize(("written", "start"), [
    ("2026-11-20", dt.date(2026, 11, 20)),
    ("2026-11-20 13:00", dt.datetime(2026, 11, 20, 13)),
    ("2026-11-20 13.00", dt.datetime(2026, 11, 20, 13)),
    ("2026-11-20 kl. 9.30", dt.datetime(2026, 11, 20, 9, 30)),
    ("2026-11-20T13:00", dt.datetime(2026, 11, 20, 13)),
    ("2026-11-20 13:00:00", dt.datetime(2026, 11, 20, 13)),
    ("'2026-11-20   00:00'", dt.datetime(2026, 11, 20)),
])  # fmt: skip
def test_times(written: str, start: dt.date, tmp_path: Path) -> None:
    """A day, or a day and a time in the ways that people write it."""
    event = one(tmp_path, article(header=f"event:\n  start: {written}")).event
    assert event is not None
    assert (event.start, type(event.start)) == (start, type(start))


def test_an_event_may_be_one_moment_or_many_days(tmp_path: Path) -> None:
    """An end equal to the start, an end later the same day, and a last day to register on the day are fine."""
    for n, lines in enumerate((
        "start: 2026-11-20 13:00\n  end: 2026-11-20 13:00",
        "start: 2026-11-20 13:00\n  end: 2026-11-20",
        "start: 2026-11-20\n  end: 2026-11-22 12:00\n  register_by: 2026-11-20",
    )):  # fmt: skip
        assert one(tmp_path / str(n), article(header=f"event:\n  {lines}")).event is not None


def test_kinds_categories_and_truths_in_capitals(tmp_path: Path) -> None:
    """Capital letters make no difference where a word is chosen from a list."""
    text = "---\ntitle: T\ncategory: NYHETER\nsummary: S\nkind: Notis\npinned: True\nstatus: Published\n---\n"
    record = one(tmp_path, text)
    assert (record.category, record.kind, record.pinned) == ("nyheter", "notis", True)


def test_a_category_by_a_name_that_typography_would_change(tmp_path: Path) -> None:
    """A category is found by its name as the settings write it, quotation marks and numbers included."""
    text = '---\ntitle: T\ncategory: Barns "rätt" 20 år\nsummary: S\n---\n'
    categories = [("nyheter", "Nyheter"), ("barn", 'Barns "rätt" 20 år')]
    assert one(tmp_path, text, CATEGORIES=categories).category == "barn"


def test_typographic_text(tmp_path: Path) -> None:
    """Straight quotes, dashes and dots become a printer's, in the language of the text; code stays as it is."""
    written = 'Hon sa "hej" -- och \'gick\'... Det är 20 år sedan, kl. 9, § 5.\n\n`"kod" -- ...`\n'
    swedish = one(tmp_path / "sv", article(written)).body
    assert "Hon sa ”hej” – och ’gick’… Det är 20\u00a0år sedan, kl.\u00a09, §\u00a05." in swedish
    assert "&quot;kod&quot; -- ..." in swedish.replace('"', "&quot;")
    english = one(tmp_path / "en", article("She said \"hello\" and 'left'.", "lang: en")).body
    assert "She said “hello” and ‘left’." in english


def test_pictures_in_the_text(tmp_path: Path) -> None:
    """A picture alone becomes a figure with its caption; each is listed once; decorative ones need no alt."""
    files = {f"issues/2026-11/images/{n}": picture(form) for n, form in
             {"a.png": "PNG", "b.jpg": "JPEG", "c.webp": "WEBP", "d.gif": "GIF"}.items()}  # fmt: skip
    record = one(
        tmp_path,
        article(
            '![Ett torg](images/a.png "Bildtext")\n\n![Två torg](../2026-11/images/b.jpg) i en rad\n\n'
            "![](images/c.webp){.dekorativ}\n\n![Ett torg till]({static}/issues/2026-11/images/a.png)\n\n"
            "![Rörligt]({attach}images/d.gif)\n",
        ),
        files=files,
    )
    assert [p.source.rpartition("/")[2] for p in record.pictures] == ["a.png", "b.jpg", "c.webp", "d.gif"]
    assert record.body.count("<figure>") == 4
    assert "<figcaption>Bildtext</figcaption>" in record.body
    assert 'alt=""' in record.body
    assert 'srcset="/2026-11/images/a-4.' in record.body


def test_a_picture_with_any_name_has_an_address_that_a_browser_can_read(tmp_path: Path) -> None:
    """Blanks, commas and letters beyond ASCII in a file's name do not break srcset."""
    files = {"issues/2026-11/images/Torget, 20 år.png": picture()}
    body = one(tmp_path, article("![Ett torg](<images/Torget, 20 år.png>)"), files=files).body
    source = body.partition('srcset="')[2].partition('"')[0]
    address, width = source.split(" ")
    assert width == "4w"
    assert address.isascii()
    assert "," not in address


def test_a_picture_turned_by_the_camera(tmp_path: Path) -> None:
    """Width and height are those that readers see."""
    image = Pillow.new("RGB", (40, 30))
    exif = image.getexif()
    exif[0x0112] = 6
    data = io.BytesIO()
    image.save(data, "JPEG", exif=exif)
    record = one(tmp_path, article("![Ett torg](a.jpg)"), files={"issues/2026-11/a.jpg": data.getvalue()})
    assert (record.pictures[0].width, record.pictures[0].height) == (30, 40)


def test_a_picture_that_changes_is_measured_again(tmp_path: Path) -> None:
    """The preview reads the content many times in one process: a new picture under the old name is a new picture."""
    path = "issues/2026-11/a.png"
    first = one(tmp_path, article("![Ett torg](a.png)"), files={path: picture(size=(4, 3))})
    second = one(tmp_path, article("![Ett torg](a.png)"), files={path: picture(size=(40, 30))})
    assert (first.pictures[0].width, second.pictures[0].width) == (4, 40)
    assert first.pictures[0].digest != second.pictures[0].digest


def test_files_in_the_text(tmp_path: Path) -> None:
    """A link to a file beside the article becomes its address, and the file is listed."""
    record = one(tmp_path, article("[Rapporten](files/rapport.PDF)"), files=ASSETS)
    assert '<a href="/2026-11/files/rapport.PDF">Rapporten</a>' in record.body
    assert [a.source for a in record.linked_files] == ["issues/2026-11/files/rapport.PDF"]


@pytest.mark.parametrize(("written", "address"), [
    ("annan.md", "/2026-11/annan/"),
    ("./annan.md#en-rubrik", "/2026-11/annan/#en-rubrik"),
    ("../2026-10/x.md", "/2026-10/x/"),
    ("../2026-10/x.md#märkt", "/2026-10/x/#märkt"),
    ("../2026-10/x.md#m%C3%A4rkt", "/2026-10/x/#märkt"),
    ("../2026-10/issue.md", "/2026-10/"),
    ("{filename}annan.md", "/2026-11/annan/"),
    ("{filename}/issues/2026-10/x.md", "/2026-10/x/"),
    ("|filename|../2026-10/x.md", "/2026-10/x/"),
    ("../../pages/om.md", "/om/"),
    ("/2026-10/x/", "/2026-10/x/"),
    ("/2026-10/", "/2026-10/"),
    ("/kategori/nyheter/", "/kategori/nyheter/"),
    ("/nummer/", "/nummer/"),
    ("/", "/"),
    ("#här-nere", "#här-nere"),
    ("https://annan.example/x?a=1&b=2#c", "https://annan.example/x?a=1&amp;b=2#c"),
    ("mailto:a@b.example", "mailto:a@b.example"),
    ("tel:+4631000000", "tel:+4631000000"),
])  # fmt: skip
@pytest.mark.parametrize("base", ["", "/magasin"])
def test_links(base: str, written: str, address: str, tmp_path: Path) -> None:
    """Links lead where they say, also where the site lies under a path of its host."""
    files: Files = {
        **edition("2026-10"),
        "issues/2026-10/x.md": article("## Märkt {#märkt}\n\nText."),
        "pages/om.md": "---\ntitle: Om\n---\nText.",
    }
    text = article(f"[Texten om det]({written})\n\n## Här nere {{#här-nere}}")
    body = one(tmp_path, text, files=files, SITEURL=f"https://prov.example{base}").body
    assert f'<a href="{base if address.startswith("/") else ""}{address}">Texten om det</a>' in body


def test_an_address_between_angles(tmp_path: Path) -> None:
    """A bare address or mail address between < and > is a link."""
    body = one(tmp_path, article("<https://annan.example/> och <namn@annan.example>")).body
    assert '<a href="https://annan.example/">' in body
    assert body.count("<a href=") == 2


def test_a_neighbour_on_the_same_host_is_another_site(tmp_path: Path) -> None:
    """Where the magazine lies under a path, the rest of the host is not its own."""
    text = article("[Kommunens sidor](https://prov.example/om-staden/)")
    assert "om-staden" in one(tmp_path, text, SITEURL="https://prov.example/magasin").body


def test_links_of_drafts_and_of_what_comes_together(tmp_path: Path) -> None:
    """A draft may link to a draft, and articles of one issue to each other before it is out."""
    soundly(
        tmp_path,
        {
            "issues/2026-11/u1.md": article("[Utkast två](u2.md)", "status: draft"),
            "issues/2026-11/u2.md": article(header="status: draft"),
            **edition("2026-12", "b"),
            "issues/2026-12/a.md": article("[Artikel b](b.md), [numret](issue.md), [förra](../2026-11/annan.md)"),
        },
    )


def test_footnotes_tables_lists_and_code(tmp_path: Path) -> None:
    """What Markdown's extensions make stands: footnotes, tables that scroll, definitions, abbreviations, code."""
    written = (
        "Text.[^1] IOP här.\n\n[^1]: En not med [länk till annat](annan.md).\n\n*[IOP]: idéburet partnerskap\n\n"
        "| a | b |\n|:--|--:|\n| 1 | 2 |\n\nOrd\n:   Betydelse\n\n```\n<script>x</script>\n```\n\n"
        "3. tre\n4. fyra\n\n> citat\n"
    )
    body = one(tmp_path, article(written)).body
    for part in (
        'class="footnote-ref"',
        "/2026-11/annan/",
        '<abbr title="idéburet partnerskap">IOP</abbr>',
        'class="table" role="region" tabindex="0"',
        '<td class="align-right">2</td>',
        "<dt>Ord</dt>",
        "&lt;script&gt;",
        '<ol start="3">',
        "<blockquote>",
    ):
        assert part in body


def test_html_that_is_allowed(tmp_path: Path) -> None:
    """Plain elements without styles may be written as HTML, and an id there is a place to link to."""
    written = (
        "<details><summary>Mer</summary>\n<p>Text</p>\n</details>\n\n"
        'H<sub>2</sub>O, <span lang="en" id="here">here</span>, rad<br>rad<br/>, <kbd>Esc</kbd>.\n\n'
        "[Upp till here](#here)\n\nA &amp; B &copy; &#8212; a < b > c"
    )
    assert '<span lang="en" id="here">' in one(tmp_path, article(written)).body


def test_anchors_by_hand_and_by_heading(tmp_path: Path) -> None:
    """Headings get anchors from their words, or the one that is written after them."""
    text = article("## Så här: 1 & 2\n\n### Två {#egen}\n\n[Upp dit](#sa-har-1-2), [hit](#egen) igen, [dit](#egen) då")
    write(tmp_path, {**BASE, ARTICLE_PATH: text.replace("[hit]", "[rubriken]").replace("[dit]", "[egna]")})
    assert as_text(examine(tmp_path)) == ""


def test_a_draft_is_not_in_the_magazine(tmp_path: Path) -> None:
    """A draft is read and checked, and no part of the magazine."""
    write(tmp_path, {**BASE, ARTICLE_PATH: article(header="status: draft")})
    found = read(tmp_path)
    assert [entry.record.slug for entry in found.articles] == ["annan", "artikel"]
    assert [record.slug for record in found.magazine(settings(tmp_path)).articles] == ["annan"]


def test_files_that_are_no_texts(tmp_path: Path) -> None:
    """Hidden files, editors' leavings, notes that begin with _ and other types are nobody's business."""
    names = (".#a.md", "_anteckning.md", "#a.md#", "a.md~", "a.txt", ".dold/a.md", "Thumbs.db")
    soundly(tmp_path, {f"issues/2026-11/{name}": "strunt" for name in names})


def test_folders_within_an_issue(tmp_path: Path) -> None:
    """Articles may lie in folders of the issue; an article named issue.md there is not the issue."""
    files = {"issues/2026-11/del/a.md": article(), "issues/2026-11/del/issue.md": article()}
    found = soundly(tmp_path, files)
    assert {entry.record.url for entry in found.articles} >= {"/2026-11/a/", "/2026-11/issue/"}
    assert {entry.record.date for entry in found.articles} == {dt.date(2026, 11, 2)}


def test_english_keys_of_the_same_word(tmp_path: Path) -> None:
    """An English magazine has English kinds; its texts are set as English is."""
    record = one(tmp_path, article('A "quote".', "kind: column"), DEFAULT_LANG="en")
    assert (record.kind, record.lang) == ("column", "en")
    assert "“quote”" in record.body


def test_many_processes_read_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With several jobs the same is read, and the same is wrong, as with one."""
    files = {f"issues/2026-11/a{n}.md": article(f"[x](y{n}.md)" if n % 3 else "Text", f"order: {n}") for n in range(12)}
    write(tmp_path, {**BASE, **files})
    alone = read(tmp_path)
    monkeypatch.setattr(parallel, "WORTH_IT", 2)
    together = read(tmp_path, JOBS=2)
    assert (together.articles, together.problems) == (alone.articles, alone.problems)


# -- What the system refuses, and what leads astray --------------------------------------------------------------------


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root can read everything: lay that down for a while."""
    if os.geteuid() == 0:
        os.seteuid(65534)
        try:
            yield
        finally:
            os.seteuid(0)
    else:
        yield


@pytest.mark.parametrize(("closed", "path"), [
    (ARTICLE_PATH, ARTICLE_PATH),
    ("issues/2026-10", "issues/2026-10"),
    ("pages", "pages"),
])  # fmt: skip
def test_what_may_not_be_read_is_reported(closed: str, path: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file or folder without permission to read is a mistake with a reason, not a gap in the magazine."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        files = {**BASE, ARTICLE_PATH: article(), **edition("2026-10", "a"), "pages/om.md": "---\ntitle: Om\n---\nText"}
        write(root, files)
        read(root)
        (root / "content" / closed).chmod(0)
        with as_nobody():
            problems = read(root).problems
        (root / "content" / closed).chmod(0o755)
    assert [(p.path.endswith(path), p.line, p.code) for p in problems] == [(True, 1, "unreadable")]


def test_a_picture_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    """A folder of pictures without permission gives a mistake at each picture, never a trace."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        root.chmod(0o755)
        text = article("![Ett torg](images/a.png)\n\n[Rapporten](files/rapport.PDF)")
        write(root, {**BASE, **ASSETS, ARTICLE_PATH: text})
        read(root)
        for folder in ("images", "files"):
            (root / f"content/issues/2026-11/{folder}").chmod(0)
        with as_nobody():
            problems = read(root).problems
        for folder in ("images", "files"):
            (root / f"content/issues/2026-11/{folder}").chmod(0o755)
    assert [(p.path.rpartition("/")[2], p.line, p.code) for p in sorted(problems)] == [
        ("artikel.md", 7, "missing-picture"),
        ("artikel.md", 9, "missing-file"),
        ("files", 1, "unreadable"),
        ("images", 1, "unreadable"),
    ]


@pytest.mark.parametrize("name", ["issues/2026-11/x.md", "pages/x.md", "x.md", "kultur/x.md", "issues/x.md"])
@pytest.mark.parametrize("what", ["nothing", "itself", "a pipe", "a device", "a folder", "a file outside"])
def test_what_only_looks_like_a_text(what: str, name: str, tmp_path: Path) -> None:
    """A link to nowhere, to itself or out of the content, a pipe, a device: reported, and never waited for."""
    write(tmp_path, BASE)
    path = tmp_path / "content" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if what == "a pipe":
        os.mkfifo(path)
    elif what == "a folder":
        path.mkdir()
        return_nothing = read(tmp_path).problems
        assert {p.code for p in return_nothing} <= {"unreadable", "outside-issues"}
        return
    elif what == "a file outside":
        (tmp_path / "outside.md").write_text(article("hemligt"), encoding="utf-8")
        path.symlink_to(tmp_path / "outside.md")
    else:
        path.symlink_to({"nothing": "gone.md", "itself": path.name, "a device": "/dev/zero"}[what])
    found = read(tmp_path)
    codes = {p.code for p in found.problems if placed(tmp_path, p)[0] == name}
    assert ("outside-folder" if what in ("a file outside", "a device") else "unreadable") in codes
    assert not any("hemligt" in entry.record.body for entry in found.articles)
    assert not any("hemligt" in entry.record.body for entry in found.pages)


def test_pictures_and_files_outside_the_content(tmp_path: Path) -> None:
    """A link in the file system that leads out of the content folder opens nothing."""
    write(tmp_path, {**BASE, ARTICLE_PATH: article("![Ett torg](images/a.png)\n\n[Rapporten](files/a.pdf)")})
    (tmp_path / "hemlig").mkdir()
    (tmp_path / "hemlig" / "a.png").write_bytes(picture())
    (tmp_path / "hemlig" / "a.pdf").write_bytes(b"%PDF")
    folder = tmp_path / "content/issues/2026-11"
    (folder / "images").symlink_to(tmp_path / "hemlig")
    (folder / "files").mkdir()
    (folder / "files" / "a.pdf").symlink_to(tmp_path / "hemlig" / "a.pdf")
    assert [placed(tmp_path, p) for p in examine(tmp_path)] == [
        (ARTICLE_PATH, 7, "outside-folder"),
        (ARTICLE_PATH, 9, "outside-folder"),
    ]


def test_loops_of_folders(tmp_path: Path) -> None:
    """A folder that leads back to one above it is not walked for ever, nor read twice within an issue."""
    write(tmp_path, BASE)
    folder = tmp_path / "content"
    (folder / "issues/2026-11/again").symlink_to(folder / "issues/2026-11")
    (folder / "issues/2026-11/up").symlink_to("..")
    assert read(tmp_path).problems == ()


def test_an_issue_folder_that_lies_elsewhere_in_the_system(tmp_path: Path) -> None:
    """An issue that is a link out of the content folder is not read."""
    write(tmp_path, BASE)
    write(tmp_path / "elsewhere", edition("2026-10", "a"))
    (tmp_path / "content/issues/2026-10").symlink_to(tmp_path / "elsewhere/content/issues/2026-10")
    found = read(tmp_path)
    assert {p.code for p in found.problems} == {"outside-folder"}
    assert {entry.record.issue for entry in found.articles} == {"2026-11"}


def test_an_empty_folder_and_none(tmp_path: Path) -> None:
    """Without content there is nothing to say, and no trace."""
    assert read(tmp_path).articles == ()
    write(tmp_path, {})
    assert read(tmp_path).articles == ()


# -- A folder in Pelican's own style -----------------------------------------------------------------------------------


def pelican_folder() -> dict[str, str | bytes]:
    posts: dict[str, str | bytes] = {}
    for n in range(12):
        folder = ("", "kultur/", "kultur/musik/", "Mat & dryck/")[n % 4]
        posts[f"{folder}post-{n}.md"] = (
            f"Title: Inlägg {n}: en rubrik\nDate: 2025-{n + 1:02}-05 10:20\nModified: 2025-{n + 1:02}-06\n"
            f"Category: Python\nTags: a, b\nSlug: inlagg\nAuthor: Anna\nStatus: {'draft' if n % 2 else 'hidden'}\n"
            f"Summary: Kort.\n\nText med [länk]({{filename}}post-0.md) och ![bild]({{static}}/images/x.png).\n"
        )
    posts["2025-06-01-yaml.md"] = "---\ntitle: Med YAML\ndate: 2025-06-01\ntags:\n  - a\nlayout: post\n---\n\nText.\n"
    posts["rubrik.md"] = "# En rubrik\n\nBara text.\n"
    posts["pages/om.md"] = "Title: Om\nDate: 2025-01-01\n\nText."
    posts["post.rst"] = "Rubrik\n######\n"
    posts["images/x.png"] = picture()
    return posts


def test_a_folder_of_posts_in_pelican_style(tmp_path: Path) -> None:
    """It gets errors that lead to a magazine: every post is told where to go and what to change, and nothing breaks."""
    write(tmp_path, pelican_folder())
    problems = examine(tmp_path, LIVE_ARTICLES=1)
    found = [placed(tmp_path, problem) for problem in problems]
    posts = [name for name in pelican_folder() if name.endswith(".md") and not name.startswith("pages/")]
    assert {path for path, _, code in found if code == "outside-issues"} == set(posts)
    assert ("post-0.md", 1, "outside-issues") in found
    assert ("post-0.md", 2, "article-date") in found
    assert ("post-0.md", 4, "unknown-category") in found
    assert ("post-0.md", 7, "misspelt-key") in found
    assert ("post-0.md", 8, "unknown-status") in found
    assert ("rubrik.md", 1, "no-header") in found
    assert ("pages/om.md", 2, "unknown-key") in found
    assert "issues/2025-01/" in next(p.text for p in problems if p.path.endswith("/post-0.md") and p.line == 1)
    assert not {code for _, _, code in found} & {"crowded-issue", "duplicate-slug", "too-many-pins"}


def test_a_pelican_folder_that_follows_its_remedies_is_a_magazine(tmp_path: Path) -> None:
    """Moved into an issue, with `modified` for the date, `authors` and a known category, a post is an article."""
    post = (
        "Title: Inlägg 3: en rubrik\nModified: 2026-11-05 10:20\nCategory: Nyheter\nTags: a, b\nSlug: inlagg\n"
        "Authors: Anna\nStatus: published\nSummary: Kort.\n\nText med [en länk]({filename}annan.md).\n"
    )
    record = one(tmp_path, post, path="issues/2026-11/2025-01-05-post.md")
    assert (record.url, record.authors, record.tags) == ("/2026-11/inlagg/", ("Anna",), ("a", "b"))
