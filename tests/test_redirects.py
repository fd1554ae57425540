"""No address is lost: what was published is there, or leads to what took its place, or stops the build."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import feedparser
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.magazine.ledger import Ledger, parse, permanent, render
from plugins.magazine.messages import Report
from plugins.magazine.problems import ContentError, errors
from plugins.magazine.words import Words
from tests.building import ROOT, build, write_magazine
from tests.conftest import lacking

HEAD = "# Every address that was ever published. `inv publish` adds new ones, as it did on 2026-11-02\n"


def remember(root: Path, *lines: str) -> None:
    (root / "content" / "addresses.txt").write_text(HEAD + "".join(f"{line}\n" for line in lines), encoding="utf-8")


def problems(root: Path, **options: Any) -> list[tuple[str, int, str]]:
    """What stops a build: file, line, code."""
    with pytest.raises(ContentError) as caught:
        build(root, **options)
    return [(p.path.rpartition("content/")[2], p.line, p.code) for p in caught.value.problems if p.severity == "error"]


def target(output: Path, path: str) -> str:
    """Where a redirect page leads; the link, the refresh and the canonical address agree."""
    html = (output / path).read_text(encoding="utf-8")
    (link,) = re.findall(r'<a href="([^"]+)"', html)
    assert re.findall(r'http-equiv="refresh" content="0; url=([^"]+)"', html) == [link]
    (canonical,) = re.findall(r'rel="canonical" href="https://magasinet\.example([^"]+)"', html)
    assert canonical == link
    return str(link)


def rules(output: Path) -> dict[str, str]:
    text = (output / "redirects.map").read_text(encoding="utf-8")
    assert (output / "redirects.caddy").read_text(encoding="utf-8") == text.replace(";\n", "\n")
    return dict(re.findall(r'^"(.+)" "(.+)";$', text, re.MULTILINE))


def test_an_address_that_vanishes_stops_the_build_at_its_line(tmp_path: Path) -> None:
    """And the message shows the line that mends it, in the text that most likely is the moved one."""
    write_magazine(tmp_path, {"2026-11/nya-rummet-oppnar": {}, "2026-11/annat": {}})
    remember(tmp_path, "/2026-11/", "/2026-11/annat/", "/2026-11/rummet-oppnar/", "/2026-11/zebror/")

    with pytest.raises(ContentError) as caught:
        build(tmp_path)

    moved, lost = errors(caught.value.problems)
    assert (moved.line, moved.code, lost.line, lost.code) == (4, "moved-address", 5, "lost-address")
    assert moved.path.endswith("content/addresses.txt")
    assert "moved_from: [/2026-11/rummet-oppnar/]" in moved.text
    assert moved.text.count("issues/2026-11/nya-rummet-oppnar.md") == 1
    assert "moved_from: [/2026-11/zebror/]" in lost.text


def test_a_moved_article_is_found_at_its_old_addresses(tmp_path: Path) -> None:
    """A page leads on from each, also from those of an earlier site that the ledger does not know."""
    old = ["/2026-11/gammal/", "/2014/03/svår åtkomst.html", "/2014/utan-ändelse", "/2014/bilaga.pdf"]
    write_magazine(tmp_path, {"2026-11/ny": {"moved_from": [old[0], old[2], old[3], old[1].replace(" ", "%20")]}})
    remember(tmp_path, "/2026-11/gammal/")

    output = build(tmp_path)

    for path in ("2026-11/gammal/index.html", "2014/03/svår åtkomst.html", "2014/utan-ändelse/index.html"):
        assert target(output, path) == "/2026-11/ny/"
    assert not (output / "2014/bilaga.pdf").exists(), "a page is no PDF"
    assert rules(output) == dict.fromkeys(old, "/2026-11/ny/")


def test_what_lies_below_a_moved_address_goes_along(tmp_path: Path) -> None:
    """An issue whose folder has a new name needs one line: what is in it follows, the rest comes to it."""
    articles = {"2026-11/issue": {"title": "Nytt", "date": "2026-11-02", "moved_from": ["/2026-10/"]}, "2026-11/en": {}}
    write_magazine(tmp_path, articles)
    remember(tmp_path, "/2026-10/", "/2026-10/en/", "/2026-10/files/borta.pdf")

    assert rules(build(tmp_path)) == {
        "/2026-10/": "/2026-11/",
        "/2026-10/en/": "/2026-11/en/",
        "/2026-10/files/borta.pdf": "/2026-11/",
    }


def test_lists_that_come_and_go_need_no_word(tmp_path: Path) -> None:
    """A year leads to its list, a topic to a search for it; a category's address is a promise that somebody gave."""
    write_magazine(tmp_path, {"2026-11/en": {"tags": ["kvar"]}})
    remember(
        tmp_path, "/amne/borta-nu/", "/amne/kvar/", "/amne/kvar/2024/", "/kategori/nyheter/2025/", "/plats/a/2019/"
    )

    assert rules(build(tmp_path)) == {
        "/amne/borta-nu/": "/sok/?q=borta%20nu",
        "/amne/kvar/2024/": "/amne/kvar/",
        "/kategori/nyheter/2025/": "/kategori/nyheter/",
        "/plats/a/2019/": "/sok/?q=a",
    }
    assert target(tmp_path / "output", "amne/borta-nu/index.html") == "/sok/?q=borta%20nu"

    remember(tmp_path, "/kategori/noje/")
    assert problems(tmp_path) == [("addresses.txt", 2, "lost-address")]


