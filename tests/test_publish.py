"""Publishing: readers get the old magazine or the new one, whole, whatever happens; and what was out is remembered."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from jinja2 import FileSystemBytecodeCache

from desk import manifest
from desk.build import load_settings
from desk.publish import Published, Unfit, publish, rollback
from desk.releases import Folder
from plugins.magazine.problems import ContentError
from plugins.magazine.settings import SettingsError
from plugins.magazine.words import Words
from tests.building import (
    ROOT,
    TODAY,
    draw,
    environment,
    inv,
    inv_command,
    snapshot,
    write,
    write_magazine,
    write_settings,
)

WORDS = Words("sv")


class Compiled(FileSystemBytecodeCache):
    """Keeps compiled templates: they are most of the work of building a small magazine, and these tests build many."""

    def get_bucket(self, environment: Any, name: str, filename: str | None, source: str) -> Any:
        """Pelican compiles some before translations are there, and they come out otherwise."""
        return super().get_bucket(environment, f"{name} {environment.newstyle_gettext}", filename, source)


_folder = tempfile.TemporaryDirectory()
TEMPLATES = Compiled(_folder.name)


@pytest.fixture
def magazine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small magazine's settings and content: two issues that are out, and one that is not. The year has
    come to its end."""
    monkeypatch.setenv("MAGAZINE_TODAY", "2026-12-31")
    content = write_magazine(
        tmp_path,
        {
            "2026-10/forsta": {"title": "Första artikeln"},
            "2026-11/andra": {"image": {"src": "images/bild.png", "alt": "En bild"}, "tags": ["ord"]},
            "2026-12/hemlig": {"title": "Något mycket hemligt", "image": {"src": "images/dold.png", "alt": "Dold"}},
        },
    )
    draw(content / "issues/2026-11/images/bild.png", 300, 200)
    draw(content / "issues/2026-12/images/dold.png", 310, 200, "plum")
    write_settings(tmp_path, JOBS=1, CACHE_PATH=str(tmp_path / "cache"))
    return tmp_path


def settings(magazine: Path, **changed: Any) -> dict[str, Any]:
    values = load_settings(magazine / "magazine.py", today=str(changed.pop("today", TODAY)))
    return {**values, "JINJA_ENVIRONMENT": {**values["JINJA_ENVIRONMENT"], "bytecode_cache": TEMPLATES}, **changed}


def change(magazine: Path, text: str) -> None:
    """Give the first article another text."""
    write(magazine / "content/issues/2026-10/forsta.md", text, title="Första", category="nyheter", summary="Kort.")


def out(magazine: Path) -> Path:
    return magazine / "dest" / "current"


def go(magazine: Path, **changed: Any) -> Published:
    return publish(settings(magazine, **changed), str(magazine / "dest"))


def releases(dest: Path) -> list[str]:
    return sorted(path.name for path in (dest / "releases").iterdir())


def assert_whole(site: Path) -> dict[str, Any]:
    """Every file of the manifest is there with its bytes, and nothing else but what is carried along for a while."""
    shown = json.loads((site / "manifest.json").read_text(encoding="utf-8"))
    files = {path: hashlib.sha256(data).hexdigest() for path, data in snapshot(site).items() if not path.endswith("/")}
    listed = {path: row["sha256"] for path, row in shown["files"].items()}
    assert {path: files.get(path) for path in listed} == listed
    beside = {path for path in files.keys() - listed.keys() if Path(path).name not in ("manifest.json", "SHA256SUMS")}
    assert all(path.startswith("theme/") for path in beside)
    return dict(shown)


# -- The whole way -----------------------------------------------------------------------------------------------------


