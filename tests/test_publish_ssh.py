"""Publishing to another machine, which is this one, reached by a real sshd on a port of its own."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from desk.publish import publish, rollback
from desk.remote import is_remote
from plugins.magazine.settings import SettingsError
from tests.building import TODAY, inv, snapshot
from tests.conftest import lacking
from tests.test_publish import WORDS, assert_whole, change, magazine, releases, settings

__all__ = ["magazine"]  # the fixture

SSHD = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")


@dataclass(frozen=True)
class Machine:
    """The other machine: where it may be published to, and the command that reaches it."""

    root: Path
    ssh: str

    @property
    def dest(self) -> str:
        return f"{getpass.getuser()}@127.0.0.1:{self.root}/site"

    def go(self, magazine: Path, **changed: Any) -> Any:
        return publish(settings(magazine, **changed), self.dest, self.ssh)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    for program, path in (("sshd", SSHD), ("ssh", shutil.which("ssh")), ("rsync", shutil.which("rsync"))):
        if path is None:
            lacking(f"{program} is not installed (Debian: apt install openssh-server rsync)")
    root, port = tmp_path_factory.mktemp("machine"), free_port()
    for key in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", root / key], check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    (root / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {root}/host\nAuthorizedKeysFile {root}/user.pub\nPidFile none\n"
        "UsePAM no\nStrictModes no\nPasswordAuthentication no\nPermitRootLogin yes\nLogLevel ERROR\n",
        encoding="utf-8",
    )
    options = f"-p {port} -i {root}/user -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
    ssh = f"ssh -F none -o LogLevel=ERROR {options}"
    server = subprocess.Popen([str(SSHD), "-D", "-e", "-f", root / "sshd_config"])
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield Machine(root, ssh)
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def fresh(machine: Machine) -> Machine:
    """The other machine with nothing published on it."""
    shutil.rmtree(machine.root / "site", ignore_errors=True)
    return machine


def test_a_magazine_is_published_to_another_machine(magazine: Path, fresh: Machine) -> None:
    """By the same command as to a folder: new releases share what is unchanged, five are kept, one can go back."""
    command = ("publish", "--to", fresh.dest, "--ssh", fresh.ssh, "--settings", magazine / "magazine.py")

    done = inv(*command, "--today", TODAY)

    assert (done.returncode, done.stderr) == (0, "")
    site = fresh.root / "site"
    assert "000001" in done.stdout
    assert_whole(site / "current")
    again = inv(*command, "--today", TODAY)
    assert "har redan allt detta" in again.stdout
    assert releases(site) == [".medverkan", "000001"]

    theme = magazine / "theme"
    shutil.copytree(settings(magazine)["THEME"], theme)
    with (theme / "static/css/print.css").open("a", encoding="utf-8") as css:
        css.write("\n/* changed */\n")
    change(magazine, "En ny text.")
    fresh.go(magazine, THEME=str(theme))
    one, two = site / "releases/000001", site / "releases/000002"
    assert (one / "robots.txt").samefile(two / "robots.txt")
    (old,) = one.glob("theme/css/print.*.css")
    assert (two / old.relative_to(one)).samefile(old)
    assert {oct(path.stat().st_mode & 0o777) for path in two.rglob("*.html")} == {"0o644"}

    for number in range(3, 7):  # as if published in the meantime
        shutil.copytree(two, site / f"releases/00000{number}")
    (site / "current").unlink()
    (site / "current").symlink_to("releases/000006")
    (site / "releases/000123").mkdir()  # one that was cut off
    change(magazine, "Den nyaste texten.")
    assert fresh.go(magazine).release == "000124"
    assert releases(site) == [".medverkan", *(f"00000{number}" for number in range(3, 7)), "000124"]

    back = inv(*command, "--rollback")
    assert (back.returncode, back.stderr) == (0, "")
    assert (site / "current").readlink().name == "000006"
    assert "En ny text." in (site / "current/2026-10/forsta/index.html").read_text(encoding="utf-8")
    change(magazine, "En annan text.")
    assert fresh.go(magazine, today="2026-12-24").release == "000125", "the one that was withdrawn is gone"
    assert fresh.go(magazine, today="2026-12-25").release == "000126"
    assert releases(site) == [".medverkan", *(f"00000{number}" for number in range(3, 7)), "000126"], (
        "a day in its place"
    )
    assert rollback(fresh.dest, WORDS, fresh.ssh)[0] == "000006"
    (site / "releases/000005").rename(site / "releases/000001")
    for name in ("000004", "000003", "000001"):
        assert rollback(fresh.dest, WORDS, fresh.ssh)[0] == name
    with pytest.raises(SettingsError, match="000001"):
        rollback(fresh.dest, WORDS, fresh.ssh)


def test_what_another_machine_shows_is_remembered(magazine: Path, fresh: Machine) -> None:
    """The ledger learns from it, and an earlier day is refused."""
    with pytest.raises(SettingsError, match="inget har publicerats"):
        rollback(fresh.dest, WORDS, fresh.ssh)
    assert not (fresh.root / "site").exists()
    fresh.go(magazine)
    ledger = magazine / "content/addresses.txt"
    before = ledger.read_bytes()
    ledger.unlink()
    assert not fresh.go(magazine).changed
    assert ledger.read_bytes() == before
    with pytest.raises(SettingsError, match=TODAY):
        fresh.go(magazine, today="2026-11-29")


@pytest.mark.parametrize("made", ["site/brev.txt", "site/.dold", "site/releases/mitt"])
def test_a_folder_there_that_is_somebody_elses_is_left_alone(magazine: Path, fresh: Machine, made: str) -> None:
    """Nothing is written and nothing deleted."""
    file = fresh.root / made
    file.parent.mkdir(parents=True)
    file.write_text("mitt", encoding="utf-8")
    before = snapshot(fresh.root / "site")
    with pytest.raises(SettingsError, match="ingen mapp med publicerade tidningar"):
        fresh.go(magazine)
    assert snapshot(fresh.root / "site") == before


@pytest.mark.parametrize("program", ["rsync", "ssh"])
def test_a_connection_that_is_cut_leaves_readers_what_they_had(
    magazine: Path, fresh: Machine, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program is killed on this side, early and late; readers have the old magazine or the new."""
    fresh.go(magazine)
    site = fresh.root / "site/current"
    real = shutil.which(program)
    tools = tmp_path / "tools"
    tools.mkdir()
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    shown = 0
    for number, pause in enumerate((0, 0.03, 0.1, 0.3), 1):
        change(magazine, f"Version {number}.")
        # Lets the first call of ssh (which looks) pass, and kills the others after a while.
        (tools / program).write_text(
            f'#!/bin/sh\ncase "$*" in *\' look \'*) exec {real} "$@" ;; esac\n'
            f'{real} "$@" & sleep {pause}; kill -9 $! 2>/dev/null; wait $!\n',
            encoding="utf-8",
        )
        (tools / program).chmod(0o755)
        with suppress(SettingsError):
            fresh.go(magazine)
        text = (site / "2026-10/forsta/index.html").read_text(encoding="utf-8")
        assert_whole(site)
        shown = number if f"Version {number}." in text else shown
        assert (f"Version {shown}." in text) == bool(shown)
    (tools / program).unlink()
    change(magazine, "Version sist.")
    fresh.go(magazine)
    assert "Version sist." in (site / "2026-10/forsta/index.html").read_text(encoding="utf-8")
    assert_whole(site)


