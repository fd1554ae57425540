"""The service over HTTP: who signs up, confirms, chooses and leaves, and what nobody can do."""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.routing import Mount

from newsletter import database, subscribers, web
from newsletter.addresses import parse
from newsletter.tokens import Purpose, Tokens
from tests import service
from tests.service import Client

ONE_CLICK = "List-Unsubscribe=One-Click"


@pytest.fixture
def client(engine: Engine) -> Iterator[Client]:
    service.prepare(engine)
    client = Client(web.app(service.config(), engine))
    yield client
    client.runner.close()


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Client]:
    """On SQLite only: what does not depend on the database."""
    engine = database.connect(f"sqlite:///{tmp_path}/newsletter.db")
    service.prepare(engine)
    client = Client(web.app(service.config(), engine))
    yield client
    client.runner.close()
    engine.dispose()


def active(client: Client, address: str = "a@x.example", **more: str) -> str:
    """Somebody who signed up and confirmed. Gives their ref."""
    client.sign_up(address, **more)
    ref = str(client.row(parse(address).key).ref)
    assert client.post(client.link("confirm", ref)).status_code == 200
    return ref


def words(response: Any) -> str:
    """What a page says, without its tags."""
    main = re.search(r"<main.*</main>", response.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", main[0]).split()) if main else response.text


def waiting(client: Client) -> int:
    with database.reading(client.engine) as connection:
        return int(connection.execute(text("SELECT count(*) FROM delivery")).scalar_one())


# -- The way of a subscriber -------------------------------------------------------------------------------------------


def test_from_the_form_to_leaving(client: Client) -> None:
    answer = client.sign_up("A@X.example", category=["tankar", "kultur", "okänd"])
    assert answer.status_code == 200
    row = client.row("a@x.example")
    assert (row.standing, row.choice, row.consent_version) == ("pending", "kultur tankar", "2026-11")
    assert "Kultur &amp; fritid och Tankar" in words(client.get(client.link("confirm", row.ref)))
    assert client.row("a@x.example").standing == "pending"
    assert "Du prenumererar" in words(client.post(client.link("confirm", row.ref)))
    assert client.row("a@x.example").standing == "active"
    page = client.post(client.link("preferences", row.ref), {"category": ["nyheter"]})
    assert "Sparat" in words(page)
    assert client.row("a@x.example").choice == "nyheter"
    assert "Ja, jag vill sluta" in words(client.get(client.link("unsubscribe", row.ref)))
    assert "Du får inga mejl" in words(client.post(client.link("unsubscribe", row.ref)))
    assert client.row("a@x.example").standing == "left"


def test_the_answer_is_the_same_whether_the_address_is_known_or_not(client: Client) -> None:
    for name in ("active", "left"):
        active(client, f"{name}@x.example")
    client.post(client.link("unsubscribe", client.row("left@x.example").ref))
    client.sign_up("pending@x.example")
    with database.writing(client.engine) as connection:
        subscribers.erase(connection, client.app.state.tokens, parse("barred@x.example"), bar=True, now=0.0)
    answers = set()
    for name in ("new", "active", "left", "pending", "barred"):
        answer = client.sign_up(f"{name}@x.example")
        headers = {key: value for key, value in answer.headers.items() if key != "content-length"}
        answers.add((answer.status_code, str(headers), answer.text.replace(name, "?")))
    assert len(answers) == 1


def test_all_categories_are_all_of_the_magazine(lite: Client) -> None:
    lite.sign_up("a@x.example", category=["nyheter", "kultur", "tankar"])
    assert lite.row("a@x.example").choice == ""


def test_a_choice_of_nothing_is_asked_about_and_changes_nothing(lite: Client) -> None:
    ref = active(lite, category="kultur")
    answer = lite.post(lite.link("preferences", ref), {"category": "unknown"})
    assert answer.status_code == 422
    assert "minst en kategori" in words(answer)
    assert lite.row("a@x.example").choice == "kultur"


def test_one_leaves_by_the_preferences_too(lite: Client) -> None:
    ref = active(lite)
    assert "Du får inga mejl" in words(lite.post(lite.link("preferences", ref), {"leave": "yes"}))
    assert lite.row("a@x.example").standing == "left"


def test_confirming_twice_says_the_same(lite: Client) -> None:
    ref = active(lite)
    before = lite.everything()
    again = lite.post(lite.link("confirm", ref))
    assert words(again) == words(lite.get(lite.link("confirm", ref)))
    assert lite.everything() == before


def test_a_letter_of_before_does_not_bring_back_who_left(lite: Client) -> None:
    ref = active(lite)
    lite.post(lite.link("unsubscribe", ref))
    assert lite.post(lite.link("confirm", ref)).status_code == 404
    assert lite.row("a@x.example").standing == "left"


def test_one_signs_up_again_after_leaving(lite: Client) -> None:
    ref = active(lite)
    lite.post(lite.link("unsubscribe", ref))
    assert active(lite) == ref
    assert lite.row("a@x.example").standing == "active"


# -- Leaving by one click (RFC 8058) -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        {"content": ONE_CLICK, "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": ""},
        {"content": b"\xff\x00{", "headers": {"Content-Type": "application/json"}},
        {"content": "no boundary", "headers": {"Content-Type": "multipart/form-data"}},
        {"content": b"x" * 200_000},
        {"headers": {"Cookie": "a=b", "Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}},
    ],
    ids=["urlencoded", "multipart", "empty", "nonsense", "broken multipart", "large", "from elsewhere"],
)
def test_one_post_leaves_whatever_its_body(lite: Client, body: dict[str, Any]) -> None:
    ref = active(lite)
    for _ in range(2):
        answer = lite.ask("POST", lite.link("unsubscribe", ref), **body)
        assert answer.status_code == 200
        assert "location" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert lite.row("a@x.example").standing == "left"


def test_a_link_to_leave_is_good_for_years_and_after_new_keys(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    ref = active(client)
    with monkeypatch.context() as patched:
        patched.setattr("itsdangerous.timed.time.time", lambda: 1_000_000_000.0)
        link = client.link("unsubscribe", ref)
    rotated = Client(web.app(service.config(secret=f"{'b' * 32} {'a' * 32}"), client.engine), runner=client.runner)
    assert rotated.post(link).status_code == 200
    assert client.row("a@x.example").standing == "left"


def test_who_is_erased_leaves_without_an_error(lite: Client) -> None:
    ref = active(lite)
    with database.writing(lite.engine) as connection:
        subscribers.erase(connection, lite.app.state.tokens, parse("a@x.example"), bar=False, now=0.0)
    assert lite.post(lite.link("unsubscribe", ref)).status_code == 200


def test_a_link_to_confirm_expires(lite: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    lite.sign_up("a@x.example")
    with monkeypatch.context() as patched:
        patched.setattr("itsdangerous.timed.time.time", lambda: 1_000_000_000.0)
        link = lite.link("confirm", lite.row("a@x.example").ref)
    assert lite.get(link).status_code == lite.post(link).status_code == 404
    assert lite.row("a@x.example").standing == "pending"


# -- What looking does: nothing ----------------------------------------------------------------------------------------


def test_a_thousand_looks_at_every_link_change_nothing(lite: Client) -> None:
    ref = active(lite)
    lite.sign_up("pending@x.example")
    pending = lite.row("pending@x.example").ref
    before = lite.everything()
    for link in (lite.link("confirm", pending), lite.link("unsubscribe", ref), lite.link("preferences", ref)):
        assert lite.knock("GET", link, 1000) == {200}
        assert lite.knock("HEAD", link, 1000) == {200}
        assert lite.knock("OPTIONS", link, 1000) == {405}
    assert lite.everything() == before


def test_a_look_changes_nothing_whatever_the_standing(client: Client) -> None:
    standings = ("pending", "active", "left", "suppressed")
    for standing in standings:
        client.sign_up(f"{standing}@x.example")
        ref = client.row(f"{standing}@x.example").ref
        if standing != "pending":
            client.post(client.link("confirm", ref))
        if standing == "left":
            client.post(client.link("unsubscribe", ref))
        if standing == "suppressed":
            with database.writing(client.engine) as connection:
                subscribers.suppress(connection, ref, "bounced", 0.0)
    before = client.everything()
    for standing in standings:
        for purpose in ("confirm", "unsubscribe", "preferences"):
            for method in ("GET", "HEAD", "OPTIONS"):
                link = client.link(purpose, client.row(f"{standing}@x.example").ref)
                assert max(client.knock(method, link, 3)) < 500
    assert client.everything() == before


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE"])
def test_no_method_but_post_does_anything_anywhere(lite: Client, method: str) -> None:
    ref = active(lite)
    lite.sign_up("pending@x.example")
    pending = lite.row("pending@x.example").ref
    before = lite.everything()
    paths = [lite.link(purpose, ref) for purpose in ("unsubscribe", "preferences")] + [lite.link("confirm", pending)]
    for path in [*paths, "/subscribe?email=b@x.example&consent=1", "/", "/health", "/static/css/magazine.css"]:
        more = {"content": ONE_CLICK} if method != "GET" else {}
        assert lite.ask(method, path, **more).status_code < 500
    assert lite.everything() == before


# -- Who tries something else ------------------------------------------------------------------------------------------


def test_forged_altered_and_wrong_purpose_links_do_nothing(lite: Client) -> None:
    ref, chance = active(lite), random.Random(7)
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
    purposes: tuple[Purpose, ...] = ("confirm", "unsubscribe", "preferences")
    before = lite.everything()
    for number in range(100):
        purpose = purposes[number % 3]
        token = lite.link(purpose, ref).rpartition("/")[2]
        kind = number // 3 % 4
        if kind == 0:
            place = chance.randrange(len(token))
            token = token[:place] + chance.choice(alphabet.replace(token[place], "")) + token[place + 1 :]
        elif kind == 1:
            token = lite.link(purposes[(number + 1) % 3], ref).rpartition("/")[2]
        elif kind == 2:
            token = token[: chance.randrange(1, len(token))]
        else:
            token = "".join(chance.choices(alphabet, k=chance.randrange(1, 2000)))
        answer = lite.post(f"/{purpose}/{token}", {"leave": "yes"})
        assert answer.status_code == 404
        assert "Länken fungerar inte" in words(answer)
    assert lite.everything() == before


@pytest.mark.parametrize(
    "email",
    [
        "a@x.example\r\nBcc: b@x.example",
        "a@x.example\nSubject: x",
        "<a@x.example>",
        "a@x.example,b@x.example",
        "a@x.example%0d%0aBcc:b@x.example",
        "\0a@x.example",
        "javascript:alert(1)@x.example<script>",
        "a" * 5000 + "@x.example",
        "",
    ],
)
def test_what_is_no_address_gets_the_form_again_with_words(lite: Client, email: str) -> None:
    answer = lite.sign_up(email, category="kultur")
    assert answer.status_code == 422
    assert "Det här är ingen e-postadress" in words(answer)
    assert "<script" not in answer.text
    assert 'value="kultur" checked' in answer.text
    assert lite.row("a@x.example") is None


def test_no_field_reaches_a_letter_or_a_page_unasked(lite: Client) -> None:
    """Choices that do not exist, a language that is none, other fields: all are dropped."""
    lite.sign_up(
        "a@x.example", category=["kultur", "http://evil.example", "a\r\nb"], lang="evil", name="evil", subject="evil"
    )
    assert lite.row("a@x.example").choice == "kultur"
    assert "evil" not in lite.everything()
    assert "confirm/sv" in lite.everything()


def test_links_do_not_depend_on_the_host_that_was_asked_for(lite: Client) -> None:
    ref = active(lite)
    for path in ("/", "/subscribe", lite.link("preferences", ref), lite.link("confirm", ref) + "/"):
        answer = lite.get(path, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
        assert "evil" not in answer.text + str(answer.headers)


def test_a_program_that_fills_in_every_field_gets_the_usual_answer_and_nothing_happens(lite: Client) -> None:
    usual = lite.sign_up("a@x.example")
    before = lite.everything()
    answer = lite.sign_up("b@x.example", webbplats="http://spam.example")
    assert answer.text.replace("b@x", "a@x") == usual.text
    assert lite.everything() == before


@pytest.mark.parametrize("consent", ["", "a b", "x" * 65, "<b>"])
def test_a_form_without_a_consent_is_refused_in_words(lite: Client, consent: str) -> None:
    answer = lite.sign_up("a@x.example", consent=consent)
    assert answer.status_code == 400
    assert "Ladda om sidan" in words(answer)
    assert lite.row("a@x.example") is None


def test_a_form_may_be_multipart(lite: Client) -> None:
    fields = {"email": "a@x.example", "consent": "1", "category": "kultur"}
    answer = lite.ask("POST", "/subscribe", files={name: (None, value) for name, value in fields.items()})
    assert answer.status_code == 200
    assert lite.row("a@x.example").choice == "kultur"


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"content": b"email=" + b"a" * 100_000}, 413),
        ({"content": b"a=1&" * 1000}, 400),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 400),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"files": {"email": ("file.txt", b"a@x.example")}}, 400),
        ({"content": b"{}", "headers": {"Content-Type": "application/json"}}, 400),
        ({"content": b"\xff\xfe\x00=&&&;=%"}, 400),
    ],
)
def test_what_is_no_form_is_refused_in_words(lite: Client, more: dict[str, Any], status: int) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"} if "files" not in more else {}
    answer = lite.ask("POST", "/subscribe", **more | {"headers": headers | more.get("headers", {})})
    assert answer.status_code == status
    assert "<h1>Det där gick inte</h1>" in answer.text