def test_a_magazine_is_published_by_one_command(magazine: Path) -> None:
    """`inv publish --to DEST`: the server's folder is a link to a whole site; run again, it finds nothing to do."""
    command = ("publish", "--to", magazine / "dest", "--settings", magazine / "magazine.py", "--today", TODAY)
    kept = magazine / "var" / "manifest.json"

    done = inv(*command, "--manifest", kept)

    assert (done.returncode, done.stderr) == (0, "")
    assert "publicerat som utgåva 000001" in done.stdout
    assert (magazine / "dest/current").readlink() == Path("releases/000001")
    shown = assert_whole(out(magazine))
    assert json.loads(kept.read_text(encoding="utf-8")) == shown
    assert (out(magazine) / "2026-11/andra/index.html").is_file()
    before = snapshot(magazine / "dest")
    again = inv(*command)
    assert again.returncode == 0
    assert "har redan allt detta" in again.stdout
    assert snapshot(magazine / "dest") == before


def test_a_change_makes_a_new_release_that_shares_what_is_unchanged(magazine: Path) -> None:
    """Unchanged files are the same files, with their time; a style that has gone is still there for one release."""
    go(magazine)
    first = out(magazine).resolve()
    theme = magazine / "theme"
    shutil.copytree(settings(magazine)["THEME"], theme)
    with (theme / "static/css/magazine.css").open("a", encoding="utf-8") as css:
        css.write("\n/* changed */\n")
    change(magazine, "En ny text.")
    go(magazine, THEME=str(theme))
    second = out(magazine).resolve()

    assert second.name == "000002"
    assert_whole(second)
    assert "En ny text." in (second / "2026-10/forsta/index.html").read_text(encoding="utf-8")
    same = "sok/index.html", "theme/fonts/literata-1.woff2", "robots.txt"
    assert [(first / path).samefile(second / path) for path in same] == [False, True, True]
    (old,) = first.glob("theme/css/magazine.*.css")
    assert (second / old.relative_to(first)).is_file()
    change(magazine, "Och en till.")
    go(magazine, THEME=str(theme))
    assert not (out(magazine) / old.relative_to(first)).exists()


def test_five_releases_are_kept_and_one_can_go_back_through_them(magazine: Path) -> None:
    """`--rollback` gives readers the release before, again and again, and the next publishing goes on from the last."""
    for number in range(7):
        change(magazine, f"Text {number}.")
        go(magazine)
    dest = magazine / "dest"
    assert releases(dest) == [".medverkan", *(f"00000{number}" for number in range(3, 8))]

    for number in (6, 5, 4, 3):
        name, shown = rollback(str(dest), WORDS)
        assert name == f"00000{number}"
        assert shown == assert_whole(out(magazine))
        assert f"Text {number - 1}." in (out(magazine) / "2026-10/forsta/index.html").read_text(encoding="utf-8")
    with pytest.raises(SettingsError, match="000003"):
        rollback(str(dest), WORDS)
    assert go(magazine).release == "000008"


def test_rolling_back_by_command_says_what_readers_get(magazine: Path) -> None:
    """Before anything was published there is nothing to go back to."""
    command = ("publish", "--rollback", "--to", magazine / "dest", "--settings", magazine / "magazine.py")
    refused = inv(*command)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "inget har publicerats" in refused.stderr
    assert not (magazine / "dest").exists()
    go(magazine)
    go(magazine, today="2026-12-24")
    done = inv(*command)
    assert (done.returncode, done.stderr) == (0, "")
    assert "000001" in done.stdout
    assert TODAY in done.stdout


@pytest.mark.parametrize(
    "spoil",
    [
        lambda root: (root / "dest").mkdir() or (root / "dest/brev.txt").write_text("mitt"),
        lambda root: (root / "dest/releases").mkdir(parents=True) or (root / "dest/releases/mitt").mkdir(),
        lambda root: (root / "dest").write_text("en fil"),
    ],
)
def test_a_folder_that_is_somebody_elses_is_left_alone(magazine: Path, spoil: Callable[[Path], object]) -> None:
    """Nothing is written to it, and nothing is deleted."""
    spoil(magazine)
    before = snapshot(magazine)
    with pytest.raises(SettingsError, match="dest"):
        go(magazine)
    assert snapshot(magazine) == before


