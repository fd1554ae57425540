"""The doctor finds what is wrong, says what to do, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Mount, Route

from newsletter import cli, database, doctor, received, web
from newsletter.commands.doctor import report
from newsletter.config import Config
from newsletter.received import Finding
from tests import mailing, service
from tests.dns_server import NameServer
from tests.smtp_sink import Sink

DOMAIN = "magasinet.example"


@pytest.fixture
def names() -> Iterator[NameServer]:
    server = NameServer()
    server.known.update(
        {
            (DOMAIN, "TXT"): ['"v=spf1 ip4:192.0.2.10 -all"', '"something else"'],
            (f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=none"'],
            (DOMAIN, "MX"): ["10 mx.magasinet.example."],
        }
    )
    yield server
    server.stop()


@pytest.fixture
def relay() -> Iterator[Sink]:
    with Sink(extensions=("8BITMIME", "SMTPUTF8"), keep=True) as sink:
        yield sink


@pytest.fixture
def config(database_url: str, tmp_path: Path, relay: Sink) -> Config:
    return mailing.settings(tmp_path, relay.url, database_url)


def found(findings: Iterator[Finding]) -> dict[str, tuple[str, str]]:
    return {finding.what: (finding.verdict, finding.text) for finding in findings}


def test_everything_is_well(config: Config, engine: Engine, names: NameServer) -> None:
    site = Starlette(
        routes=[Route("/magazine.json", lambda _: JSONResponse({})), Mount("/brev", web.app(config, engine))]
    )
    with service.running(site) as url:
        here = replace(config, site_url=url, base_url=f"{url}/brev")
        findings = found(doctor.examine(here, names.resolver))
    wrong = {what: text for what, (verdict, text) in findings.items() if verdict == "bad"}
    assert wrong.keys() == {"NEWSLETTER_SITE_URL", "NEWSLETTER_BASE_URL"}  # this machine has no https
    assert {"database", "relay", "SPF record", "DMARC record", "MX record", "site", "service"} <= findings.keys()


@pytest.mark.parametrize(
    ("records", "what", "words"),
    [
        ({(DOMAIN, "TXT"): []}, "SPF record", "has no SPF record"),
        ({(DOMAIN, "TXT"): ['"v=spf1 -all"', '"v=spf1 mx -all"']}, "SPF record", "several"),
        ({(f"_dmarc.{DOMAIN}", "TXT"): []}, "DMARC record", "has none"),
        ({(DOMAIN, "MX"): []}, "MX record", "get lost"),
    ],
)
def test_a_name_that_lacks_a_record_is_found(
    config: Config, names: NameServer, records: dict[tuple[str, str], list[str]], what: str, words: str
) -> None:
    names.known.update(records)
    verdict, said = found(doctor._names(config, names.resolver))[what]
    assert verdict == "bad"
    assert words in said


def test_a_policy_of_the_organisations_domain_counts(tmp_path: Path, names: NameServer) -> None:
    below = mailing.settings(tmp_path, NEWSLETTER_FROM="A <a@brev.kultur.magasinet.example>")
    assert found(doctor._names(below, names.resolver))["DMARC record"][0] == "good"


def test_a_relay_that_is_away_or_refuses_the_log_in_is_found(config: Config, relay: Sink) -> None:
    relay.answer = lambda stage, _: "535 5.7.8 no" if stage == "auth" else None
    relay.extensions = ("AUTH PLAIN",)
    knocking = replace(config, relay=replace(config.relay, user="u", password="p"))
    verdict, said = found(doctor._relay(knocking))["relay"]
    assert (verdict, "535" in said) == ("bad", True)
    away = replace(config, relay=replace(config.relay, port=9))
    assert found(doctor._relay(away))["relay"][0] == "bad"


def test_a_mailing_that_was_stopped_is_found(config: Config, engine: Engine) -> None:
    with database.writing(engine) as connection:
        connection.execute(text("INSERT INTO mailing (id, created, stopped) VALUES ('2026-11', 0, '550 5.7.1')"))
    assert found(doctor._database(config))["mailing 2026-11"][0] == "bad"


def test_a_database_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    config = mailing.settings(tmp_path)
    assert found(doctor._database(config))["database"][0] == "warning"
    assert not (tmp_path / "newsletter.db").exists()


def test_a_database_that_does_not_answer_is_said_in_a_sentence(tmp_path: Path) -> None:
    config = mailing.settings(tmp_path, database_url="postgresql://nobody@127.0.0.1:9/none")
    verdict, said = found(doctor._database(config))["database"]
    assert verdict == "bad"
    assert "\n" not in said


def test_a_site_that_answers_otherwise_is_found() -> None:
    with service.running(Starlette(routes=[Route("/", lambda _: PlainTextResponse("no", 503))])) as url:
        assert doctor.answers("site", f"{url}/").verdict == "bad"
    assert doctor.answers("site", url).verdict == "bad"


def test_a_test_mail_goes_out_with_the_headers_of_a_digest_and_links_of_nobody(
    config: Config, engine: Engine, relay: Sink
) -> None:
    assert doctor.send_test(config, "me@provider.example", 1_795_000_000.0).verdict == "good"
    ((_, mail),) = relay.messages
    assert [finding.verdict for finding in received.look(mail, lambda _: []) if finding.what == "List-Unsubscribe"] == [
        "good"
    ]
    client = service.Client(web.app(config, engine))
    before = client.everything()
    path = received.links(mail)[0].removeprefix(config.base_url)
    assert client.get(path).status_code == 200
    assert client.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert client.everything() == before


def test_a_test_mail_that_is_not_taken_is_said(config: Config, relay: Sink) -> None:
    relay.answer = lambda stage, _: "550 5.7.1 relaying denied" if stage == "rcpt" else None
    finding = doctor.send_test(config, "me@provider.example", 0.0)
    assert (finding.verdict, "5.7.1" in finding.text) == ("bad", True)
    assert doctor.send_test(config, "a,b@provider.example", 0.0).verdict == "bad"


def test_the_exit_code_is_1_if_something_is_bad(capsys: pytest.CaptureFixture[str]) -> None:
    fine, note, bad = Finding("a", "good", "x"), Finding("b", "warning", "y"), Finding("c", "bad", "z")
    assert report([fine, note], as_json=False) == 0
    assert capsys.readouterr().out == "ok   a: x\nnote b: y\n"
    assert report([fine, bad], as_json=True) == 1
    assert json.loads(capsys.readouterr().out)[1] == {"what": "c", "verdict": "bad", "text": "z"}


def test_the_command_looks_at_a_saved_mail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    mail = tmp_path / "mail.eml"
    mail.write_bytes(b"From: a@b.example\nReceived-SPF: fail (x)\n\nHej\n")
    assert cli.main(["doctor", "--message", str(mail)], mailing.environment(tmp_path)) == 1
    assert "BAD  SPF: fail" in capsys.readouterr().out
    assert cli.main(["doctor", "--message", str(tmp_path / "none")], mailing.environment(tmp_path)) == 1
    assert "none: No such file" in capsys.readouterr().err