# -- Limits ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign-ups are counted by the hour, and letters by the day: neither ends in the middle of a test."""
    monkeypatch.setattr(database, "now", lambda _: 1_800_000_000.0)


def test_ten_thousand_sign_ups_for_one_address_are_one_letter(engine: Engine) -> None:
    """Spelled in many ways. (PostgreSQL takes its time, and a tenth of them.)"""
    tokens = Tokens(["a" * 32])
    for hundred in range(100 if engine.dialect.name == "sqlite" else 10):
        with database.writing(engine) as connection:
            for number in range(hundred * 100, hundred * 100 + 100):
                name = "".join(letter.upper() if number >> i & 1 else letter for i, letter in enumerate("somebody"))
                mailbox, now = parse(f"{name}@x.example"), 1_800_000_000.0 + number
                subscribers.sign_up(connection, tokens, mailbox, choice="", version="1", lang="sv", now=now)
    with database.reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM delivery")).scalar_one() == 1
        assert connection.execute(text("SELECT count(*) FROM subscriber")).scalar_one() == 1


@pytest.mark.usefixtures("noon")
def test_a_hundred_sign_ups_from_as_many_networks_are_one_letter(lite: Client) -> None:
    for number in range(300):
        one = Client(lite.app, f"10.{number // 256}.{number % 256}.1", lite.runner)
        assert one.sign_up("A@x.example").status_code == 200
    assert waiting(lite) == 1