def test_what_is_wrong_leaves_readers_what_they_had(magazine: Path) -> None:
    """Mistakes in the content, a page too large, an earlier day: nothing is published and nothing is left behind."""
    go(magazine)
    before = snapshot(magazine / "dest")

    change(magazine, "Ord. " * 5000)
    with pytest.raises(Unfit, match=r"/2026-10/forsta/: .* 20\skB .*BUDGET.*”page”"):
        go(magazine, BUDGET={"page": 20_000})
    with pytest.raises(SettingsError, match=TODAY):
        go(magazine, today="2026-11-29")
    change(magazine, "[En länk](finns-inte.md)")
    with pytest.raises(ContentError, match="finns-inte"):
        go(magazine)

    assert snapshot(magazine / "dest") == before


def test_a_morning_without_news_takes_the_place_of_the_one_before(magazine: Path) -> None:
    """So the five that are kept differ in more than the day, and one can go back to what was before a change."""
    change(magazine, "Den första texten.")
    go(magazine, today="2026-11-20")
    change(magazine, "Den andra texten.")
    for day in range(21, 29):
        go(magazine, today=f"2026-11-{day}")
    dest = magazine / "dest"
    assert len(releases(dest)) == 3
    assert assert_whole(out(magazine))["built_for"] == "2026-11-28"
    rollback(str(dest), WORDS)
    assert "Den första texten." in (out(magazine) / "2026-10/forsta/index.html").read_text(encoding="utf-8")


def test_going_back_never_leads_to_what_was_withdrawn(magazine: Path) -> None:
    """Nor to a site that was cut off before readers got it: only to what they had before."""
    dest = magazine / "dest"
    for text in ("Text 1.", "Text 2.", "Dålig text."):
        change(magazine, text)
        go(magazine)
    assert rollback(str(dest), WORDS)[0] == "000002"
    shutil.copytree(dest / "releases/000003", dest / "releases/000004")
    change(magazine, "Också dålig.")
    assert go(magazine).release == "000005"
    assert releases(dest) == [".medverkan", "000001", "000002", "000005"]
    assert rollback(str(dest), WORDS)[0] == "000002"


def test_a_file_that_a_disk_has_spoilt_is_healed(magazine: Path) -> None:
    """By the next publishing, whether or not there is news; the damage does not spread."""
    go(magazine)
    for text, name in (("En text.", "robots.txt"), ("En ny text.", "2026-11/andra/index.html")):
        change(magazine, text)
        go(magazine)
        file = out(magazine) / name
        right = file.read_bytes()
        file.unlink()
        file.write_bytes(right.swapcase())
        if text != "En text.":
            change(magazine, "En tredje text.")
        assert go(magazine).changed
        assert (out(magazine) / name).read_bytes() == right
        assert_whole(out(magazine))
        assert not go(magazine).changed


def test_a_place_that_is_not_named_is_no_place(magazine: Path) -> None:
    """A variable that is not set must not publish into the folder where the command is given."""
    with pytest.raises(SettingsError, match="MAGAZINE_DEST"):
        publish(settings(magazine), "")
    with pytest.raises(SettingsError, match="MAGAZINE_DEST"):
        rollback(" ", WORDS)


# -- The ledger --------------------------------------------------------------------------------------------------------


def test_what_was_published_is_remembered(magazine: Path) -> None:
    """Every address goes into the ledger, no sooner than readers have it, and none of an issue to come."""
    ledger = magazine / "content/addresses.txt"
    assert go(magazine).new > 10
    lines = ledger.read_text(encoding="utf-8").splitlines()
    assert lines[0].endswith(f" {TODAY}")
    assert {"/", "/2026-11/andra/", "/amne/ord/", "/feed.xml", "/kategori/tomt/"} <= set(lines)
    assert not [line for line in lines if "2026-12" in line or "theme" in line or "webp" in line]
    assert go(magazine).new == 0
    assert go(magazine, today="2026-12-01").new > 0
    assert "/2026-12/hemlig/" in ledger.read_text(encoding="utf-8").splitlines()


