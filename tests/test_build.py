"""`inv build`, `inv check`: a build takes the old one's place whole or not at all, and what is wrong is said in words.

Most tests call the commands in this process; those of exit codes, kills and the environment start real ones.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from blinker import ANY
from bs4 import BeautifulSoup
from invoke.context import Context
from invoke.exceptions import Exit
from PIL import Image

import tasks
from desk import build as desk
from plugins.magazine import parallel, signals
from plugins.magazine.words import CATALOGUES
from tests.building import (
    CONTRACT,
    PDF,
    ROOT,
    TODAY,
    draw,
    environment,
    inv,
    inv_command,
    run,
    snapshot,
    write,
    write_everything,
    write_magazine,
    write_settings,
)
from tests.crawl import crawl

SAID = re.compile(r"\S.*:\d+: \S.*")
"""A mistake, as it is said: path:line: text."""


@dataclass(frozen=True)
class Answer:
    """What a command came to."""

    code: int
    out: str
    err: str


Ask = Callable[..., Answer]


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    """`ask("build", jobs="1")`: one of the commands, called in this process, in `tmp_path`, with its settings file.

    An exception that is not the command's own way to say no is a stack trace for users: it fails the test.
    """
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MAGAZINE_TODAY", raising=False)

    def run(command: str, **options: Any) -> Answer:
        for heard in (signals.check, signals.publish):  # plugins that another test has loaded must not join in
            for handler in list(heard.receivers_for(ANY)):
                heard.disconnect(handler)
        capsys.readouterr()
        code, said = 0, ""
        try:
            getattr(tasks, command)(Context(), **{"settings": "magazine.py", "today": TODAY} | options)
        except Exit as error:
            code, said = error.code, error.message or ""
        shown = capsys.readouterr()
        return Answer(code, shown.out, shown.err + said)

    return run


@pytest.fixture
def magazine(tmp_path: Path) -> Path:
    """A folder with a settings file and the content of a small magazine."""
    write_magazine(tmp_path)
    write_settings(tmp_path)
    return tmp_path


def broken(root: Path) -> Path:
    """Put an article with two mistakes into the magazine; gives its file."""
    path = root / "content" / "issues" / "2026-11" / "trasig.md"
    write(path, "[Bort](borta.md)", title="Trasig", category="nyheterr", summary="Ingressen.")
    return path


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def no_trace(text: str) -> bool:
    return not re.search(r"Traceback|^\s+File \"|Error:|Exception", text, re.MULTILINE)


# -- Beside, then in place ---------------------------------------------------------------------------------------------


def test_a_build_takes_the_old_ones_place(magazine: Path, ask: Ask) -> None:
    """A second build leaves nothing of the first: a text that was removed is gone from the output."""
    first = ask("build")
    assert first.code == 0
    assert "2 artiklar i 2 nummer" in first.out
    assert (magazine / "output" / "2026-11" / "andra-artikeln" / "index.html").is_file()
    (magazine / "content" / "issues" / "2026-11" / "andra-artikeln.md").rename(
        magazine / "content" / "issues" / "2026-11" / "tredje.md"
    )
    assert ask("build").code == 0
    assert not (magazine / "output" / "2026-11" / "andra-artikeln").exists()
    assert (magazine / "output" / "2026-11" / "tredje" / "index.html").is_file()
    assert names(magazine) == {"content", "magazine.py", "output"}


def test_an_unchanged_magazine_is_built_the_same(magazine: Path, ask: Ask) -> None:
    """Building again changes no byte."""
    ask("build")
    before = snapshot(magazine / "output")
    ask("build")
    assert snapshot(magazine / "output") == before


def test_content_error(magazine: Path) -> None:
    """`inv build` refuses content with mistakes: exit code 1, all said with path and line, the old output untouched."""
    settings = write_settings(magazine)
    assert inv("build", "--settings", settings, cwd=magazine).returncode == 0
    before = snapshot(magazine / "output")
    broken(magazine)
    refused = inv("build", "--settings", settings, cwd=magazine)
    assert refused.returncode == 1
    assert refused.stdout == ""
    lines = refused.stderr.splitlines()
    assert [line.split(": ")[0] for line in lines] == [
        "content/issues/2026-11/trasig.md:3",
        "content/issues/2026-11/trasig.md:7",
    ]
    assert no_trace(refused.stderr)
    assert snapshot(magazine / "output") == before
    assert names(magazine) == {"content", "magazine.py", "output"}


def test_content_error_in_a_first_build(magazine: Path, ask: Ask) -> None:
    """Where there was no output, a refused build makes none."""
    broken(magazine)
    assert ask("build").code == 1
    assert names(magazine) == {"content", "magazine.py"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("tom.md", b""),
        ("inte-utf-8.md", "---\ntitle: Å\n---\n".encode("latin-1")),
        ("trasig-yaml.md", b"---\ntitle: a: b\n---\n\nText.\n"),
        ("oppen.md", b"---\ntitle: T\n"),
        ("Fel Namn.md", b"---\ntitle: T\ncategory: nyheter\nsummary: S\n---\n\nText.\n"),
        ("noll.md", b"---\ntitle: \0\n---\n"),
        ("djup.md", b"---\ntitle: T\ncategory: nyheter\nsummary: S\n---\n\n" + b"> " * 3000 + b"x\n"),
        ("bild.md", b"---\ntitle: T\ncategory: nyheter\nsummary: S\n---\n\n![En bild](images/ingen.png)\n"),
        ("ut.md", b"---\ntitle: T\ncategory: nyheter\nsummary: S\n---\n\n![En bild](../../../../etc/passwd)\n"),
    ],
)
@pytest.mark.parametrize("command", ["check", "build"])
def test_any_content_error(magazine: Path, ask: Ask, command: str, name: str, data: bytes) -> None:
    """Whatever is wrong with a file, check and build say it with path and line, and end with exit code 1."""
    (magazine / "content" / "issues" / "2026-11" / name).write_bytes(data)
    answer = ask(command)
    assert answer.code == 1
    said = (answer.out if command == "check" else answer.err).splitlines()
    errors = [line for line in said if line.startswith(f"content/issues/2026-11/{name}:")]
    assert errors
    assert all(SAID.fullmatch(line) for line in errors)
    assert not (magazine / "output").exists()


def test_broken_picture(magazine: Path, ask: Ask) -> None:
    """A picture that is cut off stops the build in words, and leaves the old output as it was."""
    assert ask("build").code == 0
    before = snapshot(magazine / "output")
    issue = magazine / "content" / "issues" / "2026-11"
    for name in ("cut.png", "cut.jpg"):
        path = issue / "images" / name
        path.parent.mkdir(exist_ok=True)
        Image.effect_noise((300, 200), 90).convert("RGB").save(path)
        path.write_bytes(path.read_bytes()[:6000])
        write(
            issue / "bild.md",
            title="T",
            category="nyheter",
            summary="S",
            image={"src": f"images/{name}", "alt": "Bild"},
        )
        answer = ask("build")
        assert answer.code == 1
        assert SAID.fullmatch(answer.err)
        assert name in answer.err
        assert snapshot(magazine / "output") == before
        assert names(magazine) == {"content", "magazine.py", "output"}


def test_a_folder_of_plain_pelican(tmp_path: Path, ask: Ask) -> None:
    """Posts as plain Pelican has them are refused one by one, in words that lead to a magazine."""
    write_settings(tmp_path)
    content = tmp_path / "content"
    content.mkdir()
    (content / "first.md").write_text("Title: First\nDate: 2026-10-05 10:00\nCategory: Nyheter\n\nText.\n")
    (content / "blog").mkdir()
    (content / "blog" / "second.md").write_text("Title: Second\nDate: 2026-11-05\nTags: a, b\n\nText {filename}x.md\n")
    answer = ask("build")
    assert answer.code == 1
    said = answer.err.splitlines()
    assert all(SAID.fullmatch(line) for line in said)
    assert any(line.startswith("content/first.md:1:") and "issues/2026-10/" in line for line in said)
    assert any(line.startswith("content/blog/second.md:1:") and "issues/2026-11/" in line for line in said)
    assert not (tmp_path / "output").exists()


# -- Settings and options ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("SITENAME", None),
        ("SITENAME", ""),
        ("SITENAME", 5),
        ("SITEURL", None),
        ("SITEURL", ""),
        ("SITEURL", "magasinet.example"),
        ("SITEURL", "ftp://magasinet.example"),
        ("SITEURL", "https://"),
        ("SITEURL", 5),
        ("SITEURL", ["https://magasinet.example"]),
        ("SITEURL", "https://magasinet.example/?a=b"),
        ("SITEURL", "https://magasinet.example/en mapp"),
        ("DEFAULT_LANG", ""),
        ("DEFAULT_LANG", "de"),
        ("DEFAULT_LANG", 5),
        ("CATEGORIES", None),
        ("CATEGORIES", []),
        ("CATEGORIES", "nyheter"),
        ("CATEGORIES", {"nyheter": "Nyheter"}),
        ("CATEGORIES", ["nyheter", "kultur"]),
        ("CATEGORIES", [("nyheter",)]),
        ("CATEGORIES", [("nyheter", 5)]),
        ("CATEGORIES", [("nyheter", "  ")]),
        ("CATEGORIES", [("På gång", "På gång")]),
        ("CATEGORIES", [("nyheter", "Nyheter"), ("nyheter", "Andra")]),
        ("CATEGORIES", [("nyheter", "Nyheter"), ("andra", "NYHETER")]),
        ("LIVE_ARTICLES", 0),
        ("LIVE_ARTICLES", -1),
        ("LIVE_ARTICLES", "20"),
        ("LIVE_ARTICLES", 2.5),
        ("LIVE_ARTICLES", True),
        ("MONTHS_OFF", 7),
        ("MONTHS_OFF", (13,)),
        ("MONTHS_OFF", ("juli",)),
        ("KINDS", ["nyhet", 5]),
        ("KINDS", {"nyhet": "enormous"}),
        ("KINDS", {5: "short"}),
        ("TIMEZONE", "Europa/Stockholm"),
        ("TIMEZONE", "/etc/passwd"),
        ("TIMEZONE", ""),
        ("ISSN", "1234-5678"),
        ("ISSN", 12345679),
        ("JOBS", 0),
        ("JOBS", "2"),
        ("OWN_HOSTS", "magasinet.example"),
        ("PUBLISHER", 5),
        ("CONTACT", ["a"]),
        ("SITESUBTITLE", 5),
        ("PATH", "nowhere"),
        ("THEME", "nowhere"),
    ],
)
@pytest.mark.parametrize("command", ["check", "build"])
def test_bad_setting(magazine: Path, ask: Ask, command: str, key: str, value: object) -> None:
    """A setting that is missing or wrong is quoted by its key, and with what it is; nothing is built."""
    write_settings(magazine, **{key: value})
    answer = ask(command)
    assert answer.code == 1
    assert answer.err.startswith(f"{key}: ")
    assert len(answer.err.splitlines()) == 1
    if isinstance(value, (int, str)) and str(value).strip():
        assert str(value) in answer.err
    assert answer.out == ""
    assert names(magazine) == {"content", "magazine.py"}


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("SITENAME = 'a'\nSITEURL = \n", 2, "syntax"),
        ("SITENAME = 'a'\n  SITEURL = 'b'\n", 2, "indent"),
        ("SITENAME = 'a'\n\nX = 1 / 0\n", 3, "division"),
        ("def f():\n    raise ValueError('ont om plats')\n\nf()\n", 2, "ont om plats"),
        ("raise KeyError\n", 1, "KeyError"),
        ("SITENAME = 'a'\nimport finns_inte_alls\n", 2, "finns_inte_alls"),
        ("SITENAME = 'a'\nimport sys\nsys.exit(3)\n", 3, "3"),
        ("SITENAME = b'\\0'.decode() + okänd\n", 1, "okänd"),
    ],
)
def test_settings_file_with_a_mistake(magazine: Path, ask: Ask, text: str, line: int, word: str) -> None:
    """A mistake in the settings file itself is said with its line."""
    path = magazine / "magazine.py"
    path.write_text(text, encoding="utf-8")
    answer = ask("build")
    assert answer.code == 1
    assert f"magazine.py:{line}: " in answer.err
    assert word in answer.err
    assert len(answer.err.splitlines()) == 1


@pytest.mark.parametrize("data", [b"SITENAME = '\0'\n", "SITENAME = 'å'\n".encode("latin-1"), b"\xff\xfe"])
def test_settings_file_that_is_no_text(magazine: Path, ask: Ask, data: bytes) -> None:
    """A settings file that Python cannot even read is named."""
    (magazine / "magazine.py").write_bytes(data)
    answer = ask("build")
    assert answer.code == 1
    assert "magazine.py:" in answer.err


@pytest.mark.parametrize("name", ["borta.py", "content", "magazine.toml"])
def test_no_settings_file(magazine: Path, ask: Ask, name: str) -> None:
    """What is not a Python file is named, not run."""
    (magazine / "magazine.toml").write_text("SITENAME = 'a'\n")
    answer = ask("build", settings=name)
    assert answer.code == 1
    assert answer.err.startswith("--settings: ")
    assert name in answer.err


def test_settings_that_import_from_beside(magazine: Path, ask: Ask) -> None:
    """A magazine can have settings for publishing that import those beside them, and not this project's."""
    (magazine / "magazine.py").rename(magazine / "pelicanconf.py")
    (magazine / "publishconf.py").write_text("from pelicanconf import *\nSITEURL = 'https://annat.example'\n")
    assert ask("build", settings="publishconf.py").code == 0
    data = json.loads((magazine / "output" / "magazine.json").read_bytes())
    assert (data["name"], data["url"]) == ("Magasinet", "https://annat.example")
    write_settings(magazine, SITENAME="Nytt namn").rename(magazine / "pelicanconf.py")
    assert ask("build", settings="publishconf.py").code == 0
    assert json.loads((magazine / "output" / "magazine.json").read_bytes())["name"] == "Nytt namn"