@pytest.mark.usefixtures("noon")
def test_a_network_is_limited_and_a_restart_forgets_nothing(client: Client) -> None:
    config = service.config(sign_ups="3")
    for number, peer in enumerate(["192.0.2.1", "192.0.2.77", "192.0.2.200"]):
        fresh = Client(web.app(config, client.engine), peer, client.runner)
        assert fresh.sign_up(f"{number}@x.example").status_code == 200
    again = Client(web.app(config, client.engine), "192.0.2.9", client.runner)
    answer = again.sign_up("another@x.example")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    assert "För många anmälningar" in answer.text
    assert client.row("another@x.example") is None
    elsewhere = Client(web.app(config, client.engine), "198.51.100.1", client.runner)
    assert elsewhere.sign_up("another@x.example").status_code == 200


@pytest.mark.usefixtures("noon")
def test_only_our_proxies_are_believed(client: Client) -> None:
    config = service.config(sign_ups="1", proxies="10.0.0.0/8 ::1")
    forged = Client(web.app(config, client.engine), "192.0.2.1", client.runner)
    statuses = [
        forged.ask(
            "POST",
            "/subscribe",
            data=service.FORM | {"email": "a@x.example"},
            headers={"X-Forwarded-For": f"203.0.113.{number}, 198.{number}.100.1"},
        ).status_code
        for number in range(2)
    ]
    assert statuses == [200, 429]
    proxied = Client(web.app(config, client.engine), "10.1.2.3", client.runner)
    statuses = [
        proxied.ask(
            "POST",
            "/subscribe",
            data=service.FORM | {"email": "a@x.example"},
            headers={"X-Forwarded-For": f"203.0.113.{number}, 198.51.{number // 2}.1, 10.9.9.9"},
        ).status_code
        for number in range(4)
    ]
    assert statuses == [200, 429, 200, 429]


