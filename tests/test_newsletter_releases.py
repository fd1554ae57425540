"""An issue is released once: with one content, to one audience, from wherever and however often it is asked for."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, select

from newsletter import cli, database, delivery, digest, tide, web
from newsletter.config import read
from newsletter.digest import BadDigest
from newsletter.tables import fact, mailing
from tests import mailing as made
from tests.mailing import ISSUE, states
from tests.service import running

TOKEN = {"Authorization": f"Bearer {'t' * 32}"}


def days_ago(days: int) -> dt.date:
    """Seen from now: the tests may go on past midnight."""
    return dt.datetime.now(dt.UTC).date() - dt.timedelta(days=days)


@dataclass
class Site:
    """A published magazine."""

    files: dict[str, bytes] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    url: str = ""

    def publish(self, document: dict[str, Any], days: int = 0) -> None:
        """An issue that came out so many days ago."""
        issue = document["issue"]
        self.files[f"/utskick/{issue}.json"] = json.dumps(document, ensure_ascii=False).encode()
        magazine = {"name": "Magasinet", "lang": "sv", "issues": [{"id": issue, "released": f"{days_ago(days)}"}]}
        self.files["/magazine.json"] = json.dumps(magazine).encode()


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path in site.redirects:
                self.send_response(302)
                self.send_header("Location", site.redirects[self.path])
                self.end_headers()
                return
            self.send_response(200 if self.path in site.files else 404)
            self.end_headers()
            self.wfile.write(site.files.get(self.path, b""))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield site
    server.shutdown()
    server.server_close()


@pytest.fixture
def environment(site: Site, engine: Engine, database_url: str, tmp_path: Path) -> dict[str, str]:
    """Settings, and ten readers in the database."""
    made.subscribe(engine, 10)
    return made.environment(tmp_path, database_url=database_url, NEWSLETTER_SITE_URL=site.url)


@contextmanager
def service(engine: Engine, environment: dict[str, str]) -> Iterator[Callable[..., httpx.Response]]:
    """`post(issue)` at a running service."""
    with running(web.app(read(environment), engine)) as url:

        def post(body: Any = None, headers: dict[str, str] = TOKEN) -> httpx.Response:
            content = body if isinstance(body, bytes) else json.dumps(body or {"issue": ISSUE})
            return httpx.post(f"{url}/releases", content=content, headers=headers, timeout=60)

        yield post


def frozen(engine: Engine) -> list[tuple[str, int]]:
    with database.reading(engine) as connection:
        rows = connection.execute(select(mailing.c.id, mailing.c.audience).order_by(mailing.c.id))
        return [(row.id, row.audience) for row in rows]


def test_ci_and_an_operator_release_an_issue_once(
    site: Site, engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    site.publish(made.document())
    with service(engine, environment) as post:
        first, again = post(), post()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["audience"] == again.json()["audience"] == 10
    assert first.json()["states"]["pending"] == 10
    assert (first.json()["new"], again.json()["new"]) == (True, False)
    assert cli.main(["release", ISSUE], environment) == 0
    assert "had been released already, to 10" in capsys.readouterr().out
    assert frozen(engine) == [(ISSUE, 10)]


def test_an_issue_that_the_site_shows_before_its_day_is_not_mailed(
    site: Site, engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A trial that was published to the wrong place, say: a mail cannot be called back."""
    site.publish(made.document(), days=-6)
    assert cli.main(["release", ISSUE], environment) == 1
    assert "before its day" in capsys.readouterr().err
    with service(engine, environment) as post:
        answer = post()
    assert (answer.status_code, answer.json()["error"]) == (404, "not_published")
    assert frozen(engine) == []


