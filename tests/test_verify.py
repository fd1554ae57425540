"""What is looked at before a site is published: every file of it, as readers' programs will."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from desk import embargo, manifest
from desk.build import Built, build, load_settings
from desk.publish import Unfit, fit
from desk.verify import FAULTS, Fault
from plugins.magazine.words import Words
from tests.building import TODAY, draw, write_magazine, write_settings


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """A magazine with something to hide: an issue to come, and a draft, with pictures and files."""
    root = tmp_path_factory.mktemp("magazine")
    plan = [{"src": "files/plan.pdf", "title": "Planen"}]
    content = write_magazine(
        root,
        {
            "2026-11/oppen": {"title": "Den öppna artikeln", "files": plan, "body": "[Sök](/sok/) och läs."},
            "2026-11/utkast": {"title": "Ett hemligt utkast", "status": "draft", "files": plan},
            "2026-12/issue": {"title": "Nästa nummer", "date": "2026-12-01"},
            "2026-12/dold": {
                "title": "En dold nyhet",
                "image": {"src": "images/dold.png", "alt": "Dold"},
                "files": [{"src": "files/dold.pdf", "title": "Dolt"}],
            },
        },
    )
    draw(content / "issues/2026-12/images/dold.png")
    for issue, name, data in (
        ("2026-11", "plan", b"%PDF-1.7 a"),
        ("2026-12", "dold", b"%PDF-1.7 b"),
        ("2026-12", "oanvand", b"x"),
    ):
        path = content / f"issues/{issue}/files/{name}.pdf"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    given = write_settings(root, JOBS=1, CACHE_PATH=str(root / "cache"))
    return build(load_settings(given, today=TODAY))


@pytest.fixture
def site(built: Built, tmp_path: Path) -> Path:
    """A copy of the built site, to be spoilt."""
    return Path(shutil.copytree(built.site.settings.content.parent / "output", tmp_path / "site"))


def look(folder: Path, built: Built) -> tuple[str, ...]:
    return fit(folder, manifest.measure(folder), built.site)


def refused(folder: Path, built: Built) -> str:
    """What is said of a site that is not fit to be published, without the first line."""
    with pytest.raises(Unfit) as caught:
        look(folder, built)
    return str(caught.value).partition("\n")[2]


def test_a_sound_site_is_let_through(site: Path, built: Built) -> None:
    """Without a word."""
    assert look(site, built) == ()


PAGE = "2026-11/oppen/index.html"


@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        (PAGE, 'href="/sok/"', 'href="/borta/"', "/2026-11/oppen/: ”/borta/” (a href) leder ingenstans"),
        (PAGE, 'href="/sok/"', 'href="/sok/#borta"', "/2026-11/oppen/: ”/sok/#borta” (a href) leder till ett ankare"),
        (PAGE, 'href="/sok/"', 'href="/sok/?q=x#borta"', "”/sok/?q=x#borta” (a href) leder till ett ankare"),
        (PAGE, 'href="/sok/"', 'href="/sok/index.html#borta"', "/2026-11/oppen/: ”/sok/index.html#borta” (a href)"),
        (
            "theme/css/",
            "body {",
            "body { background: image-set('/a.avif' 1x, url(/b.avif) 2x);",
            "”/a.avif” (url) leder",
        ),
        (
            "utskick/2026-11.json",
            "/2026-11/oppen/",
            "/2026-11/oppen/#borta",
            "/utskick/2026-11.json: ”/2026-11/oppen/#",
        ),
        ("feed.xml", "/2026-11/oppen/", "/2026-11/oppen/#borta", "/feed.xml: ”/2026-11/oppen/#borta” (xml) leder till"),
        (PAGE, "<main", "<main onclick='x()'", "/2026-11/oppen/: <main onclick> står i sidan"),
        (
            PAGE,
            "<main",
            '<img alt="" src="https://x.example/y.png"><main',
            "/2026-11/oppen/: ”https://x.example/y.png”",
        ),
        (PAGE, "<main", '<img alt="" srcset="/a.png 1w, /b.png 2w"><main', "”/a.png” (img srcset) leder ingenstans"),
        (PAGE, "/2026-11/files/plan.pdf", "/2026-11/files/plan2.pdf", "”/2026-11/files/plan2.pdf” (a href) leder"),
        ("theme/css/", "../fonts/literata-1", "../fonts/x", "(url) leder ingenstans"),
        ("atom.xml", "</feed>", "", "/atom.xml: går inte att läsa: XMLSyntaxError"),
        (
            "feed.xml",
            "https://magasinet.example/2026-11/oppen/",
            "https://magasinet.example/2026-11/o/",
            "”/2026-11/o/” (xml)",
        ),
        ("feed.json", "https://jsonfeed.org", "https://annat.example", "/feed.json: går inte att läsa: ValueError"),
        ("feed.json", "{", "", "/feed.json: går inte att läsa: JSONDecodeError"),
        (
            "sitemap.xml",
            "/2026-11/oppen/",
            "/2026-11/stangd/",
            "/sitemap.xml: ”/2026-11/stangd/” (xml) leder ingenstans",
        ),
        (
            "magazine.json",
            '"url":"/2026-11/"',
            '"url":"/2026-13/"',
            "/magazine.json: ”/2026-13/” (json) leder ingenstans",
        ),
        ("magazine.json", '"live"', '"leve"', "/magazine.json: går inte att läsa: KeyError: 'live'"),
        (
            "utskick/2026-11.json",
            '"preheader"',
            '"preheder"',
            "/utskick/2026-11.json: går inte att läsa: ValueError: preheader",
        ),
        ("utskick/2026-11.json", "/2026-11/oppen/", "/2026-11/o/", "/utskick/2026-11.json: ”/2026-11/o/” (json)"),
    ],
)
def test_what_readers_would_stumble_on_is_found(
    site: Path, built: Built, path: str, old: str, new: str, said: str
) -> None:
    """Each with the file it is in. Nothing else of the site is blamed."""
    (file,) = list((site / path).glob("magazine.*.css")) if path.endswith("/") else [site / path]
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    lines = refused(site, built).splitlines()
    assert said in lines[0]
    assert len({re.split(r": |:\d+: ", line)[1] for line in lines}) == 1


@pytest.mark.parametrize("gone", ["2026-11/files/plan.pdf", "2026-11/index.html", "theme/fonts/literata-1.woff2"])
def test_a_file_that_is_missing_is_found_where_it_is_wanted(site: Path, built: Built, gone: str) -> None:
    """A file to fetch, a page, a font that a style asks for."""
    (site / gone).unlink()
    assert f"/{gone.removesuffix('index.html')}” (" in refused(site, built)


def test_too_much_is_too_much(site: Path, built: Built) -> None:
    """A page, a style, a feed, and a page with all that it waits for: each has its limit."""
    with (site / PAGE).open("a", encoding="utf-8") as page:
        page.write("x" * 300_000)
    with next((site / "theme/css").glob("print.*.css")).open("a", encoding="utf-8") as style:
        style.write("/*" + "x" * 1_600_000 + "*/")
    said = refused(site, built)
    assert "/2026-11/oppen/: 312 kB är mer än" in said.replace("\N{NO-BREAK SPACE}", " ") or "”page”" in said
    assert "”style”" in said
    assert "”first view”" in said
    assert "”data”" not in said


# -- The embargo -------------------------------------------------------------------------------------------------------


def test_what_must_not_be_out_is_known(built: Built) -> None:
    """What is of the issue to come, also files that no text uses yet; but not what an open text shares."""
    secrets = embargo.secrets(built.site)
    assert {path for path in secrets.paths if not path.startswith("utskick")} == {
        "2026-11/utkast/",
        "2026-12/",
        "2026-12/dold/",
        "2026-12/files/dold.pdf",
    }
    sources = set(secrets.digests.values())
    assert sources == {"issues/2026-11/utkast.md", "issues/2026-12/dold.md", "issues/2026-12/issue.md"}
    assert len(secrets.digests) == 6
    assert list(secrets.pictures.values()) == ["issues/2026-12/dold.md"]
    assert secrets.titles == ("En dold nyhet", "Ett hemligt utkast", "Nästa nummer")


@pytest.mark.parametrize(
    ("source", "to"),
    [
        ("issues/2026-12/files/dold.pdf", "2026-11/files/annat.pdf"),
        ("issues/2026-12/files/oanvand.pdf", "2026-11/files/annat.pdf"),
        ("issues/2026-12/images/dold.png", "theme/img/dold.png"),
        ("issues/2026-11/utkast.md", "search/utkast.bin"),
        ("issues/2026-11/oppen.md", "2026-12/dold/index.html"),
        ("issues/2026-11/oppen.md", "utskick/2026-12.json"),
    ],
)
def test_an_unreleased_byte_stops_the_publishing(site: Path, built: Built, source: str, to: str) -> None:
    """Whatever name it has, and whatever stands under an unreleased name."""
    (site / to).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(built.site.settings.content / source, site / to)
    assert ", som inte är utgivet" in refused(site, built)


def test_a_rendition_of_an_unreleased_picture_stops_the_publishing(site: Path, built: Built) -> None:
    """It is known by the digest in its name."""
    (digest,) = embargo.secrets(built.site).pictures
    (site / f"2026-11/images/x-480.{digest}.webp").parent.mkdir(exist_ok=True)
    (site / f"2026-11/images/x-480.{digest}.webp").write_bytes(b"RIFF")
    assert refused(site, built).endswith("hör till issues/2026-12/dold.md, som inte är utgivet")


def test_an_unreleased_title_is_pointed_out(site: Path, built: Built) -> None:
    """It may be meant: an editorial can say what comes next. So it stops nothing."""
    page = site / PAGE
    page.write_text(page.read_text(encoding="utf-8").replace("och läs", "och läs En dold nyhet"), encoding="utf-8")
    (hint,) = look(site, built)
    assert "oppen.md:1: " in hint
    assert (
        hint.partition(".md:1: ")[2]
        == "/2026-11/oppen/: innehåller titeln ”En dold nyhet”, som inte är utgiven; är det meningen?"
    )


def test_an_unreleased_title_is_known_however_it_is_written() -> None:
    """With its signs as they stand in a page, by two ways of writing it, and in data."""
    title = 'Rum & "plats" för alla'
    secrets = embargo.Secrets(titles=(title,))
    for text in (
        'Rum &amp; "plats" för alla',
        "Rum &amp; &#34;plats&#34; för alla",
        'Rum & \\"plats\\" för alla',
        title,
    ):
        assert secrets.named(f"<p>{text}</p>") == {title}
    assert secrets.named("Rum för alla") == embargo.Secrets().named(title) == set()


def test_json_of_authors_is_not_read(site: Path, built: Built) -> None:
    """What is attached is its authors' affair."""
    (site / "2026-11/files/data.json").write_text("{", encoding="utf-8")
    assert look(site, built) == ()


def test_every_fault_can_be_said(built: Built) -> None:
    """In both languages."""
    facts: dict[str, Any] = {"what": "a", "target": "b", "size": 1, "most": 2}
    for lang in ("sv", "en"):
        texts = [Fault("/x/", code, **facts).said(Words(lang)) for code in FAULTS]
        assert len(set(texts)) == len(FAULTS)
        assert not [text for text in texts if "{" in text]