def test_no_address_of_a_visitor_is_kept(lite: Client) -> None:
    lite.sign_up("a@x.example")
    assert "192.0.2" not in lite.everything()


def test_addresses_with_letters_of_their_own_are_taken_if_the_relay_can(lite: Client) -> None:
    assert lite.sign_up("åsa@räksmörgås.example").status_code == 200
    with database.writing(lite.engine) as connection:
        connection.execute(text("INSERT INTO fact (name, value) VALUES ('relay.smtputf8', 'no')"))
    answer = lite.sign_up("örjan@x.example")
    assert answer.status_code == 422
    assert "före @" in words(answer)
    assert lite.sign_up("orjan@räksmörgås.example").status_code == 200


# -- Pages -------------------------------------------------------------------------------------------------------------


def test_every_answer_keeps_the_readers_business_to_itself(lite: Client) -> None:
    ref = active(lite)
    paths = [lite.link(purpose, ref) for purpose in ("confirm", "unsubscribe", "preferences")]
    for path in [*paths, "/", "/health", "/missing", "/confirm/forged"]:
        headers = lite.get(path).headers
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert "noindex" in headers["x-robots-tag"]
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "set-cookie" not in headers


def test_no_page_behind_a_link_shows_the_address(lite: Client) -> None:
    """A mail may be forwarded."""
    ref = active(lite, "very.secret@x.example")
    for purpose in ("confirm", "preferences", "unsubscribe"):
        for method in ("GET", "POST"):
            answer = lite.ask(method, lite.link(purpose, ref))
            assert "secret" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(("query", "lang"), [("", "sv"), ("?lang=en", "en"), ("?lang=fi", "sv"), ("?lang=", "sv")])
