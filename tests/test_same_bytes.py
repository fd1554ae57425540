"""The same content and day give the same bytes, whatever the machine, its clock's zone, its language or its luck.

Each build is a process of its own; each differs from the first in one thing.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.building import ROOT, TODAY, inv, run, snapshot, write_everything, write_settings

DISORDER = """
import os, random

chance = random.Random(os.environ["DISORDER"])
listdir, scandir = os.listdir, os.scandir

def shuffled(entries):
    entries = list(entries)
    chance.shuffle(entries)
    return entries

class Scan:
    def __init__(self, *of):
        with scandir(*of) as entries:
            self.entries = iter(shuffled(entries))
    def __iter__(self):
        return self.entries
    def __next__(self):
        return next(self.entries)
    def __enter__(self):
        return self
    def __exit__(self, *_):
        pass
    def close(self):
        pass

os.listdir = lambda *of: shuffled(listdir(*of))
os.scandir = Scan
"""
"""Python runs this before anything else, where it stands as sitecustomize.py: folders list what they hold in any order,
as those of other systems do."""

SPREAD = """
import sys
from plugins.magazine import parallel

parallel.WORTH_IT = 2
from invoke.main import program
program.run(["inv", *sys.argv[1:]])
"""
"""`inv`, which spreads even the smallest work over processes."""


class World:
    """A folder with a magazine in which everything occurs, built once; other builds are held against that one."""

    def __init__(self, root: Path) -> None:
        self.root = root
        write_everything(root)
        self.settings = write_settings(root)
        self.first = self.build("first", self.settings)

    def build(
        self,
        name: str,
        settings: Path,
        *options: str,
        today: str = TODAY,
        cwd: Path = ROOT,
        environment: Mapping[str, str] | None = None,
    ) -> dict[str, bytes]:
        """Build into a folder of its own beside the settings."""
        out = settings.parent / f"out-{name}"
        done = inv(
            "build", "--settings", settings, "--today", today, "--out", out, *options,
            cwd=cwd, **(environment or {}),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return snapshot(out)

    def compare(self, other: dict[str, bytes]) -> None:
        assert sorted(other) == sorted(self.first)
        assert [name for name in self.first if other[name] != self.first[name]] == []


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return World(tmp_path_factory.mktemp("world"))


def test_there_is_something_to_compare(world: World) -> None:
    """The first build has pages, feeds, pictures, files, a translation: all that the others are held against."""
    assert len(world.first) > 250
    endings = {name.rpartition(".")[2] for name in world.first if not name.endswith("/")}
    assert {"html", "xml", "json", "webp", "jpg", "pdf", "css", "txt", "woff2"} <= endings
    assert "2026-11/the-bridge/index.html" in world.first


@pytest.mark.parametrize(
    "environment",
    [
        {"TZ": "Pacific/Kiritimati"},
        {"TZ": "America/Los_Angeles", "LANG": "tr_TR.UTF-8", "LC_ALL": "tr_TR.UTF-8"},
        {"LANG": "C", "LC_ALL": "C"},
        {"LC_ALL": "sv_SE.ISO-8859-1", "LANGUAGE": "fi", "PYTHONHASHSEED": "1"},
        {"PYTHONHASHSEED": "4242", "COLUMNS": "20", "HOME": "/nonexistent", "USER": "somebody"},
    ],
    ids="-".join,
)
def test_environment(world: World, environment: dict[str, str]) -> None:
    """Time zone, language, encoding and hash seed change nothing."""
    world.compare(world.build("-".join(environment), world.settings, environment=environment))


def test_elsewhere(world: World, tmp_path: Path) -> None:
    """Another place for content, settings, output and cache, and another working directory, change nothing."""
    place = tmp_path / "en annan mapp" / "djupare"
    shutil.copytree(world.root / "content", place / "content")
    settings = write_settings(place, CACHE_PATH="kallt")
    world.compare(world.build("elsewhere", settings, cwd=tmp_path))
    assert (place / "kallt").is_dir()
    assert not (place / "output").exists()


def test_relative_paths(world: World) -> None:
    """Paths given from the working directory change nothing."""
    options = ["--settings", "magazine.py", "--content", "./content/../content", "--out", "relative/./out"]
    done = inv("build", *options, "--today", TODAY, cwd=world.root)
    assert done.returncode == 0, done.stderr
    world.compare(snapshot(world.root / "relative" / "out"))


def test_cold_and_warm_cache(world: World, tmp_path: Path) -> None:
    """Pictures are the same, whether made now or taken from the cache."""
    shutil.copytree(world.root / "content", tmp_path / "content")
    settings = write_settings(tmp_path, CACHE_PATH="cache")
    for name in ("cold", "warm"):
        world.compare(world.build(name, settings))


def test_clean(world: World, tmp_path: Path) -> None:
    """Forgetting what earlier builds kept changes nothing."""
    settings = write_settings(tmp_path, CACHE_PATH="cache", PATH=str(world.root / "content"))
    world.compare(world.build("clean", settings, "--clean"))


@pytest.mark.parametrize("jobs", ["2", "3"])
def test_processes(world: World, tmp_path: Path, jobs: str) -> None:
    """How many processes share the work changes nothing."""
    settings = write_settings(tmp_path, CACHE_PATH="cache", PATH=str(world.root / "content"))
    arguments = ["--search-root", str(ROOT), "build", "--settings", settings, "--today", TODAY, "--jobs", jobs]
    done = run([sys.executable, "-c", SPREAD, *arguments])
    assert done.returncode == 0, done.stderr
    world.compare(snapshot(tmp_path / "output"))


def test_times_of_files(world: World, tmp_path: Path) -> None:
    """When files were written, and with what rights, changes nothing."""
    shutil.copytree(world.root / "content", tmp_path / "content")
    chance = random.Random(5)
    for path in sorted((tmp_path / "content").rglob("*")):
        if path.is_file():
            path.chmod(chance.choice((0o600, 0o644, 0o755)))
        os.utime(path, (chance.randrange(2_000_000_000), chance.randrange(2_000_000_000)))
    world.compare(world.build("times", write_settings(tmp_path)))


@pytest.mark.parametrize("seed", ["1", "2"])
def test_order_of_listings(world: World, tmp_path: Path, seed: str) -> None:
    """The order in which folders list their files changes nothing."""
    (tmp_path / "sitecustomize.py").write_text(DISORDER)
    environment = {"PYTHONPATH": str(tmp_path), "DISORDER": seed}
    folder = world.root / "content" / "issues" / "2026-10"
    listed = run([sys.executable, "-c", "import os; print(*os.listdir())"], folder, **environment).stdout.split()
    assert listed not in (os.listdir(folder), sorted(listed))  # noqa: PTH208
    world.compare(world.build(f"listed-{seed}", world.settings, environment=environment))


def test_line_ends(world: World, tmp_path: Path) -> None:
    """Texts with the line ends of Windows, or with a byte order mark, give the same pages."""
    shutil.copytree(world.root / "content", tmp_path / "content")
    for n, path in enumerate(sorted((tmp_path / "content").rglob("*.md"))):
        data = path.read_bytes().replace(b"\n", b"\r\n")
        path.write_bytes(b"\xef\xbb\xbf" + data if n % 2 else data)
    world.compare(world.build("lines", write_settings(tmp_path)))


def test_another_day(world: World) -> None:
    """A day on which nothing is released and no event has passed changes nothing but itself."""
    one, other = (world.build(day, world.settings, today=day) for day in ("2026-11-20", "2026-11-25"))
    assert sorted(one) == sorted(other)
    assert [name for name in one if one[name] != other[name]] == ["magazine.json"]
