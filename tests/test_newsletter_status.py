"""What an operator sees of a mailing, and decides about it."""

from __future__ import annotations

import json
import os
import pty
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Engine, insert, update

from newsletter import cli, database, delivery
from newsletter.tables import State, mailing
from newsletter.tables import delivery as rows
from tests import mailing as made
from tests.mailing import ISSUE, states
from tests.smtp_sink import Sink


@pytest.fixture
def environment(engine: Engine, database_url: str, tmp_path: Path) -> dict[str, str]:
    """Settings, and an issue that is released to ten readers."""
    made.subscribe(engine, 10)
    made.freeze(engine, made.settings(tmp_path), made.document())
    return made.environment(tmp_path, database_url=database_url)


def settle(engine: Engine, state: State, count: int, reply: str = "") -> None:
    """So many messages that are pending come to be in this state."""
    with database.writing(engine) as connection:
        ids = [job.subscriber for job in delivery.claim(connection, "a", ISSUE, count, 1.0).jobs]
        connection.execute(update(rows).where(rows.c.subscriber.in_(ids)).values(state=state, reply=reply))


def stop(engine: Engine, reason: str) -> None:
    with database.writing(engine) as connection:
        delivery.stop(connection, [ISSUE], reason)


def asked(environment: dict[str, str], capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = cli.main(["status", *arguments], environment)
    return code, capsys.readouterr().out


def test_programs_read_the_figures(
    engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    settle(engine, State.ACCEPTED, 4)
    settle(engine, State.ACCEPTED, 1, "back: gone 5.1.1")
    settle(engine, State.FAILED, 1, "550 5.1.1")
    code, out = asked(environment, capsys, ISSUE, "--json")
    [found] = json.loads(out)["mailings"]
    assert code == 0
    assert found == {
        "mailing": ISSUE,
        "audience": 10,
        "states": {state.value: {"accepted": 5, "failed": 1, "pending": 4}.get(state.value, 0) for state in State},
        "came_back": 1,
        "finished": False,
        "stopped": "",
    }


def test_finished_is_when_the_states_add_up(
    engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    settle(engine, State.ACCEPTED, 7)
    settle(engine, State.FAILED, 2)
    assert not json.loads(asked(environment, capsys, "--json")[1])["mailings"][0]["finished"]
    settle(engine, State.SUPPRESSED, 1)
    assert json.loads(asked(environment, capsys, "--json")[1])["mailings"][0]["finished"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("relay 535 5.7.8", "the relay does not let us in"),
        ("message 554 5.7.1", "the relay objects to the mail"),
        ("refusals 550 5.1.1", "one address after the other"),
        ("operator", "an operator stopped it"),
    ],
)
def test_a_stop_is_said_with_its_reason_and_what_to_do(
    engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str], reason: str, words: str
) -> None:
    stop(engine, reason)
    code, out = asked(environment, capsys)
    assert code == 1
    assert words in out
    assert reason.partition(" ")[2] in out
    assert "python -m newsletter resume" in out


def test_people_see_figures_and_who_works(
    engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "No worker runs" in asked(environment, capsys)[1]
    with database.writing(engine) as connection:
        delivery.beat(connection, "a", "sender-1", database.now(connection), 60.0, "no connection")
    code, out = asked(environment, capsys)
    assert code == 0
    assert "No worker runs" not in out
    assert "sender-1: waits, for the relay is away (no connection)" in out
    assert ISSUE in out
    assert "0 of 10 settled" in out
    assert "10 pending" in out


def test_the_latest_issue_is_shown_and_whatever_is_busy(
    engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    with database.writing(engine) as connection:
        connection.execute(insert(mailing).values(id="2026-09", created=1.0))
        connection.execute(insert(mailing).values(id="letters/2026-11-24", created=2.0))
        connection.execute(insert(mailing).values(id="letters/2026-11-25", created=3.0))
        connection.execute(insert(rows).values(mailing="letters/2026-11-25", subscriber=1, variant="known/sv"))
    found = json.loads(asked(environment, capsys, "--json")[1])["mailings"]
    assert [(each["mailing"], each["audience"]) for each in found] == [(ISSUE, 10), ("letters/2026-11-25", 1)]


def test_nothing_released_and_an_unknown_issue_are_said(
    database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment = made.environment(tmp_path, database_url=database_url)
    assert asked(environment, capsys) == (0, "Nothing has been released.\n")
    for command in (["status"], ["stop"], ["resume"], ["held", "--drop"]):
        assert cli.main([*command, "2026-10"], environment) == 1
        assert "2026-10 has not been released" in capsys.readouterr().err


def test_watching_ends_when_an_operator_is_needed(
    engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    settle(engine, State.HELD, 10)
    code, out = asked(environment, capsys, "--watch", "--json")
    assert code == 1
    assert len(out.splitlines()) == 1


def test_an_operator_stops_and_resumes(
    engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["stop", ISSUE], environment) == 0
    assert asked(environment, capsys)[0] == 1
    assert cli.main(["resume"], environment) == 0
    assert f"{ISSUE}: goes on" in capsys.readouterr().out
    assert asked(environment, capsys)[0] == 0
    assert cli.main(["resume"], environment) == 0
    assert "Nothing was stopped" in capsys.readouterr().out


def test_an_operator_decides_about_what_is_held(
    engine: Engine, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    settle(engine, State.HELD, 3)
    code, out = asked(environment, capsys)
    assert code == 1
    assert f"held {ISSUE} --resend" in " ".join(out.split())
    assert cli.main(["held", ISSUE, "--resend"], environment) == 0
    assert states(engine) == {"pending": 10}
    settle(engine, State.HELD, 3)
    assert cli.main(["held", ISSUE, "--drop"], environment) == 0
    assert states(engine) == {"pending": 7, "failed": 3}
    with pytest.raises(SystemExit):
        cli.main(["held", ISSUE], environment)


def test_on_a_terminal_a_bar_grows_until_all_is_settled(engine: Engine, database_url: str, tmp_path: Path) -> None:
    made.subscribe(engine, 30)
    made.freeze(engine, made.settings(tmp_path), made.document())
    pid, screen = pty.fork()
    if not pid:
        environment = made.environment(tmp_path, database_url=database_url, TERM="xterm", COLUMNS="100")
        command = [sys.executable, "-m", "newsletter", "status", "--watch"]
        os.execve(sys.executable, command, {**os.environ, **environment})
    seen = os.read(screen, 65_536)
    with Sink() as sink, suppress(OSError):  # Linux says so when the other side has closed
        worker = made.start(["work", "--once"], made.environment(tmp_path, sink.url, database_url))
        while piece := os.read(screen, 65_536):
            seen += piece
    worker.join(60)
    os.close(screen)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert b"30 of 30 settled" in seen
    assert b"\x1b[" in seen
