"""CI for a magazine's own repository: the files are valid, and their steps, run in order, do what they promise."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest
import yaml

from desk import live
from desk import release as newsletter
from desk.forecast import MARK
from desk.publish import remember
from newsletter import database
from plugins.magazine.words import Words
from tests import mailing
from tests.building import ROOT, inv_command, write, write_magazine
from tests.served import serve
from tests.smtp_sink import Sink

GITHUB, GITLAB = ROOT / "ci/github/magazine.yml", ROOT / "ci/gitlab/.gitlab-ci.yml"
BIN = Path(sys.executable).parent
READERS = 3
SV = Words("sv")


Job = list[tuple[str, dict[str, str]]]
"""Steps of a job: a line for the shell, and what its surroundings have more."""


class _Gitlab(yaml.SafeLoader):
    """Knows `!reference`, GitLab's own."""


def _reference(loader: yaml.SafeLoader, node: yaml.SequenceNode) -> list[Any]:
    return loader.construct_sequence(node)


_Gitlab.add_constructor("!reference", _reference)


def github() -> dict[Any, Any]:
    return dict(yaml.safe_load(GITHUB.read_text(encoding="utf-8")))


def gitlab() -> dict[str, Any]:
    return dict(yaml.load(GITLAB.read_text(encoding="utf-8"), _Gitlab))


