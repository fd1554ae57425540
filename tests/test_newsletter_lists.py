"""Subscribers by command: a list goes out and comes in, a person is forgotten; what is wrong is said by its line."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsletter import addresses, database, lists, magazine, site, subscribers
from newsletter.cli import main
from newsletter.tokens import Tokens
from tests import service

NOW = 1_700_000_000.0
TOKENS = Tokens(["a" * 32])


@pytest.fixture
def run(database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    """`run("export", input="…")` gives exit code, output and errors of `subscribers export`."""
    engine = database.connect(database_url)
    service.prepare(engine)

    def run(*arguments: str, input: str = "") -> tuple[int, str, str]:  # noqa: A002  # as subprocess.run has it
        monkeypatch.setattr(sys, "stdin", io.StringIO(input))
        code = main(["subscribers", *arguments], service.ENVIRONMENT | {"NEWSLETTER_DATABASE_URL": database_url})
        out, err = capsys.readouterr()
        return code, out, err

    run.engine = engine  # type: ignore[attr-defined]
    yield run
    engine.dispose()


def rows(engine: Any) -> dict[str, tuple[Any, ...]]:
    with database.reading(engine) as connection:
        found = connection.execute(
            text("SELECT address, standing, choice, consent_version, consent_at FROM subscriber")
        )
        return {row[0]: tuple(row[1:]) for row in found}


def stand(engine: Any, address: str, standing: str) -> None:
    """Somebody who is there already."""
    with database.writing(engine) as connection:
        mailbox = addresses.parse(address)
        subscribers.sign_up(connection, TOKENS, mailbox, choice="", version="1", lang="sv", now=NOW)
        ref = connection.execute(
            text("SELECT ref FROM subscriber WHERE address_key = :key"), {"key": mailbox.key}
        ).scalar_one()
        if standing != "pending":
            subscribers.confirm(connection, ref, NOW)
        if standing.startswith("left"):
            subscribers.leave(connection, ref, NOW)
        if standing == "left, waiting":
            subscribers.sign_up(connection, TOKENS, mailbox, choice="", version="1", lang="sv", now=NOW)
        if standing == "suppressed":
            subscribers.suppress(connection, ref, "bounced", NOW)
        if standing == "barred":
            subscribers.erase(connection, TOKENS, mailbox, bar=True, now=NOW)


def test_a_list_of_another_system_is_taken_over(run: Any, tmp_path: Path) -> None:
    """As a spreadsheet in Swedish saves it: semicolons, a mark at the beginning, columns of its own."""
    file = tmp_path / "list.csv"
    file.write_bytes(
        "\ufeffNamn;Address;Consent_at;Choice\r\n"
        "Anna;Anna@x.example;2024-03-01;kultur tankar\r\n"
        ";åsa@räksmörgås.example;2024-03-01T12:00+01:00;\r\n\r\n".encode()
    )
    code, out, _ = run("import", str(file))
    assert (code, out.split(",")[0]) == (0, "2 added")
    assert rows(run.engine) == {
        "Anna@x.example": ("active", "kultur tankar", "imported", 1709251200.0),
        "åsa@xn--rksmrgs-5wao1o.example": ("active", "", "imported", 1709290800.0),
    }


def test_the_same_import_again_changes_nothing(run: Any) -> None:
    sheet = "address,consent_at\na@x.example,2024-03-01\n"
    run("import", "-", input=sheet)
    before = rows(run.engine)
    code, out, _ = run("import", "-", input=sheet)
    assert (code, out.split(",")[0], rows(run.engine)) == (0, "0 added", before)


def test_an_import_brings_back_nobody_who_is_out(run: Any) -> None:
    for standing in ("left", "left, waiting", "suppressed", "barred", "active", "pending"):
        stand(run.engine, f"{standing.replace(', ', '-')}@x.example", standing)
    before = rows(run.engine)
    names = ("left", "left-waiting", "suppressed", "barred", "active", "pending")
    sheet = "address,consent_at\n" + "".join(f"{name.upper()}@x.example,2024-03-01\n" for name in names)
    code, out, _ = run("import", "-", input=sheet)
    assert code == 0
    assert out.startswith("0 added, 1 that waited are confirmed, 1 were there, 4 kept out")
    after = rows(run.engine)
    assert after.pop("pending@x.example")[0] == "active"
    assert before.pop("pending@x.example")[0] == "pending"
    assert after == before


def test_what_is_exported_can_be_imported_elsewhere(run: Any, tmp_path: Path) -> None:
    for standing in ("active", "left", "suppressed"):
        stand(run.engine, f"={standing}+1@x.example", standing)
    stand(run.engine, "pending@x.example", "pending")
    stand(run.engine, "'quoted@x.example", "active")
    _, exported, _ = run("export")
    assert exported.splitlines()[0] == "address,choice,standing,since,consent_version,consent_at"
    assert "'=active+1@x.example,,active,2023-11-14T22:13:20Z,1,2023-11-14T22:13:20Z" in exported
    other = database.connect(f"sqlite:///{tmp_path}/other.db")
    with database.writing(other) as connection:
        entries, faults = lists.read(io.StringIO(exported), service.MAGAZINE, NOW + 1)
        assert faults == []
        lists.take(connection, TOKENS, entries)
    expected = rows(run.engine)
    del expected["pending@x.example"]
    assert rows(other) == expected
    other.dispose()


def test_no_cell_of_an_export_is_a_formula(run: Any) -> None:
    for name in ("=cmd", "+1", "-1", "=1+1"):
        stand(run.engine, f"{name}@x.example", "active")
    _, exported, _ = run("export")
    cells = [cell for line in exported.splitlines() for cell in line.split(",")]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t"))]


BAD = """\
address,choice,standing,consent_at
good@x.example,,,2024-03-01
nonsense.secret,,,2024-03-01
b@x.example,,,
c@x.example,opera,,2024-03-01
d@x.example,,gone,2024-03-01
e@x.example,,,1 March
f@x.example,,,2124-03-01
GOOD@x.example,,,2024-03-01
"g@x.example
"""


def test_every_wrong_row_is_named_by_its_line_and_nothing_is_taken(run: Any) -> None:
    code, _, err = run("import", "-", input=BAD)
    assert code == 1
    assert [line.split(":")[1].strip() for line in err.splitlines()[:-1]] == [f"line {n}" for n in range(3, 11)]
    for word in ("consent", "'opera'", "standing is one of", "no moment", "in the future", "stands on line 2"):
        assert word in err
    assert "Nothing was taken" in err
    assert "@" not in err
    assert "secret" not in err
    assert rows(run.engine) == {}


def test_the_good_rows_are_taken_if_one_says_so(run: Any) -> None:
    code, out, _ = run("import", "-", "--skip-bad", input=BAD)
    assert (code, out.startswith("1 added"), out.strip().endswith("8 wrong")) == (0, True, True)
    assert list(rows(run.engine)) == ["good@x.example"]


@pytest.mark.parametrize("sheet", ["", "name,mail\n", "address\na@x.example\n"])
def test_a_list_without_its_columns_is_refused(run: Any, sheet: str) -> None:
    code, _, err = run("import", "-", input=sheet)
    assert code == 1
    assert "there is no column" in err


@pytest.mark.parametrize(("data", "words"), [("addr;åäö".encode("latin-1"), "UTF-8"), (None, "No such file")])
def test_a_file_that_cannot_be_read_is_said_in_words(run: Any, tmp_path: Path, data: bytes | None, words: str) -> None:
    file = tmp_path / "list.csv"
    if data is not None:
        file.write_bytes(data)
    code, _, err = run("import", str(file))
    assert code == 1
    assert words in err
    assert "Traceback" not in err


def test_thousands_are_taken_in_one_go(run: Any) -> None:
    sheet = "address,consent_at\n" + "".join(f"reader{number}@x.example,2024-03-01\n" for number in range(2500))
    code, out, _ = run("import", "-", input=sheet)
    assert (code, out.startswith("2500 added")) == (0, True)
    _, counted, _ = run("list", "--count")
    assert dict(line.split() for line in counted.splitlines()) == {
        "pending": "0",
        "active": "2500",
        "left": "0",
        "suppressed": "0",
    }


def test_a_person_is_erased_by_an_address_that_no_history_keeps(run: Any) -> None:
    stand(run.engine, "Somebody@x.example", "active")
    code, out, err = run("erase", "-", "--bar", input="somebody@X.example\n")
    assert (code, err) == (0, "")
    assert "somebody" not in out.lower()
    assert rows(run.engine) == {}
    run("import", "-", input="address,consent_at\nsomebody@x.example,2024-03-01\n")
    assert rows(run.engine) == {}
    database_file = Path(run.engine.url.database)
    for name in (database_file, database_file.with_name(f"{database_file.name}-wal")):
        assert b"somebody" not in (name.read_bytes() if name.exists() else b"")
    assert run("erase", "nobody@x.example")[0] == 1
    assert run("erase", "nonsense")[0] == 1


def test_everybody_can_be_listed(run: Any) -> None:
    stand(run.engine, "a@x.example", "active")
    stand(run.engine, "b@x.example", "left")
    code, out, _ = run("list")
    assert (code, [line.split() for line in out.splitlines()]) == (
        0,
        [["active", "a@x.example"], ["left", "b@x.example"]],
    )


def test_choices_are_checked_against_the_site_when_it_was_never_asked(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.writing(run.engine) as connection:
        connection.execute(text("DELETE FROM fact"))
    monkeypatch.setitem(service.ENVIRONMENT, "NEWSLETTER_SITE_URL", "http://127.0.0.1:1")
    code, _, err = run("import", "-", input="address,consent_at\na@x.example,2024-03-01\n")
    assert code == 1
    assert err.startswith("NEWSLETTER_SITE_URL: ")


@pytest.mark.parametrize("arguments", [[], ["subscribers"], ["subscribers", "burn"], ["serve", "--port", "0"], ["?"]])
def test_wrong_usage_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments, {})
    assert ended.value.code == 2


def test_a_setting_that_is_missing_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["subscribers", "list"], {}) == 1
    assert capsys.readouterr().err.startswith("NEWSLETTER_FROM: ")


def test_a_database_that_is_away_is_said_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    environment = service.ENVIRONMENT | {"NEWSLETTER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    assert main(["subscribers", "list"], environment) == 1
    assert capsys.readouterr().err.startswith("NEWSLETTER_DATABASE_URL: the database does not answer")


# -- What the site says of itself --------------------------------------------------------------------------------------


def test_the_magazine_is_read_from_the_site_and_kept(tmp_path: Path) -> None:
    said = {
        "name": "Magasinet\n i  Sundhamn",
        "lang": "sv",
        "url": "https://magasinet.example/",
        "categories": [{"slug": "kultur", "name": "Kultur", "url": "/kategori/kultur/"}],
        "articles": {},
    }
    app = Starlette(routes=[Route("/under/magazine.json", lambda _: JSONResponse(said))])
    engine = database.connect(f"sqlite:///{tmp_path}/newsletter.db")
    with service.running(app) as address:
        found = magazine.fetch(f"{address}/under")
        with pytest.raises(site.Missing, match=r"/magazine\.json does not exist"):
            magazine.fetch(address)
    assert (found.name, found.url, found.categories) == (
        "Magasinet i Sundhamn",
        "https://magasinet.example",
        (("kultur", "Kultur"),),
    )
    config = service.config()
    with database.writing(engine) as connection:
        assert magazine.kept(connection, config).name == "Medverkan"
        magazine.keep(connection, found)
        assert magazine.kept(connection, config) == found
    engine.dispose()


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"\xff", b"null", b'{"name": 1}', json.dumps({"name": "x", "lang": []}).encode()]
)
def test_what_is_no_magazine_is_refused_in_words(body: bytes) -> None:
    with service.running(Response(body)) as address, pytest.raises(site.Unreadable, match="magazine's software"):
        magazine.fetch(address)


def test_a_site_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(magazine, "LARGEST", 1000)
    with service.running(Response(b" " * 2000)) as address, pytest.raises(site.Unreadable, match="larger"):
        magazine.fetch(address)
