"""The letters that signing up brings, and the limits and the upkeep around them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest
from sqlalchemy import Engine, text

from newsletter import addresses, database, letters, limits, magazine, subscribers, upkeep, web
from newsletter.magazine import Magazine
from newsletter.tokens import Tokens
from tests import service

VARIANTS = ("confirm/sv", "confirm/en", "known/sv", "known/en")
TOKENS = Tokens(["a" * 32])
LINK = letters.link(service.config(), TOKENS, "a-reader")


def compose(variant: str, choice: str = "", known: Magazine = service.MAGAZINE, days: int = 7) -> letters.Letter:
    return letters.compose(variant, link=LINK, magazine=known, choice=choice, days=days)


@pytest.mark.parametrize("variant", VARIANTS)
def test_text_and_html_say_the_same_and_have_one_link_to_act_by(variant: str) -> None:
    letter = compose(variant, "kultur tankar")
    purpose = "confirm" if variant.startswith("confirm") else "preferences"
    said = re.sub(r"<[^>]+>", " ", letter.html.partition("<body")[2]).replace("&amp;", "&")
    for line in letter.text.split("\n\n"):
        for sentence in line.split("\n"):
            if not sentence.startswith(("http", "--")) and "http" not in sentence:
                assert " ".join(sentence.removesuffix(":").split()) in " ".join(said.split())
    for body in (letter.text, letter.html):
        (found,) = re.findall(r"https://medverkan\.example/nyhetsbrev/(\w+)/([\w.-]+)", body)
        assert TOKENS.read(purpose, found[1]) == "a-reader"  # type: ignore[arg-type]
        assert found[0] == purpose
    assert f'<html lang="{variant[-2:]}">' in letter.html
    assert "Kultur & fritid" in letter.text


def test_a_letter_says_what_one_gets_and_how_long_its_link_works() -> None:
    assert "Du får allt i tidningen." in compose("confirm/sv").text
    assert "Länken gäller i 7 dagar." in compose("confirm/sv").text
    assert "The link works for 1 day." in compose("confirm/en", days=1).text
    assert (
        "You get what is new in Nyheter, Kultur & fritid and Tankar."
        in compose("known/en", "kultur nyheter tankar").text
    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_letter_asks_nobody_else_and_tells_nobody_that_it_was_read(variant: str) -> None:
    html = compose(variant).html
    assert not re.search(r"<(img|link|script|iframe)|url\(|@import", html)
    hosts = set(re.findall(r"https?://([^/\"]+)", html))
    assert hosts == {"medverkan.example"}


def test_a_magazines_name_cannot_leave_its_place() -> None:
    known = Magazine(name='<b>&"Bcc:', lang="sv", url="https://m.example")
    letter = compose("confirm/sv", known=known)
    assert "<b>" not in letter.html
    assert "\n" not in letter.subject


def test_there_are_no_other_letters() -> None:
    with pytest.raises(LookupError):
        compose("spam/sv")


# -- Networks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.77", "192.0.2.0/24"),
        ("::ffff:192.0.2.77", "192.0.2.0/24"),
        ("192.0.2.77:4711", "192.0.2.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("[2001:db8:1:2ff::1]:4711", "2001:db8:1:200::/56"),
        ("fe80::1%eth0", "fe80::/56"),
        ("nonsense", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_network_is_what_a_household_has(address: str, network: str) -> None:
    assert limits.network(address) == network


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1"),
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", " , ", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "nonsense"),
        ("::ffff:10.0.0.1", "203.0.113.9", "203.0.113.9"),
    ],
)
def test_who_asks_is_the_last_that_is_no_proxy_of_ours(peer: str, forwarded: str, client: str) -> None:
    assert limits.client(peer, forwarded, [ip_network("10.0.0.0/8"), ip_network("::1")]) == client


def test_counts_begin_anew_every_hour_and_old_ones_are_forgotten(engine: Engine) -> None:
    with database.writing(engine) as connection:
        connection.execute(text("INSERT INTO counter (key, period, count) VALUES ('rate', 0, 5)"))
        counted = [limits.count(connection, TOKENS, "a", now) for now in (3600.0, 3700.0, 7200.0)]
        assert (counted, limits.count(connection, TOKENS, "b", 3600.0)) == ([1, 2, 1], 1)
        limits.sweep(connection, 7300.0)
        rows = connection.execute(text("SELECT key, period, count FROM counter ORDER BY period")).all()
    assert [tuple(row)[1:] for row in rows] == [(0, 5), (2, 1)]
    assert rows[0].key == "rate"


# -- Upkeep and serve --------------------------------------------------------------------------------------------------


def test_upkeep_forgets_what_is_due_though_the_site_is_away(engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    service.prepare(engine)
    with database.writing(engine) as connection:
        mailbox = addresses.parse("a@x.example")
        subscribers.sign_up(connection, TOKENS, mailbox, choice="", version="1", lang="sv", now=1.0)
    config = service.config(site_url="http://127.0.0.1:1")
    upkeep.run(config, engine)
    with database.reading(engine) as connection:
        assert connection.execute(text("SELECT count(*) FROM subscriber")).scalar_one() == 0
        assert magazine.kept(connection, config) == service.MAGAZINE
    assert "http://127.0.0.1:1/magazine.json cannot be fetched" in caplog.text


def test_upkeep_goes_on_whatever_went_wrong_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ran = threading.Semaphore(0)

    def run(*_: object) -> None:
        ran.release()
        raise UnicodeDecodeError("utf-8", b"a@x.example", 0, 1, "for example")

    async def wait() -> None:
        app = web.app(service.config(), engine)
        async with app.router.lifespan_context(app):
            for _ in range(2):
                assert await asyncio.to_thread(ran.acquire, timeout=60)

    monkeypatch.setattr(upkeep, "EVERY", 0.01)
    monkeypatch.setattr(upkeep, "run", run)
    asyncio.run(wait())
    assert "UnicodeDecodeError" in caplog.text
    assert "x.example" not in caplog.text


def test_serve_answers_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | service.ENVIRONMENT | {"NEWSLETTER_SITE_URL": "http://127.0.0.1:1"}
    environment["NEWSLETTER_DATABASE_URL"] = f"sqlite:///{tmp_path}/newsletter.db"
    command = [sys.executable, "-m", "newsletter", "serve", "--port", str(port)]
    process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert process.stderr
    for line in process.stderr:
        if "listening on" in line:
            break
    assert httpx.get(f"http://127.0.0.1:{port}/health").json() == {"status": "ok"}
    answer = httpx.post(f"http://127.0.0.1:{port}/subscribe", data=service.FORM | {"email": "very.secret@x.example"})
    assert answer.status_code == 200
    assert "server" not in answer.headers
    process.send_signal(signal.SIGTERM)
    log = process.stderr.read()
    assert process.wait() in (0, -signal.SIGTERM)
    assert "secret" not in log
    assert "subscribe" not in log


def test_serve_says_in_words_that_a_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        environment = os.environ | service.ENVIRONMENT
        environment["NEWSLETTER_DATABASE_URL"] = f"sqlite:///{tmp_path}/newsletter.db"
        command = [sys.executable, "-m", "newsletter", "serve", "--port", str(port)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr
