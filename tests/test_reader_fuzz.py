"""Broken and hostile content: reading says what is wrong, in time, and does nothing else.

`FUZZ_SECONDS=600 pytest tests/test_reader_fuzz.py` looks for that long, each time from new beginnings.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from bs4 import BeautifulSoup
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from jinja2 import Environment

from plugins.checks import check
from plugins.magazine import content
from plugins.magazine.assets import Assets
from plugins.magazine.body import Body, Surroundings, convert
from plugins.magazine.entries import Content
from plugins.magazine.files import Files
from plugins.magazine.frontmatter import decode, take_apart
from plugins.magazine.limits import TookTooLong, time_limit
from plugins.magazine.messages import ERRORS, WARNINGS, Report
from plugins.magazine.problems import Problem, as_github, as_json, as_text, errors
from plugins.magazine.settings import Settings
from plugins.magazine.site import Site
from plugins.magazine.words import NBSP, Words
from tests.reading import ARTICLE_PATH, ISSUE, ISSUE_PATH, article, picture, read, settings, write

ROOT = Path(__file__).parent.parent
FUZZ_SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
LIMIT = 0.3
"""How long one text may compute here, in seconds."""
# Hypothesis times Python's collecting of garbage, where an alarm is said and forgotten; it goes off again.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
PATIENCE = 8.0
"""How long anything at all may take on a busy machine."""


@pytest.fixture(autouse=True, scope="module")
def short_limit() -> Iterator[None]:
    with TemporaryDirectory() as name:  # what is imported on first use is not counted
        with_files(Path(name), {ARTICLE_PATH: article("![Ett torg](a.png)")})
        read(Path(name))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("plugins.magazine.source.SECONDS", LIMIT)
        yield


def fuzz(**strategies: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[[], None]]:
    """Hypothesis, for as long as FUZZ_SECONDS says; in a plain run, a moment."""

    def decorate(test: Callable[..., None]) -> Callable[[], None]:
        checks = list(HealthCheck)

        def batch(number: int) -> Callable[[], None]:
            quiet = hypothesis_settings(max_examples=50, deadline=None, suppress_health_check=checks, print_blob=True)
            run: Callable[[], None] = quiet(given(**strategies)(test))
            return run if number == 0 else seed(random.getrandbits(64))(run)

        @wraps(test)
        def run() -> None:
            end = time.monotonic() + FUZZ_SECONDS / TESTS
            batch(0)()
            while time.monotonic() < end:
                batch(1)()

        del run.__wrapped__  # or pytest would look for fixtures of these names
        return run

    return decorate


TESTS = 8
"""How many tests share FUZZ_SECONDS."""


# -- What always holds -------------------------------------------------------------------------------------------------


def held(folder: Path) -> dict[str, tuple[int, int]]:
    """Everything in a folder, with its size and time."""
    found = {}
    for here, names, files in os.walk(folder):
        for name in (*names, *files):
            status = os.lstat(os.path.join(here, name))  # noqa: PTH118  # names may be no text
            found[os.path.join(here, name)] = (status.st_size, status.st_mtime_ns)  # noqa: PTH118
    return found


def survives(root: Path, texts: int = 2) -> Content:
    """Read what is in `root`/content; check all that must hold whatever is in there."""
    made = settings(root)
    before = held(root)
    started = time.monotonic()
    found = read(root)
    assert time.monotonic() - started < PATIENCE + 2 * LIMIT * texts
    sound(checked(made, found))
    assert held(root) == before
    assert not made.output.exists()
    sound(found.problems)
    faulty = {problem.path for problem in errors(found.problems)}
    pages = [(e.source, e.record.body) for e in found.articles] + [(e.source, e.record.body) for e in found.pages]
    for source, html in pages + [(e.source, e.record.editorial) for e in found.issues]:
        if found.shown(source) not in faulty:
            harmless(html)
    return found


def checked(made: Settings, found: Content) -> list[Problem]:
    """What the checks of the whole magazine find in what was read."""
    return check(
        Site(
            settings=made,
            words=Words("sv"),
            content=found,
            magazine=found.magazine(made),
            env=Environment(autoescape=True),
            assets=Assets(made.theme, {}),
        )
    )


def sound(problems: tuple[Problem, ...] | list[Problem]) -> None:
    """Every problem has a file, a line in it, a known code, and one line of words that can be shown."""
    lengths: dict[str, int] = {}
    for problem in problems:
        assert problem.code in ERRORS | WARNINGS
        if problem.path not in lengths:
            lengths[problem.path] = count_lines(Path(problem.path))
        assert 1 <= problem.line <= lengths[problem.path]
        assert (problem.path + problem.text).replace(NBSP, "").isprintable()
        assert len(problem.text) < 2000
    for form in (as_text, as_json, as_github):
        form(list(problems)).encode()


def count_lines(path: Path) -> int:
    """How many lines a file has, as editors count them; of what is no file, as many as anybody says."""
    if not path.is_file():
        return sys.maxsize
    return path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n") + 1


FORBIDDEN = "script style iframe object embed applet form input button base meta link svg math template noscript title"


def harmless(html: str) -> None:
    """Nothing in it acts by itself, and it neither swallows what comes after it nor ends what it stands in."""
    page = f'<!DOCTYPE html><html><body><main id="in">{html}</main><p id="after">"\'</p></body></html>'
    for parser in ("html.parser", "lxml"):
        soup = BeautifulSoup(page, parser)
        after, main = soup.find(id="after"), soup.find("main")
        assert after is not None
        assert main is not None
        assert main.next_sibling is after
        for element in main.find_all(True):
            assert element.name not in FORBIDDEN.split()
            for name, value in element.attrs.items():
                text = " ".join(value) if isinstance(value, list) else str(value)
                assert not name.startswith("on")
                assert name.replace("-", "").isalnum()
                assert name != "style"
                if name in ("href", "src", "action", "formaction", "srcset", "cite"):
                    scheme = "".join(text.split()).lower().partition(":")[0]
                    assert scheme not in ("javascript", "vbscript", "data", "file", "blob")


@pytest.mark.parametrize(
    "html",
    [
        "<script>x</script>",
        "<p onclick=x>x</p>",
        "<a href=' JaVa\nscript:x'>x</a>",
        "</main><p>x</p>",
        "<div>x",
        '<b title="x',
        "<p style='x'>x</p>",
        "<!-- x",
    ],
)
def test_the_harmless_are_told_from_others(html: str) -> None:
    """The measure used here sees what it is to see."""
    with pytest.raises(AssertionError):
        harmless(html)
    harmless("<p>Text <b>fet</b> <a href='https://x.example/?a=1&amp;b=2'>länk</a></p>")


# -- Random files ------------------------------------------------------------------------------------------------------

SAMPLES = [path.read_bytes() for path in sorted((ROOT / "content").rglob("*.md"))] or [article().encode()]

SNIPPETS = r"""
--- ... : - * _ # ## ###### > 1. + ~ ~~~ ``` `` ` [ ] ( ) ![ ]( ](# [^1] [^1]: *[HTML]: {: } {#a} {.dekorativ}
{:onclick=x} {:role=region} {:href=javascript:x} {:.footnote} {:class=footnote-ref} | |-|-| <b> </b> <b <p> </p> <div>
</div> <br> <br/> <!-- --> <![CDATA[ ]]> <?php <!DOCTYPE <script> </script> <img/src=x onerror=x> <p title="x <svg> <a
href="javascript:x"> <details open> onclick= style= javascript: javascript&colon; &#106; &#0; &#x1F; &amp; &copy &foo;
& < > " ' \ \[ \` {filename} {static} |attach| a.md ../ ../../.. / /2026-11/ # #a mailto: http:// http://[ //x // %00
%2e%2e/ https://prov.example/ title: category: nyheter summary: tags: [a,b] image: src: alt: event: start: 2026-11-20
files: order: 1e9 pinned: ja status: draft lang: en translation_of: date: &a *a !!python/object <<: ? | > @ % 25:00
wzxhzdk:0 [1]: <https://x.example> <a@b.example> ![](a.png) [x](a.md"t") Term == -- ---- $ € å 🙂
""".split()
SIGNS = ["\t", "\r", "\r\n", "\0", "\x1b", "\x02", "\x03", "\x02wzxhzdk:0\x03", "\u2028", "\ufeff", "\u202e"]
BREAKS = [
    "\n",
    "\n\n",
    "\n\n\n",
    "    ",
    "\n    ",
    "\n> ",
    "\n- ",
    "\n1. ",
    "\n---\n",
    " ",
    "\n[^1]: ",
    "\n: ",
    "\n\n    - ",
]


def snippets(most: int = 30) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(SNIPPETS + SIGNS + BREAKS * 3) | st.text(max_size=5), max_size=most).map("".join)


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """One of the sample's own texts, a little or much damaged."""
    data = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 6))):
        at, end = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        piece = draw(snippets(3).map(lambda text: text.encode(errors="replace")) | st.binary(max_size=3))
        match draw(st.sampled_from("insert replace delete repeat cut swap line".split())):
            case "insert":
                data = data[:at] + piece + data[at:]
            case "replace":
                data = data[:at] + piece + data[at + len(piece) :]
            case "delete":
                data = data[:at] + data[min(end, at + 40) :]
            case "repeat":
                data = data[:end] + data[at:end][:2000] * draw(st.integers(1, 3)) + data[end:]
            case "cut":
                data = data[:end]
            case "swap":
                data = data[at:] + data[:at]
            case _:
                lines = data.split(b"\n")
                random_line = draw(st.integers(0, len(lines) - 1))
                lines.insert(draw(st.integers(0, min(20, len(lines)))), lines[random_line])
                data = b"\n".join(lines)
    return data


def with_files(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write a sound issue with these files in it or over it."""
    write(root, {ISSUE_PATH: ISSUE, "issues/2026-11/a.png": PICTURE, "issues/2026-11/a.md": article(), **files})


PICTURE = picture()


@fuzz(data=st.binary(max_size=300) | st.text(max_size=100).map(lambda text: text.encode(errors="surrogatepass")))
def test_any_bytes(data: bytes) -> None:
    """A file of any bytes, as an article, an issue and a page."""
    with TemporaryDirectory() as name:
        with_files(Path(name), {ARTICLE_PATH: data, "issues/2026-12/issue.md": data, "pages/om.md": data})
        survives(Path(name))


@fuzz(data=mutations())
def test_damaged_texts(data: bytes) -> None:
    """A text of the sample after an accident, as an article, an issue and a page."""
    with TemporaryDirectory() as name:
        with_files(Path(name), {ARTICLE_PATH: data, "issues/2026-12/issue.md": data, "pages/om.md": data, "x.md": data})
        survives(Path(name))


@fuzz(text=snippets())
def test_any_markdown(text: str) -> None:
    """A sound header and any text."""
    with TemporaryDirectory() as name:
        with_files(Path(name), {ARTICLE_PATH: article(text).encode(errors="replace")})
        survives(Path(name))


@fuzz(lines=snippets(12), plain=st.booleans())
def test_any_header(lines: str, plain: bool) -> None:
    """Any lines as a header, in both forms."""
    with TemporaryDirectory() as name:
        text = f"Title: {lines}\n\nText" if plain else f"---\ntitle: T\n{lines}\n---\nText"
        with_files(Path(name), {ARTICLE_PATH: text.encode(errors="replace")})
        survives(Path(name))


HTML = r"""
<b <p <span <br <li <td title= class= lang= cite= " ' > </b> </p> </span> <b> <p> <span§lang="en"> onclick=x
§onclick=x// javascript:x [a§b]( ]( [ ] <https://x.example/ https://x.example/ a.md a.png ) ( = / ` `` <! <!-- -->
<![x[ ]]> &lt; &quot; &#34; &gt; \ {:§title=" {:§.footnote-ref {:§#fnx §} * ** _ ![x](a.png§" ![x]( ") <details>
</details> <summary> </summary> -§ >§ |§a§|§b§|§ |---|---| | [^1] [^1]:§ *[x]:§ [1]:§ [1] "x" <a@x.example> &colon;
&Tab; %0a <pre> </pre> <code> </code> <ol§start=" <time§datetime=" <section> </section> <q§cite=" </q> <ul> <li> </li>
</ul> <table> <tr> <td> </td> </tr> </table> #fn {# } <x@ @ >> << x§
""".split()
"""§ stands for a blank."""


@fuzz(pieces=st.lists(st.sampled_from(HTML + BREAKS), max_size=14))
def test_html_that_is_let_through(pieces: list[str]) -> None:
    """Pieces of HTML and Markdown put together in all ways: what is not refused does no harm."""
    text = "".join(pieces).replace("§", " ")
    with TemporaryDirectory() as name:
        with_files(Path(name), {})
        around = surroundings(Path(name))
        report = Report("x.md", around.words, [])
        body = convert(text, 1, ARTICLE_PATH, "sv", around, report)
    sound(report.problems)
    if not errors(report.problems):
        harmless(body.html)


def surroundings(root: Path) -> Surroundings:
    return Surroundings(
        files=Files(root / "content"),
        addresses={"issues/2026-11/a.md": "/2026-11/a/"},
        own_hosts=frozenset(("prov.example",)),
        base="",
        words=Words("sv"),
    )


def readable(text: str) -> str:
    """What `decode` lets through."""
    report = Report("x.md", Words("sv"), [])
    return decode(text.encode(errors="replace"), report) or ""


@fuzz(text=snippets(60))
def test_converting_any_text(text: str) -> None:
    """`body.convert` by itself: no exception; the next text is converted as if this one had not been there."""
    text = readable(text)
    with TemporaryDirectory() as name:
        with_files(Path(name), {})
        around = surroundings(Path(name))
        report = Report("x.md", around.words, [])
        body = convert(text, 1, ARTICLE_PATH, "sv", around, report)
        again = convert(text, 1, ARTICLE_PATH, "sv", around, Report("x.md", around.words, []))
    assert body == again
    sound(report.problems)
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in report.problems)
    if not errors(report.problems):
        harmless(body.html)


@fuzz(text=snippets(40).map(readable) | snippets(20).map(lambda text: readable(f"---\n{text}\n---\n")))
def test_taking_any_text_apart(text: str) -> None:
    """`frontmatter.take_apart` by itself: a document or a reason, and never a line lost or made."""
    report = Report("x.md", Words("sv"), [])
    if not text.strip():
        return
    document = take_apart(text, report)
    sound(report.problems)
    assert all(1 <= problem.line <= text.count("\n") + 1 for problem in report.problems)
    if document is None:
        assert errors(report.problems)
    else:
        assert document.body == "\n".join(text.split("\n")[document.body_line - 1 :])
        lines = document.header.key_lines.values()
        assert all(1 <= line < document.body_line for line in lines)


NAMES = st.text(st.characters(exclude_characters="/\0"), min_size=1, max_size=20)


@fuzz(chosen=st.lists(st.tuples(st.sampled_from(["", "issues/", "issues/2026-11/", "pages/"]), NAMES), max_size=4),
      folder=st.booleans())  # fmt: skip
def test_any_names(chosen: list[tuple[str, str]], folder: bool) -> None:
    """Files and folders with any names, with .md at the end."""
    with TemporaryDirectory() as name:
        root = Path(name)
        with_files(root, {})
        for where, odd in chosen:
            path = os.fsencode(root / "content" / where) + odd.encode("utf-8", "replace") + b".md"
            if folder:
                os.makedirs(path, exist_ok=True)  # noqa: PTH103
                path += b"/a.md"
            Path(os.fsdecode(path)).write_bytes(article().encode())
        survives(root)


# -- Things known to be nasty ------------------------------------------------------------------------------------------

N = 100_000
NASTY_TEXTS = {
    "brackets": "[" * N,
    "closing brackets": "]" * N,
    "bracket pairs": "[]" * (N // 2),
    "links in links": "[a](" * (N // 4),
    "link ends": "](" * (N // 2),
    "angles": "<" * N,
    "open tags": "<b>" * (N // 3),
    "tag beginnings": "<b " * (N // 3),
    "attributes": "<b " + "a=" * (N // 2) + ">",
    "open quotes in tags": '<b a="' * (N // 6),
    "comments": "<!--" * (N // 4),
    "comment ends": "<!-- " + "--!> " * (N // 5),
    "declarations": "<!" * (N // 2),
    "instructions": "<?" * (N // 2),
    "cdata": "<![CDATA[" * (N // 9),
    "marked sections": "<![x[ ]]>\n\n" * (N // 10),
    "end tags": "</b" * (N // 3),
    "divs": "<div>\n" * (N // 6),
    "divs by lines": "<div>\n\n" * (N // 7),
    "stars": "*" * N,
    "stars and letters": "*a" * (N // 2),
    "stars and blanks": "* " * (N // 2),
    "three stars": "***a" * (N // 4),
    "alternating": "*_" * (N // 2),
    "underlines": "_a" * (N // 2),
    "pictures": "![" * (N // 2),
    "pictures in links": "[![" * (N // 3),
    "backticks": "`" * N,
    "growing backticks": " ".join("`" * n for n in range(1, 440)),
    "backticks and letters": "`a" * (N // 2),
    "fences": "```\n" * (N // 4),
    "growing fences": "\n".join("`" * n for n in range(3, 440)),
    "tildes": "~" * N,
    "quotes": ">" * N,
    "quotes and blanks": "> " * (N // 2),
    "quotes by lines": "\n".join("> " * n + "a" for n in range(300)),
    "lists": "- " * (N // 2),
    "numbered lists": "1. " * (N // 3),
    "growing lists": "\n".join("    " * n + "- a" for n in range(200)),
    "lists and quotes": "> - " * (N // 4),
    "blank lines": "- a\n" + "\n" * N + "- b",
    "blanks": " " * N + "a",
    "tabs": "\t" * N + "a",
    "headings": "#" * N,
    "many headings": "## a\n\n" * (N // 6),
    "underlined": "a\n=\n" * (N // 4),
    "rules": "---\n" * (N // 4),
    "a table's row": "|" * N,
    "a wide table": "|".join("a" * 2000) + "\n" + "|".join("-" * 2000) + "\n" + "|".join("b" * 2000),
    "a long table": "a|b\n-|-\n" + "c|d\n" * (N // 4),
    "a jagged table": "|a|\n|-|\n" + "|" * N,
    "footnotes": "".join(f"[^{n}]" for n in range(5000)) + "\n\n" + "".join(f"[^{n}]: a\n" for n in range(5000)),
    "footnotes in footnotes": "[^0]\n\n" + "".join(f"[^{n}]: a[^{n + 1}]\n\n" for n in range(2000)),
    "footnotes of themselves": "[^1]\n\n[^1]: a[^1]" + "[^1]" * 5000,
    "footnote openings": "[^" * (N // 2),
    "abbreviations": "".join(f"*[a{n}]: b\n" for n in range(3000)) + "\n" + " ".join(f"a{n}" for n in range(3000)),
    "abbreviations of abbreviations": "".join(f"*[{'a' * n}]: {'b' * 50}\n" for n in range(1, 300))
    + "\n"
    + "a " * 9000,
    "an abbreviation of nothing": "*[]: a\n*[ ]: b\n\ntext",
    "references": "".join(f"[{n}]: x\n" for n in range(5000)) + "".join(f"[{n}] " for n in range(5000)),
    "reference openings": "[a]: <" * (N // 6),
    "definitions": "a\n:   b\n\n" * (N // 10),
    "colons": ":   " * (N // 4),
    "lists of attributes": "a {: " + "b=c " * (N // 4) + "}",
    "attribute openings": "{:" * (N // 2),
    "closing braces": "# a {" + "}" * N,
    "entities": "&" * N,
    "many entities": "&amp;" * (N // 5),
    "numbers of characters": "&#" + "9" * N + ";",
    "escapes": "\\" * N,
    "escaped brackets": "\\[" * (N // 2),
    "autolinks": "<http://" * (N // 8),
    "mail addresses": "<a@" * (N // 3),
    "links to nowhere": "[text här](a" * 3000,
    "many dead links": "[text här](x.md) " * 3000,
    "many pictures": "![alt](x.png)\n\n" * 3000,
    "many good links": "[text här](a.md) " * 3000,
    "one long word": "a" * 900_000,
    "one long line": "a " * 400_000,
    "straight quotes": "\"'" * (N // 2),
    "numbers": "1 000 " * (N // 6),
    "dashes": "-" * N,
    "dots": "." * N,
    "emoji": "🙂" * (N // 4),
    "combining": "a" + "\u0301" * N,
    "right to left": "\u202e" * (N // 3),
    "placeholders": "wzxhzdk:0 klzzwxh:0000 zz1337820767766393qq",
}


@pytest.mark.parametrize("name", NASTY_TEXTS)
def test_nasty_markdown(name: str, tmp_path: Path) -> None:
    """Markdown made to be slow or deep: it is converted or refused, in time, and the next text is not touched by it."""
    with_files(tmp_path, {ARTICLE_PATH: article(NASTY_TEXTS[name]), "issues/2026-11/z.md": article("> - [x][y] *och*")})
    found = survives(tmp_path)
    last = next(entry.record for entry in found.articles if entry.record.slug == "z")
    assert last.body == "<blockquote>\n<ul>\n<li>[x][y] <em>och</em></li>\n</ul>\n</blockquote>"


DEEP_TEXTS = {
    "quotes": "\n".join("> " * n + "a\n" for n in range(1, 400)),
    "lists": "\n".join("    " * n + "- a" for n in range(400)),
    "emphasis": "".join("*a **b " for _ in range(2000)) + "".join("c** d*" for _ in range(2000)),
    "links": "[" * 500 + "a" + "](a.md)" * 500,
    "html": "<div>" * 3000 + "</div>" * 3000,
    "spans": "<b>" * 3000 + "a" + "</b>" * 3000,
}


@pytest.mark.parametrize("name", DEEP_TEXTS)
def test_deep_markdown(name: str, tmp_path: Path) -> None:
    """Balanced but very deep: the same."""
    with_files(tmp_path, {ARTICLE_PATH: article(DEEP_TEXTS[name])})
    survives(tmp_path)


LAUGHS = "\n".join(f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(9))
NASTY_HEADERS = {
    "a billion laughs": f"a: &a [lol]\n{LAUGHS}",
    "braces": "{" * 5000,
    "brackets": "tags: " + "[" * 900 + "]" * 900,
    "brackets and an anchor": "tags: " + "[" * 100_000 + " &a",
    "question marks": "? " * 5000,
    "dashes": "- " * 5000,
    "colons": ":" * 100_000,
    "colons and blanks": ": " * 50_000,
    "quotes": '"' * 100_000,
    "single quotes": "'" * 100_001,
    "pipes": "|\n" * 50_000,
    "commas": "tags: [" + "," * 50_000 + "]",
    "many keys": "".join(f"key{n}: x\n" for n in range(3000)),
    "many more keys": "".join(f"k{n}: x\n" for n in range(80_000)),
    "many equal keys": "tags: x\n" * 5_000,
    "many tags": "tags: [" + "a, " * 100_000 + "]",
    "many different tags": "tags: [" + ", ".join(f"a{n}" for n in range(50_000)) + "]",
    "one long key": "a" * 100_000 + ": x",
    "one long value": "kind: " + "a" * 100_000,
    "a merge": "<<: {title: x}\n<<: [a]",
    "a tag": "title: !!python/object/apply:os.system [x]",
    "a tag of ours": "%TAG ! tag:x,2026:\n--- !a",
    "directives": "%YAML 9.9",
    "a set": "? a\n? b",
    "two documents": "title: a\n--- b: c\n--- d",
    "keys that are no words": "1: a\nnull: b\ntrue: c\n2026-11-01: d\n? [x]\n: e\n? {a: b}\n: f\n~: g",
    "an empty key": ": a\n'': b",
    "tabs": "\ttitle:\t\ta\n\tb",
    "invisible": "ti\u200btle: a\nt\u00a0: b\n\ufeff: c",
    "escapes": 'title: "\\0\\a\\b\\e\\x07\\u2028\\ud800\\U0010FFFF\\uFFFF"',
    "deep groups": "\n".join("  " * n + "a:" for n in range(900)),
    "deep sequences": "\n".join(" " * n + "-" for n in range(900)),
    "a long folded text": "summary: >\n" + "  a\n" * 100_000,
    "numbers": "order: 1" + "0" * 10_000,
    "no number": "order: ٣\npinned: TRUE\nmodified: ２０２６-１１-０１",
    "dates": "modified: 9999-99-99\nevent: {start: 0000-00-00, end: 99999-01-01}",
    "odd groups": "image: {src: [a], alt: {b: c}}\nevent: {start: {}, programme: {}}\nfiles: [{src: a}, {}]",
    "languages": "lang: 'x-\u0000-'\ntranslation_of: '..'",
    "paths": "image: {src: '/', alt: x}\nfiles: [{src: '..', title: a}, {src: '.', title: a}, {src: '\\', title: a}]",
    "more paths": "image: {src: 'C:\\a.png', alt: x}\nfiles: [{src: '//x/a.pdf', title: a}, {src: '%00', title: a}]",
    "addresses": "moved_from: [//x, '/\\x', '/a b', /../x, '/?', '']",
}


@pytest.mark.parametrize("name", NASTY_HEADERS)
def test_nasty_headers(name: str, tmp_path: Path) -> None:
    """YAML made to grow, to nest, to make objects or to mean something else: refused, in time, wherever it stands."""
    places = (ARTICLE_PATH, "issues/2026-12/issue.md", "pages/om.md")
    with_files(tmp_path, dict.fromkeys(places, f"---\n{NASTY_HEADERS[name]}\n---\n\nText.\n"))
    found = survives(tmp_path, 3)
    assert len({problem.path for problem in errors(found.problems)}) == 3


@pytest.mark.parametrize("name", ["long values", "long keys", "continued"])
def test_nasty_plain_headers(name: str, tmp_path: Path) -> None:
    """Pelican's plain header, very long in every direction."""
    text = {"long values": "Title: " + "a: " * 100_000, "long keys": "a" * 300_000 + ": b",
            "continued": "Title: a\n" + "  b\n" * 200_000}[name]  # fmt: skip
    with_files(tmp_path, {ARTICLE_PATH: text})
    survives(tmp_path)


def test_headers_too_deep_for_the_parser(tmp_path: Path) -> None:
    """A hundred thousand levels do not take the process down with them (so they are read in another)."""
    files: dict[str, str | bytes] = {}
    for n, opening in enumerate(("[", "{", "- ", "? ", "[{a: ", "a: [", "[ ? ", "{? [", "!!x [", "&a [")):
        deep = opening * 100_000
        for m, text in enumerate((f"---\ntitle: {deep}\n---\nText", f"---\n{deep}\n---\nText", deep)):
            files[f"issues/2026-11/a{n}{m}.md"] = text
    with_files(tmp_path, files)
    script = (
        "import sys; from pathlib import Path; from tests.reading import read; from plugins.magazine import source;"
        " source.SECONDS = 2; print(*sorted({p.code for p in read(Path(sys.argv[1])).problems}))"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    codes = set(done.stdout.split())
    assert {"bad-yaml", "too-tangled", "no-header"} <= codes <= {*ERRORS, *WARNINGS}


# -- Odd folders -------------------------------------------------------------------------------------------------------


def test_folders_deeper_than_any_stack(tmp_path: Path) -> None:
    """Eleven hundred folders in one another are walked."""
    write(tmp_path, {ISSUE_PATH: ISSUE, "kultur/a.md": article()})
    start = Path.cwd()
    try:
        for folder in ("content/kultur", "content/issues/2026-11"):
            os.chdir(tmp_path / folder)
            for _ in range(1100):
                os.mkdir("d")  # noqa: PTH102
                os.chdir("d")
        os.chdir(start)
        assert {problem.code for problem in read(tmp_path).problems} == {"outside-issues"}
    finally:
        os.chdir(start)
        subprocess.run(["rm", "-r", str(tmp_path / "content")], check=True)  # Python's own ways to remove are recursive


def test_folders_named_like_texts_and_texts_named_like_folders(tmp_path: Path) -> None:
    """What has the wrong nature for its name is no reason to fall."""
    for n, files in enumerate((
        {"issues": "text"}, {"pages": "text"}, {"issues/2026-11": "text"}, {"issues.md/a.md": "text"},
        {"issues/2026-11.md/a.md": "text"}, {"issues/2026-11/issue.md/a.md": "text"}, {"pages/om.md/a.md": "text"},
        {"issues/2026-11/images.md/issue.md": article()}, {"issues/2026-11/.md": "text", "issues/2026-11/ .md": "text"},
        {"issues/-.md": "", "issues/2026-11/-.md": article(), "issues/2026-11/....md": article()},
        {"issues/2026-11/con.md": article(), "issues/2026-11/A.MD": "text", "issues/2026-11/å/é.md": article()},
    )):  # fmt: skip
        write(tmp_path / str(n), files)
        survives(tmp_path / str(n))


def test_links_in_circles(tmp_path: Path) -> None:
    """Symbolic links to themselves, to each other and upwards, as folders and as texts."""
    with_files(tmp_path, {})
    folder = tmp_path / "content"
    for name, target in {
        "issues/2026-11/up": "../..",
        "issues/2026-11/self.md": "self.md",
        "issues/2026-11/one.md": "two.md",
        "issues/2026-11/two.md": "one.md",
        "issues/2026-10": "../issues",
        "issues/2026-09": "2026-09",
        "everything": "/",
        "again": ".",
        "pages": "issues/2026-11",
    }.items():
        (folder / name).symlink_to(target)
    survives(tmp_path)


def test_a_folder_that_goes_away_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that was listed and is gone when it is opened is a mistake with a reason."""
    with_files(tmp_path, {ARTICLE_PATH: article()})
    (tmp_path / "content" / ARTICLE_PATH).unlink()
    monkeypatch.setattr(content, "sources", lambda *_: [ISSUE_PATH, ARTICLE_PATH])
    assert [problem.code for problem in read(tmp_path).problems] == ["unreadable"]


@pytest.mark.parametrize("data", [picture()[:n] for n in (0, 8, 30, 50)] + [
    b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"\xff\xff\xff\xff\xff\xff\xff\xff\x08\x02\0\0\0" + b"x" * 40,
    b"GIF89a\0\0\0\0\0\0\0", b"\xff\xd8\xff\xe0" + b"\0" * 50, b"RIFF\xff\xff\xff\xffWEBPVP8 " + b"\0" * 40,
    b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"P6 99999999 99999999 255\n",
])  # fmt: skip
def test_pictures_that_are_none(data: bytes, tmp_path: Path) -> None:
    """Broken, enormous and dangerous pictures are refused and open no other program."""
    with_files(tmp_path, {"issues/2026-11/b.png": data, ARTICLE_PATH: article("![Ett torg](b.png)")})
    assert {problem.code for problem in survives(tmp_path).problems} == {"bad-picture"}


# -- The limit ---------------------------------------------------------------------------------------------------------


def compute(seconds: float) -> None:
    """Keep the processor busy."""
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_a_text_that_takes_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit stops what is slow, says so at the text, and leaves the other texts alone."""
    with_files(tmp_path, {ARTICLE_PATH: article("Långsamt.")})

    def convert_late(text: str, *rest: Any) -> Body:
        if "Långsamt" in text:
            try:
                compute(30)
            except Exception as error:  # as many a library does
                raise ValueError from error
        return convert(text, *rest)

    monkeypatch.setattr("plugins.magazine.source.convert", convert_late)
    found = survives(tmp_path)
    assert [(problem.line, problem.code) for problem in found.problems] == [(6, "too-tangled")]
    assert next(entry.record for entry in found.articles if entry.record.slug == "a").body == "<p>Texten.</p>"


def test_the_limit_goes_on_where_exceptions_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """An alarm that goes off while Python collects garbage, where nobody can catch it, goes off again."""

    class Slow:
        def __del__(self) -> None:
            compute(0.2)

    forgotten: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", forgotten.append)

    def work() -> None:
        Slow()
        compute(10)

    with pytest.raises(TookTooLong), time_limit(0.1):
        work()
    assert len(forgotten) == 1


def test_the_limit_is_lifted_afterwards() -> None:
    """No alarm goes off after the block, what was to be done at one is again, and the next limit holds."""
    before = signal.getsignal(signal.SIGPROF)
    with time_limit(0.05):
        pass
    assert signal.getsignal(signal.SIGPROF) == before
    compute(0.1)
    with pytest.raises(TookTooLong), time_limit(0.05):
        compute(1)


def test_waiting_is_not_counted() -> None:
    """A text is not refused because the machine has other things to do."""
    with time_limit(0.1):
        time.sleep(0.3)