def test_a_place_that_cannot_be_reached_is_said(magazine: Path, machine: Machine) -> None:
    """In one sentence, with the program's own last words."""
    dest = f"nobody@127.0.0.1:{machine.root}/site"
    with pytest.raises(SettingsError, match=r"ssh till nobody@127\.0\.0\.1 misslyckades: .*Permission denied"):
        publish(
            settings(magazine), dest, machine.ssh + " -o IdentitiesOnly=yes -i /dev/null -o PubkeyAuthentication=no"
        )


@pytest.mark.parametrize(
    "dest",
    ["user@host:/with space", "host:/a;rm", "host:", "-oProxyCommand=x:/a", "host:/a/../b", "host:$HOME", "a b:/c"],
)
def test_a_place_with_unusual_characters_is_refused(magazine: Path, dest: str) -> None:
    """Before anything is built: what a shell could misread never reaches one."""
    with pytest.raises(SettingsError, match="går inte att publicera till"):
        publish(settings(magazine), dest)


def test_a_folder_is_told_from_another_machine(tmp_path: Path) -> None:
    """As rsync and scp do it: a colon before the first slash is a host's."""
    assert [is_remote(dest) for dest in ("user@host:/a", "host:a", "host:/a:b")] == [True, True, True]
    assert [is_remote(dest) for dest in ("/a", "a/b", "./host:a", "C:\\web", str(tmp_path / "a:b"))] == [False] * 5