def test_what_readers_have_counts_even_if_nobody_kept_the_ledger(magazine: Path) -> None:
    """A publishing that was cut off before its ledger was kept, or another machine's: the published site knows."""
    go(magazine)
    (magazine / "content/addresses.txt").unlink()
    article = magazine / "content/issues/2026-11/andra.md"
    article.rename(article.with_name("tredje.md"))
    with pytest.raises(ContentError, match=r"moved_from: \[/2026-11/andra/\]"):
        go(magazine)
    text = article.with_name("tredje.md").read_text(encoding="utf-8")
    article.with_name("tredje.md").write_text(text.replace("---\n", "---\nmoved_from: [/2026-11/andra/]\n", 1), "utf-8")
    go(magazine)
    assert "/2026-11/tredje/" in (out(magazine) / "2026-11/andra/index.html").read_text(encoding="utf-8")


def test_a_ledger_that_cannot_be_read_is_not_written_over(magazine: Path) -> None:
    """The lines that two changes left in conflict stay until somebody has looked at them."""
    go(magazine)
    ledger = magazine / "content/addresses.txt"
    ledger.write_text("/\n<<<<<<< ours\n/a/ /b/\n", encoding="utf-8")
    with pytest.raises(ContentError, match=r"addresses\.txt:2"):
        go(magazine)
    assert ledger.read_text(encoding="utf-8") == "/\n<<<<<<< ours\n/a/ /b/\n"


def test_a_trial_of_a_day_to_come_is_not_remembered(magazine: Path) -> None:
    """Nobody was promised its addresses; and the next publishing does not learn them from it. It is said."""
    ledger = magazine / "content/addresses.txt"
    trial = ("publish", "--to", magazine / "trial", "--settings", magazine / "magazine.py", "--today", "2026-12-24")
    done = inv(*trial, MAGAZINE_TODAY=TODAY)
    assert (done.returncode, done.stderr) == (0, "")
    assert "2026-12-24 har inte kommit än" in done.stdout
    assert inv(*trial, MAGAZINE_TODAY=TODAY).returncode == 0
    assert not ledger.exists()
    assert inv(*trial, MAGAZINE_TODAY="2026-12-24").returncode == 0
    assert "/2026-12/hemlig/" in ledger.read_text(encoding="utf-8")


def test_an_article_that_was_withdrawn_can_lead_elsewhere(magazine: Path) -> None:
    """A draft keeps its secrets, and where it stood a page leads on, as the message on the lost address proposes."""
    go(magazine)
    article = magazine / "content/issues/2026-11/andra.md"
    text = article.read_text(encoding="utf-8").replace("---\n", "---\nstatus: draft\n", 1)
    article.write_text(text, encoding="utf-8")
    ledger = magazine / "content/addresses.txt"
    lines = ledger.read_text(encoding="utf-8")
    assert "\n/2026-11/andra/\n" in lines
    ledger.write_text(lines.replace("\n/2026-11/andra/\n", "\n/2026-11/andra/ /2026-11/\n"), encoding="utf-8")
    write(magazine / "content/issues/2026-11/kvar.md", title="Kvar", category="nyheter", summary="Kort.")
    go(magazine)
    assert "/2026-11/" in (out(magazine) / "2026-11/andra/index.html").read_text(encoding="utf-8")
    assert "En text." not in (out(magazine) / "2026-11/andra/index.html").read_text(encoding="utf-8")


def test_empty_files_of_an_issue_to_come_hinder_nobody(magazine: Path) -> None:
    """What keeps an empty folder in a repository is like the empty list of redirects, and tells nothing."""
    folder = magazine / "content/issues/2026-12/files"
    folder.mkdir()
    (folder / ".gitkeep").touch()
    (folder / "tom.txt").touch()
    (folder / ".gitignore").write_bytes(b"")
    assert go(magazine).changed
    assert (out(magazine) / "redirects.map").read_bytes() == b""


# -- Cut off, and at once ----------------------------------------------------------------------------------------------

STEPS = {"open", "os.rename", "os.link", "os.symlink", "os.mkdir", "os.remove", "os.rmdir", "shutil.rmtree"}


def _publish_until(values: dict[str, Any], dest: str, step: int, told: Any) -> None:
    """Publish, and be killed before the step of that number: a file opened to be written, renamed, linked, deleted."""
    count = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event in STEPS and not (event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR) == 0):
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    publish(values, dest)
    told.send(count)


