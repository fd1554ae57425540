"""Nothing of what is not yet released, or never will be, is anywhere in the built site: not a word, name or pixel."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.building import build, draw, snapshot, write, write_magazine

RELEASE = dt.date(2026, 12, 1)
LATER = dt.date(2027, 1, 4)
DAY = dt.timedelta(days=1)

SECRET_COLOURS = {"issue": (203, 17, 119), "draft": (31, 203, 83), "late": (97, 41, 203)}
OPEN_COLOUR = (11, 83, 97)


class Canaries:
    """Hands out words that stand nowhere else, and remembers for each what it was put into."""

    def __init__(self, flock: str) -> None:
        self.flock = flock
        self.words: dict[str, str] = {}

    def __call__(self, where: str) -> str:
        word = "q" + hashlib.sha256(f"{self.flock} {where}".encode()).hexdigest()[:15]
        self.words[word] = where
        return word


class Content:
    """A magazine with secrets: an issue to come, one still later, and drafts in an issue that is out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.issue = Canaries("the issue to come")
        self.late = Canaries("the issue after that")
        self.draft = Canaries("drafts")
        self.digests: dict[str, list[str]] = {"issue": [], "late": [], "draft": []}
        self.write()

    def write(self) -> None:
        shown = {
            "image": {"src": "images/oppen.png", "alt": "En bild"},
            "tags": ["Öppet", "Las-7"],
            "places": ["Hamnen"],
        }
        articles: dict[str, Mapping[str, Any]] = {
            "2026-11/issue": {"title": "Novembernumret", "date": "2026-11-02", "body": "Editorialen."},
            "2026-11/oppen": {"title": "Den öppna artikeln", "authors": ["Redaktionen"], **shown},
            "2026-11/andra": {"title": "Den andra öppna artikeln", **shown},
        }
        for name, canary, issue, status in (
            ("issue", self.issue, "2026-12", "published"),
            ("late", self.late, "2027-01", "published"),
            ("draft", self.draft, "2026-11", "draft"),
        ):
            if name != "draft":
                articles[f"{issue}/issue"] = {
                    "title": f"Numret {canary('title of the issue')}",
                    "date": str(RELEASE if name == "issue" else LATER),
                    "lead": canary("slug of an article"),
                    "image": {
                        "src": f"images/{canary('name of the cover')}.png",
                        "alt": canary("alt of the cover"),
                        "credit": canary("credit of the cover"),
                    },
                    "body": f"Editorial {canary('editorial')}.",
                }
            article = canary("slug of an article")
            articles[f"{issue}/{article}"] = {
                "title": f"Om {canary('title')}",
                "category": "nyheter",
                "summary": f"Kort om {canary('summary')}.",
                "kind": "reportage",
                "status": status,
                "authors": [canary("byline"), "Redaktionen"],
                "tags": [canary("tag"), "Öppet", "LAS-7"],
                "places": [canary("place"), "Hamnen"],
                "image": {
                    "src": f"images/{canary('name of a picture')}.jpg",
                    "alt": canary("alt"),
                    "caption": canary("caption"),
                    "credit": canary("credit"),
                },
                "files": [{"src": f"files/{canary('name of a file')}.pdf", "title": canary("title of a file")}],
                "event": {
                    "start": "2026-12-20 13:00",
                    "place": canary("place of the event"),
                    "contact": f"{canary('contact')}@magasinet.example",
                    "programme": [canary("programme")],
                },
                "body": (
                    f"Text med {canary('text')}.\n\n## Om {canary('heading')}\n\n"
                    f"![{canary('alt in the text')}](images/{canary('picture in the text')}.png"
                    f' "{canary("caption in the text")}")\n\n'
                    f"[Länk till {canary('link text')}](files/{canary('linked file')}.txt), fot[^1].\n\n"
                    f"[^1]: Not {canary('footnote')}.\n"
                ),
            }
            articles[f"{issue}/{canary('slug of a translation')}"] = {
                "title": canary("title of a translation"),
                "summary": canary("summary of a translation"),
                "lang": "en",
                "translation_of": article,
                "status": status,
                "body": canary("text of a translation"),
            }
            articles[f"{issue}/{canary('slug of an article with a category of its own')}"] = {
                "category": "tomt",
                "title": canary("title in an empty category"),
                "status": status,
                "pinned": True,
                "order": 0,
            }
            self._files(name, issue, canary)
        # A translation of an open article can be a draft too, and an open translation can be of a draft.
        articles[f"2026-11/{self.draft('draft translation')}"] = {
            "title": self.draft("title of a draft translation"),
            "translation_of": "oppen",
            "lang": "en",
            "status": "draft",
        }
        articles[f"2026-11/{self.draft('translation of a draft')}"] = {
            "title": self.draft("title of a translation of a draft"),
            "translation_of": self.draft("slug of an article"),
            "lang": "fi",
            "tags": [self.draft("tag of a translation of a draft")],
        }
        write_magazine(self.root, articles)
        draw(self.root / "content" / "issues" / "2026-11" / "images" / "oppen.png", colour="rgb(11, 83, 97)")

    def _files(self, name: str, issue: str, canary: Canaries) -> None:
        folder = self.root / "content" / "issues" / issue
        pictures = [f"{canary('name of a picture')}.jpg", f"{canary('picture in the text')}.png"]
        if name != "draft":
            pictures.append(f"{canary('name of the cover')}.png")
        (folder / "files").mkdir(parents=True)
        for number, picture in enumerate(pictures):
            path = folder / "images" / picture
            path.parent.mkdir(exist_ok=True)
            image = Image.new("RGB", (520 + number, 340), SECRET_COLOURS[name])
            image.save(path, quality=95, comment=canary("comment in a picture").encode())
            self.digests[name].append(hashlib.sha256(path.read_bytes()).hexdigest()[:12])
        for where, suffix in (("name of a file", "pdf"), ("linked file", "txt")):
            (folder / "files" / f"{canary(where)}.{suffix}").write_bytes(
                b"%PDF " + canary(f"bytes of {where}").encode()
            )

    def build(self, day: dt.date) -> dict[str, bytes]:
        return snapshot(build(self.root, today=str(day), OUTPUT_PATH=str(self.root / f"site-{day}")))


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Content:
    return Content(tmp_path_factory.mktemp("embargo"))