def test_pages_speak_the_magazines_language_or_the_one_asked_for(lite: Client, query: str, lang: str) -> None:
    ref = active(lite)
    answer = lite.get(lite.link("preferences", ref) + query)
    assert f'<html lang="{lang}">' in answer.text
    assert ("Save" if lang == "en" else "Spara") in words(answer)


def test_a_form_in_english_brings_a_page_and_a_letter_in_english(lite: Client) -> None:
    assert "One step is left" in words(lite.sign_up("a@x.example", lang="en"))
    assert "confirm/en" in lite.everything()


def test_every_page_is_valid(lite: Client, nu: Callable[..., list[Any]], tmp_path: Path) -> None:
    lite.sign_up("p@x.example")
    pending, there = lite.row("p@x.example").ref, active(lite)
    preferences = lite.link("preferences", there)
    pages = {
        "confirm": lite.get(lite.link("confirm", pending)),
        "confirmed": lite.get(lite.link("confirm", there)),
        "preferences": lite.get(preferences + "?lang=en"),
        "saved": lite.post(preferences, {"category": "kultur"}),
        "nothing": lite.post(preferences),
        "leave": lite.get(lite.link("unsubscribe", there)),
        "left": lite.post(lite.link("unsubscribe", there)),
        "lost": lite.get("/confirm/x"),
        "signed-up": lite.sign_up("n@x.example"),
        "sign-up": lite.sign_up('"<b>'),
        **{str(status): lite.ask(method, path) for status, (method, path) in REFUSALS.items()},
    }
    (tmp_path / "pages").mkdir()
    for name, page in pages.items():
        (tmp_path / "pages" / f"{name}.html").write_text(page.text, encoding="utf-8")
    assert {status: pages[str(status)].status_code for status in REFUSALS} == {status: status for status in REFUSALS}
    assert nu(tmp_path / "pages") == []


REFUSALS = {400: ("POST", "/subscribe"), 404: ("GET", "/x"), 405: ("PUT", "/subscribe")}


def test_it_works_under_a_path_of_another_application(lite: Client) -> None:
    outer = Starlette(routes=[Mount("/nyhetsbrev", lite.app)])
    outer.state = lite.app.state
    mounted = Client(outer, runner=lite.runner)
    assert mounted.post("/nyhetsbrev/subscribe", service.FORM | {"email": "a@x.example"}).status_code == 200
    link = "/nyhetsbrev" + lite.link("confirm", lite.row("a@x.example").ref)
    page = mounted.get(link)
    style = re.search(r'<link rel="stylesheet" href="([^"]*)"', page.text)
    assert style
    assert mounted.get(style[1]).headers["content-type"].startswith("text/css")
    assert mounted.post(link).status_code == 200
    assert lite.row("a@x.example").standing == "active"


def test_health_tells_whether_it_works_and_no_more(client: Client) -> None:
    assert (client.get("/health").status_code, client.get("/health").json()) == (200, {"status": "ok"})
    with database.writing(client.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "out of order"})


def test_a_database_that_is_away_is_said_in_words(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    engine = database.connect(f"sqlite:///{tmp_path}/newsletter.db")
    service.prepare(engine)
    client = Client(web.app(service.config(), engine))
    ref = active(client)
    with database.writing(engine) as connection:
        connection.execute(text("DROP TABLE subscriber"))
    for answer in (
        client.sign_up("very.secret@x.example"),
        client.post(client.link("confirm", ref)),
        client.get(client.link("preferences", ref)),
        client.post(client.link("unsubscribe", ref)),
    ):
        assert answer.status_code == 503
        assert "Vi kan inte svara just nu" in answer.text
        assert "Medverkan" in answer.text
        assert int(answer.headers["retry-after"]) > 0
    assert "secret" not in caplog.text
    client.runner.close()
    engine.dispose()


def test_a_fault_of_ours_is_said_in_words_and_logged_without_what_was_asked(
    lite: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("very.secret@x.example")

    monkeypatch.setattr(subscribers, "sign_up", broken)
    caplog.set_level(logging.DEBUG)
    answer = lite.sign_up("very.secret@x.example")
    assert answer.status_code == 500
    assert "Vi kan inte svara just nu" in answer.text
    assert "ValueError in" in caplog.text
    assert "secret" not in caplog.text