def _run(values: dict[str, Any], dest: Path, step: int = 0) -> int:
    """Publish in a process of its own; gives how many steps it took, or 0 if it was killed."""
    here, there = multiprocessing.Pipe(duplex=False)
    process = multiprocessing.get_context("fork").Process(target=_publish_until, args=(values, str(dest), step, there))
    process.start()
    process.join()
    there.close()
    assert process.exitcode in (0, -signal.SIGKILL)
    return int(here.recv()) if process.exitcode == 0 else 0


def test_cut_off_at_any_step_readers_get_the_old_magazine_or_the_new(magazine: Path) -> None:
    """Killed at 52 steps from the first to the last, the link always leads to a whole site; the next one succeeds."""
    dest = magazine / "dest"
    for number in range(5):
        change(magazine, f"Version {number}.")
        go(magazine)
    shown = 5
    change(magazine, "Version 5.")
    steps = _run(settings(magazine), dest)
    assert steps > 200
    # Half of them all along, half among the last steps, where the new site comes into use and the oldest goes.
    early = sorted(Random(5).sample(range(1, steps - 100), 22))
    late = sorted(Random(6).sample(range(steps - 100, steps), 30))
    killed = 0
    for number, step in enumerate([*early, *late], 6):
        change(magazine, f"Version {number}.")
        killed += _run(settings(magazine), dest, step) == 0
        assert_whole(dest / "current")
        text = (dest / "current/2026-10/forsta/index.html").read_text(encoding="utf-8")
        versions = re.findall(r"Version (\d+)\.", text)
        assert set(versions) <= {str(shown), str(number)}, step
        shown = int(versions[0])
    assert killed >= 50
    change(magazine, "Version sist.")
    assert _run(settings(magazine), dest)
    assert len(releases(dest)) == 6, "nothing is left of those that were cut off"
    assert sorted(path.name for path in dest.iterdir()) == ["current", "releases"]
    assert [assert_whole(dest / "releases" / name) for name in releases(dest)[1:]]
    assert not [path for path in (magazine / "content").iterdir() if path.name.startswith(".")]


def test_a_first_publishing_that_is_cut_off_can_be_run_again(magazine: Path) -> None:
    """What it leaves behind is taken for what it is."""
    for step in (1, 2, 3, 5, 10):
        _run(settings(magazine), magazine / "dest", step)
        assert not out(magazine).exists()
    assert _run(settings(magazine), magazine / "dest")
    assert_whole(out(magazine))


def test_two_at_once_wait_for_each_other(magazine: Path) -> None:
    """Each makes its release; both are whole."""
    other = magazine / "other"
    for name in ("content", "magazine.py"):
        (shutil.copytree if (magazine / name).is_dir() else shutil.copy)(magazine / name, _made(other) / name)
    change(other, "Den andras text.")
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=publish, args=(settings(it), str(magazine / "dest"))) for it in (magazine, other)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    assert releases(magazine / "dest") == [".medverkan", "000001", "000002"]
    texts = {
        assert_whole(magazine / f"dest/releases/00000{n}")["files"]["2026-10/forsta/index.html"]["sha256"]
        for n in (1, 2)
    }
    assert len(texts) == 2


def test_who_waits_for_another_says_so(magazine: Path) -> None:
    """On a line of its own, before it waits."""
    go(magazine)
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    holder = context.Process(target=_hold, args=(magazine / "dest", there))
    holder.start()
    assert here.recv() == "held"
    command = inv_command("publish", "--to", magazine / "dest", "--settings", magazine / "magazine.py")
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, encoding="utf-8", env=environment()) as waiting:
        assert waiting.stdout
        assert waiting.stdout.readline() == f"Någon annan publicerar till {magazine / 'dest'}: väntar …\n"
        here.send("go")
        holder.join()
        waiting.communicate()
    assert waiting.returncode in (0, 1), "it went on"


def _hold(dest: Path, told: Any) -> None:
    with Folder(dest, str).opened():
        told.send("held")
        told.recv()


def test_what_somebody_brings_over_ssh_meanwhile_is_left_alone(magazine: Path) -> None:
    """It lies beside the releases for some time, without a lock; after ten hours it is left over. Ours goes at once."""
    go(magazine)
    folder = magazine / "dest/releases"
    theirs, forgotten, ours = folder / ".new-12-abcd", folder / ".new-13-abcd", folder / ".new-14"
    for place in (theirs, forgotten, ours):
        place.mkdir()
    hours = 11 * 3600
    os.utime(forgotten, (time.time() - hours, time.time() - hours))
    go(magazine)
    assert sorted(path.name for path in folder.iterdir()) == [".medverkan", ".new-12-abcd", "000001"]


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


# -- The manifest ------------------------------------------------------------------------------------------------------


def git(folder: Path, *command: str) -> str:
    person = ("-c", "user.name=Redaktionen", "-c", "user.email=redaktionen@magasinet.example")
    done = subprocess.run(["git", "-C", str(folder), *person, *command], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_a_manifest_proves_an_issue(magazine: Path) -> None:
    """What an archivist keeps of an issue checks with sha256sum, and one byte that has changed is found."""
    go(magazine)
    site = out(magazine)
    kept = magazine / "archive"
    shown = json.loads((site / "2026-11/manifest.json").read_text(encoding="utf-8"))
    for path in ["2026-11/SHA256SUMS", *shown["files"]]:
        (kept / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(site / path, kept / path)
    for name in ("2026-11/index.html", "2026-11/andra/index.html", "utskick/2026-11.json"):
        assert name in shown["files"]
    assert any(path.endswith(".webp") for path in shown["files"])
    assert any(path.endswith(".css") for path in shown["files"])
    assert not [path for path in shown["files"] if "2026-10" in path]
    assert shown["issue"] == "2026-11"
    check = ["sha256sum", "--check", "--quiet", "2026-11/SHA256SUMS"]
    assert subprocess.run(check, cwd=kept, capture_output=True, check=False).returncode == 0
    page = kept / "2026-11/andra/index.html"
    page.write_bytes(page.read_bytes().replace(b"En text", b"En test"))
    assert subprocess.run(check, cwd=kept, capture_output=True, check=False).returncode == 1


def test_a_manifest_names_the_commit_it_was_made_from(magazine: Path) -> None:
    """With `-dirty` if anything but the ledger, which publishing writes, differs from it; none outside of Git."""
    content = magazine / "content"
    if manifest.commit(content) is not None:
        pytest.skip("the temporary folder lies in a repository")
    git(magazine, "init", "-q")
    (magazine / ".gitignore").write_text("cache/\ndest/\n", encoding="utf-8")
    git(magazine, "add", ".")
    git(magazine, "commit", "-qm", "Novembernumret")
    head = git(magazine, "rev-parse", "HEAD")
    first = go(magazine)
    assert (content / "addresses.txt").exists()
    assert manifest.commit(content) == first.manifest["commit"] == head
    change(magazine, "En ny text.")
    assert go(magazine).manifest["commit"] == f"{head}-dirty"


def test_the_same_commit_and_day_give_the_same_manifest(magazine: Path) -> None:
    """In another folder, after other releases: byte for byte."""
    go(magazine)
    change(magazine, "En ny text.")
    go(magazine)
    (magazine / "content/addresses.txt").unlink()
    publish(settings(magazine), str(magazine / "elsewhere"))
    names = ["manifest.json", "SHA256SUMS", "2026-11/manifest.json", "2026-11/SHA256SUMS"]
    one, two = out(magazine), magazine / "elsewhere/current"
    assert [(one / name).read_bytes() for name in names] == [(two / name).read_bytes() for name in names]


def test_who_asks_for_help_publishes_nothing(tmp_path: Path) -> None:
    """`inv publish --help`: the place is given first, so an option would be taken for it."""
    done = inv("publish", "--help", cwd=tmp_path)
    assert done.returncode == 2
    assert "inv --help publish" in done.stderr
    assert list(tmp_path.iterdir()) == []