# -- The files ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        ("--builtin-schema", "vendor.github-workflows", GITHUB),
        ("--builtin-schema", "vendor.gitlab-ci", "--data-transform", "gitlab-ci", GITLAB),
    ],
)
def test_the_files_are_what_the_platforms_read(arguments: Sequence[object]) -> None:
    """By their published schemas."""
    done = subprocess.run([BIN / "check-jsonschema", *map(str, arguments)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_nothing_of_others_runs_and_nothing_is_allowed_that_is_not_needed() -> None:
    """Actions are GitHub's own, of one major version; a token may write only where a step has to."""
    workflow = github()
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert all(re.fullmatch(r"actions/(checkout|setup-python|cache)@v\d+", action) for action in used)
    assert workflow["permissions"] == {"contents": "read"}
    assert workflow["jobs"]["check"]["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert workflow["jobs"]["publish"]["permissions"] == {"contents": "write"}
    assert workflow["jobs"]["publish"]["concurrency"] == {"group": "publish", "cancel-in-progress": False}
    assert gitlab()["publish"]["resource_group"] == "publish"


def test_what_outsiders_write_never_becomes_a_command() -> None:
    """Expressions stand in `env` and `with` alone: in `run`, a branch's name could be a command."""
    for job in github()["jobs"].values():
        assert not [step["run"] for step in job["steps"] if "${{" in step.get("run", "")]


def test_an_issue_comes_out_in_the_morning_in_winter_and_in_summer() -> None:
    """GitHub's clock is UTC: in Sweden it is the same day, and early, at every time of the year."""
    stockholm = ZoneInfo("Europe/Stockholm")
    times = [
        re.fullmatch(r"(\d+) (\d+) \* \* \*", it["cron"]) for it in github()[True]["schedule"]
    ]  # YAML reads on: as true
    assert len(times) == 2
    for month in (1, 7):
        for match in times:
            assert match
            moment = dt.datetime(2026, month, 15, int(match[2]), int(match[1]), tzinfo=dt.UTC).astimezone(stockholm)
            assert (moment.day, 5 <= moment.hour <= 7) == (15, True)


# -- The steps ---------------------------------------------------------------------------------------------------------


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def git(folder: Path, *command: str) -> str:
    person = ("-c", "user.name=Redaktionen", "-c", "user.email=redaktionen@magasinet.example")
    done = subprocess.run(
        ["git", "-C", str(folder), *person, *command], capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@dataclass
class World:
    """A magazine's repository, a web server, a newsletter with its readers, and a relay that counts their mails."""

    root: Path
    site: str
    service: str
    sink: Sink
    environment: Mapping[str, str]
    today: dt.date
    said: list[str] = field(default_factory=list)

    @property
    def remote(self) -> Path:
        return self.root / "remote.git"

    def clone(self) -> Path:
        """A checkout as CI has it: shallow, and without a branch."""
        folder = self.root / f"clone-{len(list(self.root.glob('clone-*')))}"
        git(self.root, "clone", "-q", "--depth", "1", f"file://{self.remote}", str(folder))
        git(folder, "checkout", "-q", "--detach")
        return folder

    def write(self, text: str) -> None:
        """Merge a change of the newest issue's article into main."""
        folder = self.clone()
        name = f"content/issues/{self.today:%Y-%m}/nyhet.md"
        write(folder / name, text, title="En nyhet", category="nyheter", summary=text)
        git(folder, "commit", "-qam", text)
        git(folder, "push", "-q", "origin", "HEAD:main")

    def run(self, commands: Sequence[tuple[str, Mapping[str, str]]], folder: Path, **more: str) -> int:
        """Run commands one after the other, as CI does, until one fails; gives its exit code."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("MAGAZINE", "NEWSLETTER"))}
        path = {"PATH": f"{BIN}:{os.environ['PATH']}", "PIP_NO_INDEX": "1", "CI": "true"}
        path["MAGAZINE_TODAY"] = str(self.today)  # the tests may go on past midnight
        for command, own in commands:
            done = subprocess.run(
                ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", command],
                cwd=folder,
                env={**inherited, **path, **more, **own},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                timeout=120,
                check=False,
            )
            self.said.append(done.stdout)
            if done.returncode:
                return done.returncode
        return 0

    def work(self) -> None:
        """Let the newsletter send what there is to send."""
        command = [sys.executable, "-m", "newsletter", "work", "--once"]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **self.environment}, capture_output=True, check=True)

    @property
    def mails(self) -> dict[str, int]:
        return dict(self.sink.recipients)


def steps(world: World, job: str) -> list[tuple[str, Mapping[str, str]]]:
    """A GitHub job's commands in order, each with its environment, the expressions in it filled in."""
    values = {
        "vars.MAGAZINE_DEST": str(world.root / "dest"),
        "vars.MAGAZINE_SSH_HOST": "",
        "secrets.MAGAZINE_SSH_KEY": "",
        "secrets.NEWSLETTER_RELEASE_TOKEN": world.environment["NEWSLETTER_RELEASE_TOKEN"],
        "github.token": "a-token",
    }

    def filled(environment: Mapping[str, str]) -> dict[str, str]:
        return {
            key: re.sub(r"\$\{\{ (\S+) \}\}", lambda match: values[match[1]], value)
            for key, value in environment.items()
        }

    given = github()["jobs"][job]
    shared = filled(given.get("env", {}))
    return [(step["run"], shared | filled(step.get("env", {}))) for step in given["steps"] if "run" in step]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("world")
    today = dt.datetime.now(ZoneInfo("Europe/Stockholm")).date()
    site_port, service_port = free_port(), free_port()
    site, service = f"http://127.0.0.1:{site_port}", f"http://127.0.0.1:{service_port}"
    first = root / "first"
    _write_repository(first, today, site, service)
    git(root, "init", "-q", "--bare", "-b", "main", "remote.git")
    git(first, "push", "-q", str(root / "remote.git"), "HEAD:main")

    server = serve(root / "dest/current", "127.0.0.1", site_port)
    with Sink() as sink:
        environment = mailing.environment(
            root, sink.url, NEWSLETTER_SITE_URL=site, NEWSLETTER_BASE_URL=service, NEWSLETTER_ISSUE_DAYS="14"
        )
        engine = database.connect(environment["NEWSLETTER_DATABASE_URL"])
        mailing.subscribe(engine, READERS)
        with _service(environment, service_port, service):
            yield World(root, site, service, sink, environment, today)
        engine.dispose()
    server.shutdown()


def _write_repository(folder: Path, today: dt.date, site: str, service: str) -> None:
    """A magazine's repository: the software, and a magazine whose newest issue comes out today."""
    for name in ("desk", "plugins", "theme", "newsletter"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("tasks.py", "pyproject.toml", "requirements.txt", ".gitignore"):
        shutil.copy(ROOT / name, folder / name)
    before = (today.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
    newest = f"{today:%Y-%m}"
    write_magazine(
        folder,
        {
            f"{before:%Y-%m}/aldre": {"title": "En äldre artikel"},
            f"{newest}/issue": {"title": "Dagens nummer", "date": str(today)},
            f"{newest}/nyhet": {"title": "En nyhet", "summary": "Kort sagt."},
        },
    )
    (folder / "publishconf.py").write_text(
        "from plugins.magazine.defaults import *\n\n"
        f'SITENAME = "Magasinet"\nSITEURL = "{site}"\nNEWSLETTER_URL = "{service}"\nDEFAULT_LANG = "sv"\n'
        'CATEGORIES = [("nyheter", "Nyheter"), ("kultur", "Kultur")]\nJOBS = 1\n',
        encoding="utf-8",
    )
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Dagens nummer")


@contextmanager
def _service(environment: Mapping[str, str], port: int, url: str) -> Iterator[None]:
    command = [sys.executable, "-m", "newsletter", "serve", "--host", "127.0.0.1", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            assert process.poll() is None
            try:
                httpx.get(f"{url}/health", trust_env=False)
                break
            except httpx.HTTPError:
                time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def test_an_issue_comes_out_and_every_reader_gets_one_mail(world: World) -> None:
    """The workflow's steps in order: ended after publishing and after releasing, then twice, twice at once, and again
    after a correction."""
    job = steps(world, "publish")
    install, key, publishing, verifying, releasing, keeping = job
    folder = world.clone()
    assert world.run([install, key, publishing], folder) == 0, world.said[-1]
    assert world.run([key, publishing, verifying, releasing], folder) == 0, world.said[-1]
    world.work()
    first = dict.fromkeys((f"reader{number}@example.net" for number in range(READERS)), 1)
    assert world.mails == first

    assert world.run(job, world.clone()) == 0, world.said[-1]
    again = [key, publishing, verifying, releasing, keeping]
    with ThreadPoolExecutor(2) as pool:
        codes = list(pool.map(lambda clone: world.run(again, clone), [world.clone(), world.clone()]))
    assert codes == [0, 0], world.said
    world.work()
    world.write("Rättad nyhet.")
    assert world.run(again, world.clone()) == 0, world.said[-1]
    world.work()

    assert world.mails == first
    said = "\n".join(world.said)
    assert f"Nummer {world.today:%Y-%m} är utgivet: {READERS} läsare får det med e-post." in said
    assert "ingen får det två gånger" in said
    assert "har redan skickats, med annat innehåll" in said
    assert "Rättad nyhet." in httpx.get(f"{world.site}/{world.today:%Y-%m}/nyhet/", trust_env=False).text

    kept = world.clone()
    ledger = (kept / "content/addresses.txt").read_text(encoding="utf-8").splitlines()
    assert {"/", f"/{world.today:%Y-%m}/nyhet/", f"/utskick/{world.today:%Y-%m}/"} <= set(ledger)
    log = git(world.remote, "log", "--format=%s|%an", "main").splitlines()
    assert log == [
        "Rättad nyhet.|Redaktionen",
        f"Addresses published on {world.today}|Magasinet",
        "Dagens nummer|Redaktionen",
    ]
    assert "[skip ci]" in git(world.remote, "log", "-1", "--format=%b", "main~1")
    assert sorted(path.name for path in (world.root / "dest").iterdir()) == ["current", "releases"]


def test_gitlab_does_the_same(world: World) -> None:
    """Its job, run after the other's, publishes nothing new and mails nobody again."""
    job: Job = [(line, {}) for line in gitlab()["publish"]["script"]]
    key = world.root / "key"
    key.write_text("no key is needed\n", encoding="utf-8")
    more = {
        "MAGAZINE_DEST": str(world.root / "dest"),
        "MAGAZINE_SSH_KEY": str(key),
        "CI_DEFAULT_BRANCH": "main",
        "NEWSLETTER_RELEASE_TOKEN": world.environment["NEWSLETTER_RELEASE_TOKEN"],
    }
    folder = world.clone()
    assert world.run(job, folder, **more) == 0, world.said[-1]
    assert (folder / "var/key").stat().st_mode & 0o777 == 0o600
    world.work()
    assert list(world.mails.values()) == [1] * READERS


# -- On a merge request ------------------------------------------------------------------------------------------------


class Platform(ThreadingHTTPServer):
    """The part of GitHub's and GitLab's API that comments are written with."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.comments: dict[int, str] = {1: "Snyggt!"}
        self.requests: list[str] = []
        self.status = 0
        self.released: list[str] = []
        self.answers: dict[str, tuple[int, dict[str, Any]]] = {}
        """What a newsletter's service would say of an issue."""
        self.url = f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Platform:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Api(BaseHTTPRequestHandler):
    server: Platform

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ") or self.headers.get("PRIVATE-TOKEN")
        self.server.requests.append(f"{self.command} {self.path.partition('?')[0]} {token}")
        answer: Any = [{"id": number, "body": text} for number, text in self.server.comments.items()]
        status = self.server.status or 200
        if self.path == "/releases" and not self.server.status:
            issue = json.loads(body)["issue"]
            self.server.released.append(issue)
            status, answer = self.server.answers.get(issue, (503, {}))
        elif self.command != "GET" and not self.server.status:
            number = (
                int(self.path.rsplit("/", 1)[1]) if self.command in ("PATCH", "PUT") else max(self.server.comments) + 1
            )
            self.server.comments[number] = json.loads(body)["body"]
            answer = {"id": number}
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815  # the names that http.server looks for

    def log_message(self, *_: object) -> None:
        pass


def at_github(platform: Platform) -> dict[str, str]:
    return {
        "GITHUB_REF": "refs/pull/7/merge",
        "GITHUB_API_URL": platform.url,
        "GITHUB_REPOSITORY": "sundhamn/magasinet",
    }


def test_a_pull_request_is_checked_and_told_what_will_come(world: World) -> None:
    """A mistake is annotated at its line and stops the job; mended, one comment has the forecast."""
    folder = world.clone()
    following = (world.today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    issue = folder / f"content/issues/{following:%Y-%m}"
    write(issue / "issue.md", title="Nästa", date=str(following))
    article = issue / "ny.md"
    with Platform() as platform:
        job = steps(world, "check")
        name = article.relative_to(folder)
        for text, code in (("[Nyheten om torget](finns-inte.md)", "dead-link"), ("[Dit](/#borta)", "site-anchor")):
            write(article, text, title="Ny", category="nyheter", summary="Kort.")
            assert world.run(job, folder, **at_github(platform)) == 1
            assert re.search(rf"^::error file={name},line=7,title={code}::", world.said[-1], re.MULTILINE)
        assert platform.requests == []

        write(article, title="Ny", category="nyheter", summary="Kort.")
        for _ in range(2):
            assert world.run(job, folder, **at_github(platform)) == 0, world.said[-1]
        assert sorted(platform.comments) == [1, 2]
        assert platform.comments[2].startswith(MARK)
        assert "Nyheter" in platform.comments[2]
        assert platform.requests[-1] == "PATCH /repos/sundhamn/magasinet/issues/comments/2 a-token"


def test_a_merge_request_at_gitlab_likewise(world: World) -> None:
    """Mistakes become a report that GitLab shows at their lines, and the forecast a note."""
    folder = world.clone()
    article = folder / f"content/issues/{world.today:%Y-%m}/fel.md"
    write(article, "[Nyheten om torget](finns-inte.md)", title="Fel", category="nyheter", summary="Kort.")
    jobs = gitlab()
    assert world.run([(line, {}) for line in jobs["check"]["script"]], folder) == 1
    rows = json.loads((folder / jobs["check"]["artifacts"]["reports"]["codequality"]).read_text(encoding="utf-8"))
    (row,) = [row for row in rows if row["severity"] == "major"]
    assert (row["check_name"], row["location"]) == (
        "dead-link",
        {"path": str(article.relative_to(folder)), "lines": {"begin": 7}},
    )
    assert len({row["fingerprint"] for row in rows}) == len(rows)
    assert f"{article.relative_to(folder)}:7: " in world.said[-1], "in the log too"
    article.unlink()
    with Platform() as platform:
        more = {"CI_MERGE_REQUEST_IID": "7", "CI_API_V4_URL": platform.url, "CI_PROJECT_ID": "3"}
        check: Job = [(line, {}) for line in jobs["check"]["script"]]
        assert world.run(check, folder, **more, MAGAZINE_GITLAB_TOKEN="t") == 0, world.said[-1]
        assert world.run(check[1:], folder, **more, MAGAZINE_GITLAB_TOKEN="t") == 0
        assert sorted(platform.comments) == [1, 2]
        assert platform.requests[-1] == "PUT /projects/3/merge_requests/7/notes/2 t"
        assert world.run(check[1:], folder, **more) == 0, "without a token, it is said and nothing else"
        assert "MAGAZINE_GITLAB_TOKEN är inte satt" in world.said[-1]


def test_a_request_from_a_fork_gets_no_comment_and_no_failure(world: World) -> None:
    """Its token may not write: that is said, and the check goes on. Other refusals are failures."""
    folder = world.clone()
    comment = steps(world, "check")[-1:]
    with Platform() as platform:
        platform.status = 403
        assert world.run(comment, folder, **at_github(platform)) == 0
        assert "Ingen kommentar skrivs" in world.said[-1]
        platform.status = 500
        assert world.run(comment, folder, **at_github(platform)) == 1
        assert "svarar inte som det ska: 500" in world.said[-1]
    assert world.run(comment, folder) == 1
    assert "ingen ändringsbegäran" in world.said[-1]


# -- Single commands ---------------------------------------------------------------------------------------------------


def test_ledgers_kept_at_once_are_joined(world: World, tmp_path: Path) -> None:
    """Two runs that both add addresses, and a person who says where one leads: nothing is lost."""
    one, two, person = world.clone(), world.clone(), world.clone()
    for folder, url in ((one, "ett"), (two, "tva")):
        shown = {"files": [f"amne/{url}/index.html"], "built_for": str(world.today)}
        remember(folder / "content", shown, world.today, SV)
    ledger = person / "content/addresses.txt"
    text = ledger.read_text(encoding="utf-8") if ledger.is_file() else ""
    ledger.write_text(f"{text}/amne/tre/ /\n", encoding="utf-8")
    git(person, "add", ".")
    git(person, "commit", "-qm", "Ett ämne har flyttat")
    git(person, "push", "-q", "origin", "HEAD:main")
    keep: Job = [("inv keep-ledger --branch main", {})]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda clone: world.run(keep, clone), (one, two))) == [0, 0], world.said[-2:]
    kept = world.clone()
    lines = (kept / "content/addresses.txt").read_text(encoding="utf-8").splitlines()
    assert {"/amne/ett/", "/amne/tva/", "/amne/tre/ /"} <= set(lines)
    before = git(world.remote, "rev-parse", "main")
    assert world.run(keep, kept) == 0
    assert git(world.remote, "rev-parse", "main") == before, "nothing new, no commit"
    assert git(one, "status", "--porcelain") in ("M content/addresses.txt", "?? content/addresses.txt")

    git(kept, "remote", "set-url", "origin", str(tmp_path / "nowhere"))
    assert world.run(keep, kept) == 1
    assert "git säger:" in world.said[-1]
    assert "Traceback" not in world.said[-1]


@pytest.fixture
def published(tmp_path: Path) -> Iterator[tuple[str, Path, dict[str, Any]]]:
    """A small site with its manifest, and a server that sends it."""
    site = tmp_path / "site"
    files = {"index.html": b"<p>start", "2026-11/index.html": b"<p>nummer", "2026-10/index.html": b"<p>gammalt"}
    for path, data in files.items():
        (site / path).parent.mkdir(parents=True, exist_ok=True)
        (site / path).write_bytes(data)
    rows = {path: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for path, data in files.items()}
    manifest = {"built_for": "2026-11-30", "files": rows}
    (site / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    server = serve(site, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.server_port}", site, manifest
    server.shutdown()
    server.server_close()


def faults(url: str, wanted: dict[str, Any] | None, day: str = "2026-11-30", **more: Any) -> list[str]:
    try:
        live.verify(url, wanted, day, SV, **more)
    except live.NotLive as error:
        return [line.removeprefix(url) for line in str(error).splitlines()]
    return []


def test_a_live_address_is_compared_with_what_was_published(published: tuple[str, Path, dict[str, Any]]) -> None:
    """Byte for byte; an old copy in a cache, a missing page, and a page for what does not exist are found."""
    url, site, manifest = published
    assert faults(url, manifest) == []
    assert faults(url, None, "2026-12-01") == ["/manifest.json visar tidningen som den var 2026-11-30, inte 2026-12-01"]
    assert faults(url, manifest, "2026-12-01") == [], "it was published before midnight"
    (site / "2026-10/index.html").write_bytes(b"<p>annat")
    assert faults(url, manifest) == [], "an older issue is asked for only with --every"
    assert faults(url, manifest, every=True) == ["/2026-10/ är inte det som publicerades"]
    (site / "2026-11/index.html").unlink()
    assert faults(url, manifest) == ["/2026-11/ svarar 404, inte 200"]
    (site / "manifest.json").write_text("{}", encoding="utf-8")
    assert faults(url, manifest) == ["/manifest.json är inget manifest; är tidningen publicerad där?"]
    (fault,) = faults(f"http://127.0.0.1:{free_port()}", manifest)
    assert "svarar inte" in fault


def test_a_live_address_gets_time(published: tuple[str, Path, dict[str, Any]]) -> None:
    """A cache lets go of the old copy after a while: it is asked again, and said that it is."""
    url, site, manifest = published
    page, right = site / "index.html", (site / "index.html").read_bytes()
    page.write_bytes(b"<p>old")
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        if len(said) == 2:
            page.write_bytes(right)

    assert live.verify(url, manifest, "2026-11-30", SV, tries=5, pause=0, say=say) == 2
    assert len(said) == 2


def test_a_newsletter_that_does_not_answer_is_asked_again(tmp_path: Path) -> None:
    """And in the end it is said. What will not pass is said at once; without a newsletter there is nothing."""
    site = tmp_path / "site"
    site.mkdir()
    issues = [{"id": "2026-11", "released": "2026-11-29"}, {"id": "2026-10", "released": "2026-10-01"}]
    (site / "magazine.json").write_text(json.dumps({"issues": issues}), encoding="utf-8")
    server = serve(site, "127.0.0.1", 0)
    here, nowhere, today = (
        f"http://127.0.0.1:{server.server_port}",
        f"http://127.0.0.1:{free_port()}",
        dt.date(2026, 11, 30),
    )
    said: list[str] = []
    with pytest.raises(newsletter.NotReleased, match=nowhere):
        newsletter.release(here, nowhere, "t", today, SV, tries=3, pause=0, say=said.append)
    assert len(said) == 2
    assert "Inget att skicka" in newsletter.release(here, nowhere, "t", dt.date(2026, 12, 13), SV)
    assert "inget nyhetsbrev" in newsletter.release(here, "", "", today, SV)
    with pytest.raises(newsletter.NotReleased, match="NEWSLETTER_RELEASE_TOKEN"):
        newsletter.release(here, nowhere, "", today, SV)
    with Platform() as platform:
        platform.status = 401
        with pytest.raises(newsletter.NotReleased, match="säger nej: 401"):
            newsletter.release(here, platform.url, "t", today, SV, tries=3, say=said.append)
        assert platform.requests == ["POST /releases t"]
    with pytest.raises(newsletter.NotReleased, match="säger nej: 501"):  # another service's address
        newsletter.release(here, f"{here}/nyhetsbrev", "t", today, SV, tries=3, say=said.append)
    assert len(said) == 2
    server.shutdown()
    server.server_close()


def test_an_issue_is_released_late_rather_than_never(tmp_path: Path) -> None:
    """After mornings that failed, each issue of the last fortnight, the oldest first; one refusal holds up nobody."""
    issues = [{"id": f"2026-{n}", "released": f"2026-{n}-{day}"} for n, day in ((12, "01"), (11, "20"), (10, "01"))]
    (tmp_path / "magazine.json").write_text(json.dumps({"issues": issues}), encoding="utf-8")
    server = serve(tmp_path, "127.0.0.1", 0)
    site, today = f"http://127.0.0.1:{server.server_port}", dt.date(2026, 12, 3)
    with Platform() as platform:
        with pytest.raises(newsletter.NotReleased) as caught:
            newsletter.release(site, platform.url, "t", today, SV, tries=2, say=lambda _: None)
        assert platform.released == ["2026-11", "2026-12", "2026-11", "2026-12"]
        platform.answers = {
            "2026-11": (409, {"error": "needs_yes", "message": "Nej."}),
            "2026-12": (201, {"audience": 3}),
        }
        with pytest.raises(newsletter.NotReleased) as caught:
            newsletter.release(site, platform.url, "t", today, SV)
        assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
            "Nummer 2026-12 är utgivet",
            "Nyhetsbrevet på http",
        ]
        platform.answers["2026-11"] = (200, {"issue": "2026-11"})
        said = newsletter.release(site, platform.url, "t", today, SV)
        assert [line[:14] for line in said.splitlines()] == ["Nummer 2026-11", "Nummer 2026-12"]
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "command", [("verify-live", "--tries", "0"), ("release", "--days", "x"), ("verify-live", "--pause", "-1")]
)
def test_wrong_usage_is_said(command: tuple[str, ...]) -> None:
    """Exit code 2, as everywhere."""
    done = subprocess.run(inv_command(*command), cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