@pytest.fixture(scope="module")
def before(content: Content) -> dict[str, bytes]:
    """The site of the last day before the release."""
    return content.build(RELEASE - DAY)


@pytest.fixture(scope="module")
def released(content: Content) -> dict[str, bytes]:
    """The site of the day of release."""
    return content.build(RELEASE)


def seen(site: dict[str, bytes], canaries: Canaries, *, prefix: str = "") -> set[str]:
    """Which of the canaries stand in the site's files or in their names."""
    everything = b"\0".join(name.encode() + b"\0" + data for name, data in site.items() if name.startswith(prefix))
    folded = everything.lower()
    return {where for word, where in canaries.words.items() if word.encode() in folded}


def colours(site: dict[str, bytes], folder: Path) -> Iterator[tuple[int, ...]]:
    """The colour in the middle of every published picture."""
    for name in site:
        if name.endswith((".webp", ".jpg", ".png")):
            with Image.open(folder / name) as picture:
                pixel = picture.convert("RGB").getpixel((picture.width // 2, picture.height // 2))
                assert isinstance(pixel, tuple)
                yield tuple(int(part) for part in pixel)


def near(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) < 12


def test_canaries_are_heard(content: Content) -> None:
    """The search finds a word wherever it stands in a site: without that, no other test here says anything."""
    assert len(content.issue.words) > 30
    assert len(content.draft.words) > 25
    word, where = next(iter(content.issue.words.items()))
    for site in ({f"x/{word}-1.webp": b""}, {"index.html": f"<p>{word.upper()}</p>".encode()}):
        assert seen(site, content.issue) == {where}


def test_day_before(content: Content, before: dict[str, bytes]) -> None:
    """The day before its release nothing of an issue is in the site: no word, name, picture, file or number."""
    assert seen(before, content.issue) == set()
    assert seen(before, content.late) == set()
    everything = b"".join(before.values()) + "".join(before).encode()
    for digest in content.digests["issue"] + content.digests["late"]:
        assert digest.encode() not in everything
    assert b"2026-12" not in everything
    assert b"2027-01" not in everything
    shown = list(colours(before, content.root / f"site-{RELEASE - DAY}"))
    assert any(near(colour, OPEN_COLOUR) for colour in shown)
    assert not [colour for colour in shown for secret in SECRET_COLOURS.values() if near(colour, secret)]


def test_release_day(content: Content, released: dict[str, bytes]) -> None:
    """On its day of release all of an issue is there; of the one after it still nothing."""
    hidden = set(content.issue.words.values()) - seen(released, content.issue)
    assert hidden == {"comment in a picture"}
    assert seen(released, content.late) == set()
    shown = list(colours(released, content.root / f"site-{RELEASE}"))
    assert any(near(colour, SECRET_COLOURS["issue"]) for colour in shown)
    assert not any(near(colour, SECRET_COLOURS["late"]) for colour in shown)
    assert b"2027-01" not in b"".join(released.values())


@pytest.mark.parametrize("day", [RELEASE - DAY, RELEASE])
def test_drafts(content: Content, before: dict[str, bytes], released: dict[str, bytes], day: dt.date) -> None:
    """A draft is nowhere, on no day: nor its words, pictures and files, nor a translation of it or by it."""
    site = before if day < RELEASE else released
    assert seen(site, content.draft) == set()
    everything = b"".join(site.values()) + "".join(site).encode()
    assert not [digest for digest in content.digests["draft"] if digest.encode() in everything]
    shown = colours(site, content.root / f"site-{day}")
    assert not [colour for colour in shown if near(colour, SECRET_COLOURS["draft"])]


def test_spelling_of_a_shared_tag(before: dict[str, bytes], released: dict[str, bytes]) -> None:
    """How an unreleased article spells a tag that others have too does not show."""
    assert b"Las-7" in before["amne/las-7/index.html"]
    assert not [name for name, data in before.items() if b"LAS-7" in data]
    assert [name for name, data in released.items() if b"LAS-7" in data]


def test_open_pages_are_the_same(content: Content, before: dict[str, bytes], tmp_path: Path) -> None:
    """A site with unreleased issues and drafts is, byte for byte, the site of a magazine that never had them."""
    without = Content(tmp_path)
    issues = tmp_path / "content" / "issues"
    for path in sorted(issues.rglob("*"), reverse=True):
        name = path.relative_to(issues).as_posix()
        secret = name.startswith(("2026-12", "2027-01")) or any(word in name for word in without.draft.words)
        if secret:
            path.rmdir() if path.is_dir() else path.unlink()
    assert without.build(RELEASE - DAY) == before


def test_empty_issue(tmp_path: Path) -> None:
    """An issue that has only drafts is a plan: not even its title or editorial is published on its day."""
    canary = Canaries("an issue of drafts")
    header = {"title": canary("title"), "date": "2026-11-02", "body": canary("editorial")}
    write_magazine(tmp_path, {"2026-11/issue": header, "2026-11/ett": {"title": canary("draft"), "status": "draft"}})
    assert seen(snapshot(build(tmp_path)), canary) == set()


def test_file_that_a_page_and_a_secret_share(tmp_path: Path) -> None:
    """A picture that a released text shows is published; what an unreleased one says of it is not."""
    canary = Canaries("shared picture")
    picture = {"src": "../2026-11/images/bild.png", "alt": canary("alt"), "caption": canary("caption")}
    content = write_magazine(
        tmp_path,
        {
            "2026-11/oppen": {"image": {"src": "images/bild.png", "alt": "Den öppna bilden"}},
            "2026-12/hemlig": {"image": picture},
        },
    )
    draw(content / "issues" / "2026-11" / "images" / "bild.png")
    write(content / "pages" / "om.md", "![Bilden](../issues/2026-11/images/bild.png)", title="Om")
    site = snapshot(build(tmp_path))
    assert seen(site, canary) == set()
    assert [name for name in site if name.startswith("2026-11/images/bild-480.")]