def test_the_ledger_says_where_other_addresses_lead(tmp_path: Path) -> None:
    """Files, categories with their feeds, what is taken away for good; steps over several addresses become one."""
    write_magazine(tmp_path, {"2026-11/en": {}})
    remember(
        tmp_path,
        "/2026-11/bort/ gone",
        "/2026-11/files/a.pdf /2026-11/files/b.pdf",
        "/2026-11/files/b.pdf /2026-11/files/c.pdf",
        "/2026-11/files/c.pdf /2026-11/en/",
        "/kategori/noje/ /kategori/kultur/",
        "/kategori/noje/2025/",
        "/kategori/noje/feed.xml",
    )

    output = build(tmp_path)

    assert rules(output) == {
        "/2026-11/bort/": "gone",
        "/2026-11/files/a.pdf": "/2026-11/en/",
        "/2026-11/files/b.pdf": "/2026-11/en/",
        "/2026-11/files/c.pdf": "/2026-11/en/",
        "/kategori/noje/": "/kategori/kultur/",
        "/kategori/noje/2025/": "/kategori/kultur/",
        "/kategori/noje/feed.xml": "/kategori/kultur/feed.xml",
    }
    assert not (output / "2026-11/bort").exists()


def test_a_ledger_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    """Circles, targets that do not exist, two targets for one address, lines that are none: each at its line."""
    write_magazine(tmp_path, {"2026-11/en": {}})
    remember(
        tmp_path,
        "/a/ /b/",
        "/b/ /a/",
        "/c/ /c/",
        "/d/ /finns-inte/",
        "<<<<<<< HEAD",
        "/e/ /2026-11/",
        "/e/ /2026-11/en/",
        "/2026-11/ till någon annan",
        "//annan.example/",
        "/../etc/passwd",
        "/%2e%2e/%00/",
        "gone gone",
    )
    assert problems(tmp_path) == [
        ("addresses.txt", 2, "ledger-circle"),
        ("addresses.txt", 3, "ledger-circle"),
        ("addresses.txt", 4, "ledger-circle"),
        ("addresses.txt", 5, "ledger-nowhere"),
        ("addresses.txt", 6, "bad-ledger-line"),
        ("addresses.txt", 8, "two-ledger-lines"),
        *(("addresses.txt", line, "bad-ledger-line") for line in range(9, 14)),
    ]


def test_an_old_address_is_claimed_once_and_only_when_free(tmp_path: Path) -> None:
    """Two texts cannot have had one address, and one that is in use leads nowhere else."""
    write_magazine(
        tmp_path,
        {
            "2026-11/a": {"moved_from": ["/gammal/", "/2026-11/b/"]},
            "2026-11/b": {"moved_from": ["/gammal/", "/"]},
        },
    )
    assert problems(tmp_path) == [
        ("issues/2026-11/a.md", 5, "moved-from-in-use"),
        ("issues/2026-11/b.md", 5, "moved-from-in-use"),
        ("issues/2026-11/b.md", 5, "moved-from-twice"),
    ]


def test_a_text_does_not_move_into_an_issue_to_come(tmp_path: Path) -> None:
    """Readers would find nothing until then. Nor does a redirect tell that the issue exists."""
    write_magazine(tmp_path, {"2026-11/en": {}, "2026-12/flyttad": {"moved_from": ["/2026-11/flyttad/", "/2014/"]}})
    remember(tmp_path, "/2026-11/flyttad/")
    assert problems(tmp_path) == [("issues/2026-12/flyttad.md", 5, "moved-too-early")]

    remember(tmp_path, "/2026-11/")
    assert rules(build(tmp_path)) == {}
    assert rules(build(tmp_path, today="2026-12-01")) == {
        "/2014/": "/2026-12/flyttad/",
        "/2026-11/flyttad/": "/2026-12/flyttad/",
    }