def test_a_hundred_calls_at_once_are_one_release(site: Site, engine: Engine, environment: dict[str, str]) -> None:
    site.publish(made.document())
    with service(engine, environment) as post, ThreadPoolExecutor(20) as pool:
        commands = [made.start(["release", ISSUE], environment) for _ in range(4)]
        calls = [pool.submit(post) for _ in range(96)]
        codes = [call.result().status_code for call in calls]
        for command in commands:
            command.join(60)
    assert set(codes) <= {200, 201}
    assert codes.count(201) <= 1
    assert [command.exitcode for command in commands] == [0] * 4
    assert frozen(engine) == [(ISSUE, 10)]
    assert states(engine) == {"pending": 10}


def test_who_subscribes_later_is_not_in_the_audience(site: Site, engine: Engine, environment: dict[str, str]) -> None:
    site.publish(made.document())
    assert cli.main(["release", ISSUE], environment) == 0
    made.subscribe(engine, 5, start=10)
    assert cli.main(["release", ISSUE], environment) == 0
    assert frozen(engine) == [(ISSUE, 10)]


def test_who_chose_nothing_of_what_it_holds_gets_no_mail(
    site: Site, engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    made.subscribe(engine, 2, choice="kalender", start=10)
    made.subscribe(engine, 3, choice="kalender pa-gang", start=12)
    made.subscribe(engine, 1, choice="pa-gangen", start=15)
    site.publish(made.document())
    assert cli.main(["release", ISSUE], environment) == 0
    assert states(engine) == {"pending": 13, "suppressed": 3}
    assert "to 16 subscribers, of whom 3 chose only categories that it has nothing of" in capsys.readouterr().out


def test_other_content_for_a_released_issue_is_refused(
    site: Site, engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    site.publish(made.document())
    assert cli.main(["release", ISSUE], environment) == 0
    site.publish(made.document(words="rättad"))
    with service(engine, environment) as post:
        answer = post()
    assert (answer.status_code, answer.json()["error"]) == (409, "changed")
    assert cli.main(["release", ISSUE], environment) == 1
    assert "released with another content" in capsys.readouterr().err
    with database.reading(engine) as connection:
        assert "rättad" not in connection.execute(select(mailing.c.digest)).scalar_one()


def test_an_old_issue_needs_an_operators_yes(
    site: Site, engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    site.publish(made.document(), days=15)
    with service(engine, environment) as post:
        answer = post()
    assert (answer.status_code, answer.json()["error"]) == (409, "needs_yes")
    assert cli.main(["release", ISSUE], environment) == 1
    assert "came out 15 days ago" in capsys.readouterr().err
    assert frozen(engine) == []
    assert cli.main(["release", ISSUE, "--yes-old"], environment) == 0
    assert frozen(engine) == [(ISSUE, 10)]


def test_what_is_not_published_is_not_released(site: Site, engine: Engine, environment: dict[str, str]) -> None:
    with service(engine, environment) as post:
        assert post().status_code == 404
        site.publish(made.document())
        del site.files["/utskick/2026-11.json"]
        assert post().status_code == 404
        site.publish(made.document())
        site.files["/magazine.json"] = b'{"issues": []}'
        assert post().status_code == 404
        assert post({"issue": "2026-12"}).status_code == 404
    assert frozen(engine) == []


def test_a_site_that_answers_oddly_releases_nothing(site: Site, engine: Engine, environment: dict[str, str]) -> None:
    whole = made.document()
    odd = [
        b"",
        b"<!doctype html>",
        b"[]",
        b"\xff\xfe",
        json.dumps(whole | {"subject": "another"}).encode(),
        json.dumps(whole | {"hash": whole["hash"].upper()}).encode(),
        json.dumps(made.document("2026-10")).encode(),
        b" " * 6_000_000,
    ]
    with service(engine, environment) as post:
        for content in odd:
            site.publish(whole)
            site.files["/utskick/2026-11.json"] = content
            assert post().status_code == 502
        site.publish(whole)
        site.files["/magazine.json"] = b"{}"
        assert post().status_code == 502
        site.publish(whole)
        site.redirects["/utskick/2026-11.json"] = "https://elsewhere.example/"
        answer = post()
        assert answer.status_code == 502
        assert "elsewhere.example" in answer.json()["message"]
    assert frozen(engine) == []


def test_a_site_that_is_away_releases_nothing(
    engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["release", ISSUE], environment | {"NEWSLETTER_SITE_URL": "http://127.0.0.1:1"}) == 1
    assert "cannot be fetched (ConnectError)" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("headers", "token"),
    [
        ({}, "t" * 32),
        ({"Authorization": "Bearer wrong"}, "t" * 32),
        ({"Authorization": f"Basic {'t' * 32}"}, "t" * 32),
        ({"Authorization": "Bearer"}, ""),
        ({"Authorization": "Bearer å".encode("latin-1")}, "t" * 32),
    ],
)
def test_without_the_token_nothing_is_released(
    site: Site, engine: Engine, environment: dict[str, str], headers: dict[str, Any], token: str
) -> None:
    site.publish(made.document())
    with service(engine, environment | {"NEWSLETTER_RELEASE_TOKEN": token}) as post:
        assert post(headers=headers).status_code == 401
    assert frozen(engine) == []


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"issue": 202611}', b'{"issue": "../2026-11"}', b'{"issue": "2026-13"}']
)
def test_a_body_that_names_no_issue_is_refused(engine: Engine, environment: dict[str, str], body: bytes) -> None:
    with service(engine, environment) as post:
        assert post(body).status_code == 422


# -- A restored backup -------------------------------------------------------------------------------------------------


def test_after_a_restored_backup_an_operator_is_asked(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = made.environment(tmp_path, NEWSLETTER_SITE_URL=site.url)
    file = tmp_path / "newsletter.db"
    engine = database.connect(f"sqlite:///{file}")
    made.subscribe(engine, 10)
    site.publish(made.document("2026-10"))
    assert cli.main(["release", "2026-10"], environment) == 0
    engine.dispose()
    backup = file.read_bytes()
    site.publish(made.document())
    assert cli.main(["release", ISSUE], environment) == 0
    file.write_bytes(backup)
    capsys.readouterr()

    assert cli.main(["release", ISSUE], environment) == 1
    assert "as if restored from a backup" in capsys.readouterr().err
    assert cli.main(["work", "--once"], environment) == 1
    assert "accept-database" in capsys.readouterr().err
    with service(database.connect(f"sqlite:///{file}"), environment) as post:
        assert post().json()["error"] == "needs_yes"

    assert cli.main(["accept-database"], environment) == 0
    assert "10 messages are held" in capsys.readouterr().out
    assert states(engine, "2026-10") == {"held": 10}
    assert cli.main(["release", ISSUE], environment) == 0
    assert states(engine, ISSUE) == {"pending": 10}


def test_a_machine_that_never_saw_the_database_asks(
    site: Site, engine: Engine, environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.publish(made.document())
    assert cli.main(["release", ISSUE], environment) == 0
    elsewhere = environment | {"NEWSLETTER_STATE": str(tmp_path / "another machine")}
    assert cli.main(["work", "--once"], elsewhere) == 1
    assert "has not worked with the database before" in capsys.readouterr().err
    assert cli.main(["accept-database", "--new-machine"], elsewhere) == 0
    assert "Nothing is held" in capsys.readouterr().out
    assert set(states(engine)) == {"pending"}
    with database.writing(engine) as connection:
        tide.Marks(tmp_path / "another machine").advance(connection)


def test_what_a_living_worker_has_in_hand_is_not_held(
    site: Site, engine: Engine, environment: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.publish(made.document())
    assert cli.main(["release", ISSUE], environment) == 0
    with database.writing(engine) as connection:
        now = database.now(connection)
        for me, lease in (("alive", 3600.0), ("gone", -1.0)):
            delivery.beat(connection, me, "host", now, lease)
            delivery.claim(connection, me, ISSUE, 2, now)
    elsewhere = environment | {"NEWSLETTER_STATE": str(tmp_path / "another machine")}
    assert cli.main(["accept-database"], elsewhere) == 0
    assert states(engine)["sending"] == 2


def test_what_one_machine_accepted_another_takes(engine: Engine, tmp_path: Path) -> None:
    """Else the second would hold again what an operator has just let go on."""
    here, there = tide.Marks(tmp_path / "here"), tide.Marks(tmp_path / "there")
    with database.writing(engine) as connection:
        backup = here.advance(connection)
        for each in (here, there):
            each.keep(backup)
        for each in (here, there):
            each.keep(each.advance(connection))
        connection.execute(fact.update().where(fact.c.name == "tide").values(value=json.dumps(asdict(backup))))
        for each in (here, there):
            with pytest.raises(tide.Restored):
                each.advance(connection)
        here.keep(here.accept(connection, 1.0, new_machine=False)[0])
        for each in (here, there):
            each.keep(each.advance(connection))


def test_two_processes_of_a_machine_may_begin_together(engine: Engine, tmp_path: Path) -> None:
    """The second waits until the first, which has begun the database, has put down that it did."""
    first, second = tide.Marks(tmp_path / "state"), tide.Marks(tmp_path / "state")
    with database.writing(engine) as connection:
        mark = first.advance(connection)
    late = threading.Timer(0.3, first.keep, [mark])
    late.start()
    with database.writing(engine) as connection:
        assert second.advance(connection).level == mark.level + 1
    late.join()


def test_threads_put_down_what_they_know_without_meeting(tmp_path: Path) -> None:
    marks = tide.Marks(tmp_path / "state")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(marks.keep, [tide.Mark("a", level) for level in range(200)]))
    assert marks.remembered() in [tide.Mark("a", level) for level in range(200)]
    assert [path.name for path in marks.path.parent.iterdir()] == [marks.path.name]


def test_another_machine_may_have_gone_on(
    site: Site, engine: Engine, environment: dict[str, str], tmp_path: Path
) -> None:
    site.publish(made.document("2026-10"))
    assert cli.main(["release", "2026-10"], environment) == 0
    with database.writing(engine) as connection:
        tide.Marks(tmp_path / "state").advance(connection)  # … and remembers it there, not here
    site.publish(made.document())
    assert cli.main(["release", ISSUE], environment) == 0


# -- The digest --------------------------------------------------------------------------------------------------------


def altered(change: Callable[[dict[str, Any]], Any]) -> str:
    """A digest with a change and the hash that belongs to it."""
    document = made.document()
    change(document)
    return json.dumps(document | {"hash": digest.digest_hash(document)})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda d: d.pop("subject"), "lacks the text 'subject'"),
        (lambda d: d.update(subject="a\nBcc: b@c.example"), "more than one line"),
        (lambda d: d.update(subject=" "), "subject is empty"),
        (lambda d: d.update(html=[]), "html is no JSON object"),
        (lambda d: d["text"].pop("foot"), "text lacks the text 'foot'"),
        (lambda d: d["html"].update(sections={}), "html lacks the list 'sections'"),
        (lambda d: d["html"]["sections"].reverse(), "different sections"),
        (lambda d: d["text"]["sections"].pop(), "different sections"),
        (lambda d: d["html"]["sections"].append(d["html"]["sections"][0]), "twice"),
        (lambda d: d["html"]["sections"][0].update(category="50%"), "no category"),
        (lambda d: d["html"].update(foot=""), "html says nowhere how to leave"),
        (lambda d: d["text"].update(foot="\0{{unsubscribe_url}}"), "lacks the text 'foot'"),
    ],
)
def test_a_digest_that_is_not_as_agreed_is_said_why(change: Callable[[dict[str, Any]], Any], words: str) -> None:
    with pytest.raises(BadDigest, match=words):
        digest.read(altered(change), ISSUE)


def test_a_mail_is_head_chosen_sections_and_foot() -> None:
    found = digest.read(json.dumps(made.document()), ISSUE)
    assert found.content("").text.count("Åäö") == 2
    content = found.content("pa-gang okänd")
    assert content.text.startswith("Magasinet\n\npa-gang\n")
    assert "nyheter" not in content.text + (content.html or "")
    assert content.html
    assert content.html.endswith("</body></html>\n")