@pytest.mark.parametrize("day", ["imorgon", "2026-13-01", "2026-02-30", "2026-1-1", "20261101", "2026-11-01T10:00"])
def test_bad_day(magazine: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch, day: str) -> None:
    """A day that is none is quoted, with the option or the variable that gave it."""
    answer = ask("build", today=day)
    assert answer.code == 1
    assert answer.err.startswith("--today: ")
    assert day in answer.err
    monkeypatch.setenv("MAGAZINE_TODAY", day)
    answer = ask("build", today="")
    assert answer.code == 1
    assert answer.err.startswith("MAGAZINE_TODAY: ")
    assert day in answer.err
    assert not (magazine / "output").exists()


def test_day(magazine: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The day is what --today says, else MAGAZINE_TODAY."""
    monkeypatch.setenv("MAGAZINE_TODAY", "2026-10-15")
    for today, issues in (("", ["2026-10"]), ("2026-11-30", ["2026-11", "2026-10"])):
        assert ask("build", today=today).code == 0
        data = json.loads((magazine / "output" / "magazine.json").read_bytes())
        assert [issue["id"] for issue in data["issues"]] == issues


@pytest.mark.parametrize("jobs", ["0", "-1", "två", "1.5", "1000", "²", "9" * 5000])
def test_bad_jobs(magazine: Path, ask: Ask, jobs: str) -> None:
    """A number of processes that is none is refused."""
    answer = ask("build", jobs=jobs)
    assert answer.code in (1, 2)
    assert "jobs" in answer.err.lower()
    assert not (magazine / "output").exists()


@pytest.mark.parametrize("out", ["content", "content/output", "content/issues/2026-11", ".", "full", "full/file", "/"])
def test_out_that_must_not_be_replaced(magazine: Path, ask: Ask, out: str) -> None:
    """A folder with something else in it, the content's folder or one around it is never built into."""
    (magazine / "full").mkdir()
    (magazine / "full" / "file").write_text("precious")
    before = snapshot(magazine)
    answer = ask("build", out=out)
    assert answer.code == 1
    assert answer.err.startswith("--out: ")
    assert snapshot(magazine) == before


def test_out_that_may_be_replaced(magazine: Path, ask: Ask) -> None:
    """An empty folder, a built magazine and a link to one can be built into; the link stays one."""
    (magazine / "empty").mkdir()
    assert ask("build", out="empty").code == 0
    assert ask("build", out="empty").code == 0
    (magazine / "link").symlink_to("empty")
    assert ask("build", out="link", today="2026-10-15").code == 0
    assert (magazine / "link").is_symlink()
    assert not (magazine / "empty" / "2026-11").exists()
    assert ask("build", out="a/new/folder").code == 0
    assert names(magazine) == {"content", "magazine.py", "empty", "link", "a"}
    assert names(magazine / "a" / "new") == {"folder"}


@pytest.mark.parametrize("out", ["full/file/output", "/proc/no/output"])
def test_out_where_nothing_can_be_made(magazine: Path, ask: Ask, out: str) -> None:
    """Where no folder can be made, the folder is named."""
    (magazine / "full").mkdir()
    (magazine / "full" / "file").write_text("precious")
    answer = ask("build", out=out)
    assert answer.code == 1
    assert out.rpartition("/")[0] in answer.err
    assert len(answer.err.splitlines()) == 1


def test_missing_content(magazine: Path, ask: Ask) -> None:
    """A content folder that is not there is named, with the option that names another."""
    for command in ("build", "check"):
        answer = ask(command, content="borta")
        assert answer.code == 1
        assert str(magazine / "borta") in answer.err
        assert "--content" in answer.err


def test_empty_content(magazine: Path, ask: Ask) -> None:
    """An empty content folder is the wrong folder; one with a page is a magazine before its first issue."""
    (magazine / "tom" / "pages").mkdir(parents=True)
    refused = ask("build", content="tom")
    assert refused.code == 1
    assert "tom/issues:1: " in refused.err
    (magazine / "tom" / "pages" / "om.md").write_text("---\ntitle: Om\n---\nSnart.", encoding="utf-8")
    assert ask("build", content="tom").code == 0
    assert crawl(magazine / "output", "https://magasinet.example").faults() == []


@pytest.fixture
def powerless() -> list[str]:
    """The beginning of a command line that takes from root what lets it read and write everything."""
    if os.geteuid() != 0:
        return []
    command = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--"]
    if not shutil.which("setpriv") or subprocess.run([*command, "true"], check=False).returncode:
        pytest.skip("root reads everything, and there is no setpriv to take that from it")
    return command


def test_unreadable_file(magazine: Path, powerless: list[str]) -> None:
    """A file that may not be read is said with its path."""
    path = magazine / "content" / "issues" / "2026-11" / "andra-artikeln.md"
    path.chmod(0)
    (path.parent / "pekar-ut.md").symlink_to("borta.md")
    done = run([*powerless, *inv_command("build", "--settings", "magazine.py")], magazine)
    assert done.returncode == 1
    assert re.search(r"^content/issues/2026-11/andra-artikeln\.md:1: ", done.stderr, re.MULTILINE)
    assert re.search(r"^content/issues/2026-11/pekar-ut\.md:1: ", done.stderr, re.MULTILINE)
    assert no_trace(done.stdout + done.stderr)
    path.unlink()
    (magazine / "magazine.py").chmod(0)
    done = run([*powerless, *inv_command("check", "--settings", "magazine.py")], magazine)
    assert done.returncode == 1
    assert "magazine.py" in done.stderr
    assert no_trace(done.stdout + done.stderr.replace("PermissionError:", ""))


def test_folder_that_cannot_be_written(magazine: Path, powerless: list[str]) -> None:
    """Where the output's folder or the cache may not be written, it is named."""
    locked = magazine / "locked"
    locked.mkdir()
    draw(magazine / "content" / "issues" / "2026-11" / "images" / "bild.png")
    write(
        magazine / "content" / "issues" / "2026-11" / "bild.md",
        title="T",
        category="nyheter",
        summary="S",
        image={"src": "images/bild.png", "alt": "Bild"},
    )
    locked.chmod(0o555)
    try:
        for out, cache in (("locked/output", "cache"), ("output", "locked/cache")):
            write_settings(magazine, CACHE_PATH=cache)
            done = run([*powerless, *inv_command("build", "--settings", "magazine.py", "--out", out)], magazine)
            assert done.returncode == 1
            assert str(locked) in done.stderr
            assert no_trace(done.stdout + done.stderr)
            assert names(locked) == set()
            assert not (magazine / "output").exists()
    finally:
        locked.chmod(0o755)


def test_output_that_says_no_more_than_ascii(magazine: Path) -> None:
    """On a terminal that cannot show Swedish letters, commands still end as they should."""
    path = broken(magazine).relative_to(magazine).as_posix()
    for command in ("build", "check"):
        done = inv(command, "--settings", "magazine.py", cwd=magazine, PYTHONIOENCODING="ascii")
        assert done.returncode == 1
        assert path in done.stdout + done.stderr
        assert no_trace(done.stdout + done.stderr)
    (magazine / path).unlink()
    done = inv("build", "--settings", "magazine.py", cwd=magazine, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")


def test_clean(magazine: Path, ask: Ask) -> None:
    """--clean forgets what earlier builds kept, and nothing else that lies in the cache's folder."""
    draw(magazine / "content" / "issues" / "2026-11" / "images" / "bild.png")
    write(
        magazine / "content" / "issues" / "2026-11" / "bild.md",
        title="T",
        category="nyheter",
        summary="S",
        image={"src": "images/bild.png", "alt": "Bild"},
    )
    write_settings(magazine, CACHE_PATH=".")
    assert ask("build").code == 0
    kept = [path for path in magazine.rglob("*") if path.is_file() and magazine / "output" not in path.parents]
    pictures = [path for path in kept if path.suffix in (".webp", ".jpg")]
    assert pictures
    pictures[0].write_bytes(b"stale")
    assert ask("build", clean=True).code == 0
    assert b"stale" not in snapshot(magazine / "output").values()
    assert all(path.exists() for path in kept)


# -- Killed and interrupted --------------------------------------------------------------------------------------------


def test_killed_builds(tmp_path: Path) -> None:
    """Whenever a build is killed, the old site or the new stands whole, and the next build clears up after it."""
    write_everything(tmp_path)
    write_settings(tmp_path)
    out = tmp_path / "output"

    def command(day: str) -> list[str]:
        return inv_command("build", "--settings", "magazine.py", "--jobs", "2", "--today", day)

    sites = {}
    took = 0.0
    for day in ("2026-11-30", "2026-12-01"):
        started = time.monotonic()
        assert run(command(day), tmp_path).returncode == 0
        took = time.monotonic() - started
        sites[day] = snapshot(out)
    assert sites["2026-11-30"] != sites["2026-12-01"]

    chance = random.Random(12)
    left = 0
    for n in range(10):
        before = names(tmp_path)
        killed = subprocess.Popen(
            command(("2026-11-30", "2026-12-01")[n // 2 % 2]),
            cwd=tmp_path,
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        if n % 2:
            with contextlib.suppress(subprocess.TimeoutExpired):
                killed.wait(took * chance.uniform(0.3, 1.05))
        else:  # as soon as it writes, or a little later: the machine may be slower now than it was above
            while killed.poll() is None and names(tmp_path) == before:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.2) if n else 0)
        if n % 3:
            killed.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        site = out if out.exists() else next(tmp_path.glob(".output.old-*"))
        assert snapshot(site) in sites.values()
        left += len(names(tmp_path) - {"content", "magazine.py", "output"})
    assert left, "no build was killed while it wrote: the moments are badly chosen"
    assert run(command("2026-11-30"), tmp_path).returncode == 0
    assert snapshot(out) == sites["2026-11-30"]
    assert names(tmp_path) == {"content", "magazine.py", "output"}


KILLED_WHILE_CHANGING_PLACES = """
import os, pathlib, signal, sys

rename = pathlib.Path.rename

def rename_and_die(self, target):
    rename(self, target)
    os.kill(os.getpid(), signal.SIGKILL)

pathlib.Path.rename = rename_and_die
from invoke.main import program
program.run(["inv", *sys.argv[1:]])
"""


def test_killed_while_changing_places(magazine: Path, ask: Ask) -> None:
    """A build that was killed when it had put the old site aside is put right by the next, also by one that refuses."""
    assert ask("build").code == 0
    before = snapshot(magazine / "output")
    options = inv_command("build", "--settings", "magazine.py", "--today", TODAY)[3:]
    killed = run([sys.executable, "-c", KILLED_WHILE_CHANGING_PLACES, *options], magazine)
    assert killed.returncode == -signal.SIGKILL
    assert not (magazine / "output").exists()
    path = broken(magazine)
    assert ask("build").code == 1
    assert snapshot(magazine / "output") == before
    path.unlink()
    assert ask("build").code == 0
    assert names(magazine) == {"content", "magazine.py", "output"}


def test_interrupted_while_clearing_away(magazine: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C while the old site is being removed: what is left of it goes, and the new one stands."""
    assert ask("build").code == 0
    removed, remove = [], shutil.rmtree

    def interrupted(path: Path, **options: Any) -> None:
        removed.append(path.name)
        if len(removed) == 1:
            raise KeyboardInterrupt
        remove(path, **options)

    monkeypatch.setattr("desk.build.shutil.rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        desk.build(desk.load_settings(magazine / "magazine.py", today=TODAY))
    assert removed == [f".output.old-{os.getpid()}"] * 2
    assert names(magazine) == {"content", "magazine.py", "output"}


def test_leftovers_of_the_same_number(magazine: Path, ask: Ask) -> None:
    """A killed build's process number can be this one's: in a new container they begin again from 1."""
    assert ask("build").code == 0
    for kind in ("new", "old"):
        left = magazine / f".output.{kind}-{os.getpid()}"
        left.mkdir()
        (left / "index.html").write_text("half")
    assert ask("build").code == 0
    assert names(magazine) == {"content", "magazine.py", "output"}


def test_a_build_beside_another(magazine: Path, ask: Ask) -> None:
    """What a build that is still running has made so far is left alone."""
    running = magazine / f".output.new-{os.getppid()}"
    running.mkdir()
    (running / "index.html").write_text("half")
    assert ask("build").code == 0
    assert (running / "index.html").read_text() == "half"


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_interrupted(tmp_path: Path, share: float) -> None:
    """Ctrl-C ends a build without a stack trace from any of its processes; the old site stands, nothing is left."""
    write_everything(tmp_path)
    write_settings(tmp_path)
    command = inv_command("build", "--settings", "magazine.py", "--jobs", "2", "--today", TODAY)
    started = time.monotonic()
    assert run(command, tmp_path).returncode == 0
    took = time.monotonic() - started
    before = snapshot(tmp_path / "output")
    building = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        start_new_session=True,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        building.wait(took * share)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(building.pid, signal.SIGINT)
    said, _ = building.communicate(timeout=60)
    assert no_trace(said.replace("KeyboardInterrupt", "Exception"))
    assert snapshot(tmp_path / "output") == before
    assert names(tmp_path) == {"content", "magazine.py", "output"}


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there, all is done in one process")
def test_interrupted_while_processes_begin() -> None:
    """Ctrl-C is the parent's also in the moment between a process's beginning and its first own step."""
    script = """
import os, sys, time
from plugins.magazine import parallel
os.register_at_fork(after_in_child=lambda: os.write(1, b".") and time.sleep(0.5))
try:
    parallel.spread(abs, range(10_000), 2)
except KeyboardInterrupt:
    sys.exit(1)
"""
    command = [sys.executable, "-c", script]
    building = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", start_new_session=True
    )
    assert building.stdout
    assert building.stdout.read(2) == ".."
    os.killpg(building.pid, signal.SIGINT)
    said, _ = building.communicate(timeout=60)
    assert (building.returncode, said) == (1, "")


def _die(number: int) -> int:
    if number == parallel.WORTH_IT + 30:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="there, all is done in one process")
def test_a_process_that_is_killed() -> None:
    """If one of a build's processes is killed, for want of memory for example, the build ends and says so."""
    numbers = range(parallel.WORTH_IT + 50)
    assert parallel.spread(abs, numbers, 2) == list(numbers)
    with pytest.raises(ChildProcessError, match="--jobs 1"):
        parallel.spread(_die, numbers, 2)


# -- The forms of a check ----------------------------------------------------------------------------------------------


def test_check(magazine: Path) -> None:
    """`inv check` lists errors, then warnings, and counts them; exit code 1 if any is an error. It writes nothing."""
    before = snapshot(magazine)
    good = inv("check", "--settings", "magazine.py", cwd=magazine)
    assert (good.returncode, good.stderr) == (0, "")
    broken(magazine)
    found = inv("check", "--settings", "magazine.py", cwd=magazine)
    assert found.returncode == 1
    *lines, count = found.stdout.splitlines()
    assert all(SAID.fullmatch(line) for line in lines)
    assert [line.split(": ")[0] for line in lines[:2]] == [
        "content/issues/2026-11/trasig.md:3",
        "content/issues/2026-11/trasig.md:7",
    ]
    assert all(": varning: " in line for line in lines[2:])
    assert count.startswith("2 fel, ")
    broken(magazine).unlink()
    assert snapshot(magazine) == before


def test_check_as_json(magazine: Path, ask: Ask) -> None:
    """--format json gives a list of problems that programs can read, [] if there are none."""
    broken(magazine)
    answer = ask("check", format="json")
    assert answer.code == 1
    problems = json.loads(answer.out)
    assert all(problem.keys() == {"path", "line", "text", "code", "severity"} for problem in problems)
    wrong = [problem for problem in problems if problem["severity"] == "error"]
    assert [(problem["path"], problem["line"]) for problem in wrong] == [
        ("content/issues/2026-11/trasig.md", 3),
        ("content/issues/2026-11/trasig.md", 7),
    ]
    assert {problem["severity"] for problem in problems} <= {"error", "warning"}


def test_check_as_annotations(magazine: Path, ask: Ask) -> None:
    """--format github gives annotations that GitHub reads: nothing in a message can end it or begin another."""
    issue = magazine / "content" / "issues" / "2026-11"
    write(issue / "ny.md", title="T", category="100%, ::error::\nnej", summary="S")
    answer = ask("check", format="github")
    assert answer.code == 1
    lines = answer.out.splitlines()
    form = re.compile(r"::(error|warning) file=[^,:]+,line=\d+,title=[a-z0-9-]+::.+")
    assert all(form.fullmatch(line) for line in lines)
    (line,) = [line for line in lines if "ny.md" in line]
    assert "100%25" in line
    assert "%" not in line.replace("%25", "")


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_check_of_a_sound_magazine(magazine: Path, ask: Ask, form: str) -> None:
    """A sound magazine gives exit code 0 in every format."""
    answer = ask("check", format=form)
    assert answer.code == 0
    assert answer.err == ""


def test_unknown_format(magazine: Path, ask: Ask) -> None:
    """A format that is none is wrong usage."""
    answer = ask("check", format="xml")
    assert answer.code == 2
    assert "json" in answer.err
    assert magazine.is_dir()


def test_wrong_usage(tmp_path: Path) -> None:
    """An option that does not exist, and a number that is none, are wrong usage: exit code 2 or 1, no stack trace."""
    for options in (["build", "--finns-inte"], ["build", "--jobs", "två"], ["finns-inte"]):
        done = inv(*options, cwd=tmp_path)
        assert done.returncode in (1, 2)
        assert no_trace(done.stdout + done.stderr)


# -- Other magazines ---------------------------------------------------------------------------------------------------


def test_pelicans_own_command(tmp_path: Path) -> None:
    """`pelican content -s pelicanconf.py` makes the same site, byte for byte, as `inv build`."""
    articles: Mapping[str, Mapping[str, Any]] = {
        "2026-11/ett": {"tags": ["ord"], "image": {"src": "images/bild.png", "alt": "En bild"}},
        "2026-11/tva": {"category": "tankar", "tags": ["ord"], "event": {"start": "2026-11-26 13:00"}},
        "2026-12/tre": {},
    }
    content = write_magazine(tmp_path, articles)
    draw(content / "issues" / "2026-11" / "images" / "bild.png")
    pelican = [sys.executable, "-m", "pelican", content, "-s", "pelicanconf.py", "-o", tmp_path / "pelican"]
    done = run(pelican, MAGAZINE_TODAY=TODAY)
    assert done.returncode == 0, done.stdout
    assert no_trace(done.stdout + done.stderr)
    assert inv("build", "--content", content, "--out", tmp_path / "inv", "--today", TODAY).returncode == 0
    by_pelican, by_inv = snapshot(tmp_path / "pelican"), snapshot(tmp_path / "inv")
    assert by_pelican.keys() == by_inv.keys()
    assert [name for name in by_inv if by_pelican[name] != by_inv[name]] == []


def test_pelicans_own_command_refuses(magazine: Path) -> None:
    """Pelican's own command refuses content with mistakes too, in the same words (and shows its own trace after)."""
    path = broken(magazine)
    content, out = magazine / "content", magazine / "pelican"
    done = run([sys.executable, "-m", "pelican", content, "-s", "pelicanconf.py", "-o", out], COLUMNS="500")
    assert done.returncode == 1
    assert path.name in done.stdout + done.stderr
    assert not (magazine / "pelican").exists()


def test_settings_of_the_contract(tmp_path: Path, ask: Ask) -> None:
    """A settings file with the keys of the contract alone makes another magazine of an outside folder."""
    content = write_everything(tmp_path / "elsewhere")
    content.rename(tmp_path / "texter")
    settings = write_settings(tmp_path / "settings")
    assert set(CONTRACT) == {"SITENAME", "SITEURL", "DEFAULT_LANG", "CATEGORIES", "LIVE_ARTICLES", "MONTHS_OFF"}
    answer = ask("build", settings=str(settings), content="texter", out="sajt")
    assert answer.code == 0, answer.err
    data = json.loads((tmp_path / "sajt" / "magazine.json").read_bytes())
    assert data["name"] == "Magasinet"
    assert [category["slug"] for category in data["categories"]] == ["nyheter", "kultur", "tomt"]
    site = crawl(tmp_path / "sajt", "https://magasinet.example")
    assert site.faults() == []
    assert not [name for name, page in site.pages.items() if "Medverkan" in page.get_text()]


def test_fewer_live_articles(tmp_path: Path, ask: Ask) -> None:
    """LIVE_ARTICLES says how many articles a category has room for."""
    write_everything(tmp_path)
    write_settings(tmp_path, LIVE_ARTICLES=3)
    assert ask("build").code == 0
    data = json.loads((tmp_path / "output" / "magazine.json").read_bytes())
    assert [len(category["live"]) for category in data["categories"]] == [3, 2, 0]


def test_site_under_a_path(tmp_path: Path, ask: Ask) -> None:
    """A site that lies under a path of its host carries that path in every link, and every link leads somewhere."""
    write_everything(tmp_path)
    write_settings(tmp_path, SITEURL="https://stad.example/om/magasinet/")
    assert ask("build").code == 0
    site = crawl(tmp_path / "output", "https://stad.example/om/magasinet")
    assert site.faults() == []
    astray = re.compile(rb"https://stad\.example(?!/om/magasinet[/\"])[^\s<]{,60}")
    found = {
        name: astray.findall(data)
        for name, data in snapshot(tmp_path / "output").items()
        if name.endswith((".html", ".xml", ".json", ".txt"))
    }
    assert {name: matches for name, matches in found.items() if matches} == {}


ENGLISH: Mapping[str, Mapping[str, Any]] = {
    "2025-12/issue": {"title": "Winter", "date": "2025-12-01", "body": "The editorial."},
    "2025-12/oldest": {"title": "Oldest", "summary": "Lead.", "category": "news", "tags": ["water"]},
    "2026-11/issue": {"title": "Autumn", "date": "2026-11-02", "lead": "bridge", "body": "The *editorial*."},
    "2026-11/bridge": {
        "title": "The bridge",
        "summary": "A lead.",
        "category": "culture",
        "kind": "feature",
        "authors": ["Editors", "Others", "More"],
        "tags": ["water"],
        "places": ["Harbour"],
        "image": {"src": "images/picture.png", "alt": "A picture", "caption": "Seen", "credit": "By us"},
        "files": [{"src": "files/plan.pdf", "title": "The plan"}],
        "modified": "2026-11-20",
        "body": 'The "text"[^1].\n\n## A heading\n\n| A | B |\n|---|---|\n| 1 | 2 |\n\n[^1]: Note.',
    },
    "2026-11/meeting": {
        "title": "Meeting",
        "summary": "Lead.",
        "category": "news",
        "kind": "invitation",
        "tags": ["water"],
        "event": {
            "start": "2026-11-26 13:00",
            "end": "2026-11-27 16:00",
            "place": "House",
            "register_by": "2026-11-20",
            "contact": "us@magazine.example",
            "programme": ["13:00 Coffee"],
        },
    },
    "2026-11/notice": {"title": "Notice", "summary": "Lead.", "category": "news", "kind": "notice"},
    "2026-11/column": {"title": "Column", "summary": "Lead.", "category": "culture", "kind": "column"},
}


@pytest.fixture
def english(tmp_path: Path, ask: Ask) -> Path:
    """A small English magazine, built."""
    content = write_magazine(tmp_path, ENGLISH)
    issue = content / "issues" / "2026-11"
    draw(issue / "images" / "picture.png")
    (issue / "files").mkdir()
    (issue / "files" / "plan.pdf").write_bytes(PDF)
    categories = [("news", "News"), ("culture", "Culture")]
    write_settings(tmp_path, SITENAME="Gazette", DEFAULT_LANG="en", CATEGORIES=categories, LIVE_ARTICLES=2)
    answer = ask("build")
    assert answer.code == 0, answer.err
    assert "articles in 2 issues" in answer.out
    return tmp_path / "output"


def texts(soup: BeautifulSoup) -> Iterator[str]:
    """All that a page says: its text, what describes it, and what stands in for pictures."""
    yield from soup.stripped_strings
    for element in soup.find_all(True):
        for name in ("alt", "title", "aria-label"):
            if element.has_attr(name):
                yield str(element[name])
        if element.name == "meta" and element.get("content"):
            yield str(element["content"])


def words(text: str) -> set[str]:
    return {word.lower() for word in re.findall(r"[^\W\d_]{3,}", re.sub(r"https?://\S+|\S*/\S*", " ", text))}


def catalogue() -> tuple[set[str], set[str]]:
    """The words of the theme and the code in English, and those in Swedish."""
    with (CATALOGUES / "sv.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="sv") if message.id]
    english: set[str] = set()
    swedish: set[str] = set()
    for page in (ROOT / "theme" / "pages" / "en").iterdir():
        english.update(words(page.read_text(encoding="utf-8")))
    for message in messages:
        for kind, text in ((english, message.id), (swedish, message.string)):
            for part in text if isinstance(text, (tuple, list)) else [text]:
                kind.update(words(re.sub(r"\{\w*\}|%\(\w+\)s", " ", str(part))))
    return english, swedish


def test_english(english: Path) -> None:
    """A magazine in English has no Swedish word of the theme, only in its addresses."""
    site = crawl(english, "https://magasinet.example")
    assert site.faults() == []
    known, swedish = catalogue()
    found: dict[str, set[str]] = {}
    for url, page in site.pages.items():
        assert page.html is not None
        assert page.html["lang"] == "en"
        said = words(" ".join(texts(page)))
        found[url] = {word for word in said if word in swedish - known or re.search("[åäö]", word)}
    assert {url: wrong for url, wrong in found.items() if wrong} == {}
    for path in english.rglob("*.xml"):
        said = words(BeautifulSoup(path.read_bytes(), "xml").get_text(" "))
        assert not said & (swedish - known), path.name
    bridge = site.page("/2026-11/bridge/").get_text(" ")
    assert "2\N{NO-BREAK SPACE}November\N{NO-BREAK SPACE}2026" in bridge
    assert "“text”" in bridge


def test_checks_in_english(english: Path, ask: Ask) -> None:
    """The mistakes of a magazine in English are said in English."""
    write(english.parent / "content" / "issues" / "2026-11" / "wrong.md", title="T", category="nws", summary="S")
    answer = ask("check")
    assert answer.code == 1
    assert "wrong.md:3: There is no category “nws”. Did you mean “news”?" in answer.out
    assert "1 error, " in answer.out


def test_a_magazine_in_process(magazine: Path) -> None:
    """Whoever builds from Python gets what was built: the site, how many files, and the warnings."""
    built = desk.build(desk.load_settings(magazine / "magazine.py", today=TODAY))
    assert built.files == len([path for path in (magazine / "output").rglob("*") if path.is_file()])
    assert built.site.magazine.name == "Magasinet"
    assert all(problem.severity == "warning" for problem in built.warnings)


def test_on_windows_a_build_asks_after_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking there means sending Ctrl+C: what other builds left is taken for theirs."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert process.stdin
        process.stdin.close()
    assert not desk._alive(process.pid)
    monkeypatch.setattr(sys, "platform", "win32")
    assert desk._alive(process.pid)