def test_the_past_lacks_nothing(tmp_path: Path) -> None:
    """Built for a day before the latest addition, the magazine is smaller than the ledger, and that is right."""
    write_magazine(tmp_path, {"2026-10/en": {}, "2026-11/tva": {"moved_from": ["/2026-10/tva/"]}})
    remember(tmp_path, "/2026-10/", "/2026-10/en/", "/2026-10/tva/", "/2026-11/", "/2026-11/tva/", "/amne/framtid/")

    assert rules(build(tmp_path, today="2026-11-01")) == {"/2026-10/tva/": "/2026-11/tva/"}
    assert rules(build(tmp_path, today="2026-10-31")) == {}


def test_a_ledger_of_a_later_day_still_keeps_watch(tmp_path: Path) -> None:
    """What is lost is seen in the magazine of that day: a build for an earlier one does not look away."""
    write_magazine(tmp_path, {"2026-10/en": {}, "2026-11/tva": {}})
    remember(tmp_path, "/2026-10/en/", "/2026-10/borta/", "/2026-11/tva/", "/2026-11/ocksa/")

    assert problems(tmp_path, today="2026-10-31") == [
        ("addresses.txt", 3, "lost-address"),
        ("addresses.txt", 5, "lost-address"),
    ]


def test_an_issue_that_was_out_stays_out(tmp_path: Path) -> None:
    """A release date that is put off after the release takes addresses from readers: an error."""
    write_magazine(tmp_path, {"2026-11/issue": {"title": "Senare", "date": "2027-01-07"}, "2026-11/en": {}})
    remember(tmp_path, "/2026-11/en/")
    assert problems(tmp_path) == [("addresses.txt", 2, "lost-address")]


def test_an_old_address_never_takes_the_place_of_a_file(tmp_path: Path) -> None:
    """Whatever is claimed, every page is written, and none becomes a folder of another."""
    claimed = ["/2026-11", "/x.html", "/x.html/y/", "/a", "/a/", "/om/tidningen.html", "/2026-11/en/index.html"]
    write_magazine(tmp_path, {"2026-11/en": {"moved_from": claimed}})
    output = build(tmp_path)
    assert "En text." in (output / "2026-11/en/index.html").read_text(encoding="utf-8")
    assert target(output, "x.html") == target(output, "a/index.html") == "/2026-11/en/"


def test_a_site_under_a_path_leads_on_under_it(tmp_path: Path) -> None:
    """Pages and rules carry the path that the site lies under."""
    write_magazine(tmp_path, {"2026-11/ny": {"moved_from": ["/2026-11/gammal/"]}})
    output = build(tmp_path, SITEURL="https://magasinet.example/under")
    assert rules(output) == {"/under/2026-11/gammal/": "/under/2026-11/ny/"}
    assert target(output, "2026-11/gammal/index.html") == "/under/2026-11/ny/"


def test_an_article_that_moves_keeps_its_id_in_the_feeds(tmp_path: Path) -> None:
    """Whoever subscribes does not get it again; an address of an earlier site, in no ledger, changes no id."""

    def ids(**header: Any) -> list[str]:
        shutil.rmtree(tmp_path / "content", ignore_errors=True)
        write_magazine(tmp_path, {f"2026-11/{header.pop('slug')}": header})
        remember(tmp_path, "/2026-10/ett/")
        output = build(tmp_path)
        return [entry.id for name in ("atom.xml", "feed.xml") for entry in feedparser.parse(output / name).entries]

    write_magazine(tmp_path, {"2026-10/ett": {}})
    original = [entry.id for entry in feedparser.parse(build(tmp_path) / "atom.xml").entries]
    moved = ids(slug="tva", moved_from=["/2014/gammal/", "/2026-10/ett/"])
    assert moved == original * 2
    assert original == ["tag:magasinet.example,2026-10-01:/2026-10/ett/"]
    assert ids(slug="ett", moved_from=["/2014/gammal/", "/2026-10/ett/"]) == original * 2


# -- The ledger itself -------------------------------------------------------------------------------------------------

addresses = st.lists(st.from_regex(r"/[a-zåäö0-9-]{1,8}(/[a-z ]{1,5})?/", fullmatch=True), max_size=12)


@given(addresses, addresses)
def test_a_ledger_survives_being_written_and_joined(one: list[str], two: list[str]) -> None:
    """Written and read it is the same; joined in either order, or twice, it is the same file, sorted."""
    day = dt.date(2026, 11, 2)
    first, second = (
        Ledger().joined(permanent(path.lstrip("/") + "index.html" for path in it), day) for it in (one, two)
    )
    both = first.joined(second.lines, day)
    text = render(both)
    found: list[Any] = []
    assert render(parse(text, Report("addresses.txt", Words("sv"), found))) == text
    assert found == []
    assert render(second.joined(first.lines, day)) == render(both.joined(first.lines, day)) == text
    lines = text.splitlines()[1:]
    assert lines == sorted(set(lines))


def test_the_ledger_holds_what_readers_keep_and_nothing_else() -> None:
    """Pages, files and feeds. Not what gets a new name with new content, nor what machines look up each time."""
    kept = ["index.html", "2026-11/en/index.html", "2026-11/files/en plan.pdf", "feed.xml", "kalender.ics"]
    passing = ["theme/css/a.0123456789.css", "search/sv/1.bin", "2026-11/images/a-480.0123456789ab.webp", "404.html"]
    passing += ["manifest.json", "2026-11/manifest.json", "SHA256SUMS", "sitemap.xml", "redirects.map", "robots.txt"]
    assert permanent([*kept, *passing]) == [
        "/",
        "/2026-11/en/",
        "/2026-11/files/en%20plan.pdf",
        "/feed.xml",
        "/kalender.ics",
    ]


# -- Real servers ------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def serving(command: list[str], port: int) -> Iterator[httpx.Client]:
    """A web server, until it is no longer needed."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:
            for _ in range(200):
                assert process.poll() is None, process.stdout and process.stdout.read().decode()
                try:
                    client.get("/")
                    break
                except httpx.ConnectError:
                    time.sleep(0.05)
            yield client
    finally:
        process.terminate()
        process.wait(10)


def documented(server: str) -> str:
    """The configuration in the manual for operations."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    (found,) = re.findall(rf"^```{server}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    return str(found)


def nginx_here(root: Path, output: Path, port: int) -> list[str]:
    """nginx with the manual's configuration, but for certificates, port and folder."""
    text = documented("nginx").replace("/srv/magazine/current", str(output))
    start = text.index("server {\n    listen 80;")
    text = text[:start] + text[text.index("server {\n    listen 443") :]
    text = re.sub(r"listen 443 ssl http2;", f"listen 127.0.0.1:{port};", text)
    text = re.sub(r"^ +(listen \[::\]|ssl_).*\n", "", text, flags=re.MULTILINE)
    (root / "nginx").mkdir()
    (root / "nginx/nginx.conf").write_text(
        f"daemon off; master_process off; pid {root}/nginx/pid; error_log stderr;\nevents {{ }}\n"
        "http { access_log off; include /etc/nginx/mime.types;\n"
        + "".join(
            f"{name}_temp_path {root}/nginx/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + f"{text}\n}}\n",
        encoding="utf-8",
    )
    return ["nginx", "-p", str(root / "nginx"), "-c", str(root / "nginx/nginx.conf")]


def caddy_here(root: Path, output: Path, port: int) -> list[str]:
    """Caddy with the manual's configuration, but for its host and folder."""
    text = documented("caddy").replace("/srv/magazine/current", str(output))
    text = text.replace("\nmagazine.example.se {", f"\nhttp://127.0.0.1:{port} {{")
    (root / "Caddyfile").write_text("{\n\tadmin off\n}\n" + text, encoding="utf-8")
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(root / "Caddyfile")]


@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_servers_send_readers_on(server: str, tmp_path: Path) -> None:
    """With the manual's configuration: 301 for what moved, 410 for what is gone, 404 for what never was."""
    if shutil.which(server) is None:
        lacking(f"{server} is not installed (apt install {server})")
    write_magazine(
        tmp_path, {"2026-11/ny": {"moved_from": ["/2014/Svår%20åtkomst.pdf", '/2014/"a"b;{$x}/', '/2014/"[$y]/']}}
    )
    long = "/2026-11/" + "x" * 200 + "/"
    remember(tmp_path, "/2026-11/bort/ gone", "/amne/borta-nu/", f"{long} /2026-11/ny/")
    output, port = build(tmp_path), free_port()
    command = (nginx_here if server == "nginx" else caddy_here)(tmp_path, output, port)

    with serving(command, port) as client:

        def asked(path: str) -> tuple[int, str]:
            answer = client.get(path)
            return answer.status_code, answer.headers.get("location", "")

        assert asked("/2026-11/ny/") == (200, "")
        assert asked("/2014/Sv%C3%A5r%20%C3%A5tkomst.pdf") == (301, "/2026-11/ny/")
        assert asked("/2014/%22a%22b;%7B$x%7D/") == ((301, "/2026-11/ny/") if server == "nginx" else (200, ""))
        assert asked("/2014/%22%5B$y%5D/") == (301, "/2026-11/ny/")
        assert asked("/amne/borta-nu/") == (301, "/sok/?q=borta%20nu")
        assert asked(long) == (301, "/2026-11/ny/")
        assert asked("/2026-11/bort/") == (410, "")
        assert "Sidan finns inte här" in client.get("/2026-11/bort/").text
        assert asked("/finns-inte/") == (404, "")
        assert "Sidan finns inte här" in client.get("/finns-inte/").text
