"""New issues and articles: what is asked, what is written, and that nothing is ever overwritten."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from desk import build as desk
from desk import scaffold
from desk.scaffold import Missing, Planned, Refused
from desk.scaffold_fields import FIELDS, GROUPS
from desk.scaffold_questions import new_article, new_issue
from plugins.magazine import content, schema
from plugins.magazine.problems import ContentError
from plugins.magazine.settings import KINDS, Settings, from_pelican
from plugins.magazine.words import Words, typographic
from tests.building import draw, inv, snapshot, write_magazine, write_settings
from tests.terminal import Terminal

CATEGORIES = [("nyheter", "Nyheter"), ("pa-gang", "På gång"), ("konst", "Konst: bild & form"), ("null", "Null")]
TODAY = "2026-11-20"


def magazine(root: Path, **changed: Any) -> Settings:
    """The settings of a magazine in `root/content`: 2026-10 is out, 2026-11 and 2026-12 are to come."""
    issues = {"2026-10/issue": {}, "2026-11/issue": {"date": "2026-11-23"}, "2026-12/issue": {"date": "2026-12-07"}}
    write_magazine(root, issues)
    given = write_settings(root, **{"CATEGORIES": CATEGORIES, "MONTHS_OFF": (1, 7)} | changed)
    return from_pelican(desk.load_settings(given, today=TODAY))


def begin_issue(settings: Settings, issue: str = "", title: str = "", date: str = "", anyway: bool = False) -> str:
    return new_issue(settings, issue, title, date, anyway=anyway)


def begin_article(settings: Settings, issue: str = "2026-12", **given: str) -> str:
    options = {"title": "Nytt", "category": "nyheter", "summary": "", "kind": "", "slug": ""} | given
    return new_article(settings, issue, **options)


def remarks(root: Path) -> set[str]:
    """The codes of what the real check says, errors marked by !."""
    problems = desk.check(desk.load_settings(root / "magazine.py", today=TODAY))
    return {("!" if problem.severity == "error" else "") + problem.code for problem in problems} - {"no-page"}


# -- What is written ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_new_issue_and_a_new_article_pass_the_check(tmp_path: Path, lang: str) -> None:
    """In any magazine, in its language, they have no error; what is left to fill in is pointed out."""
    settings = magazine(tmp_path, DEFAULT_LANG=lang)

    said = begin_issue(settings)
    begin_article(settings, "2027-02", category="Konst: bild & form", kind=list(KINDS[lang])[1])

    assert "issues/2027-02/issue.md" in said
    assert remarks(tmp_path) == {"empty-issue", "fill-in"}
    text = (tmp_path / "content/issues/2027-02/nytt.md").read_text(encoding="utf-8")
    assert ("[FYLL I: ingressen" in text) == (lang == "sv")
    assert ("[FILL IN: the ingress" in text) == (lang == "en")


@given(
    st.text(max_size=300),
    st.text(max_size=300),
    st.sampled_from([name for pair in CATEGORIES for name in pair]),
    st.sampled_from([*KINDS["sv"], ""]),
)
@example("\"Citat\": 'så' #1\nnästa rad 🎉 --- \\ {a} [b] & *c* !d", "- punkt: ~ % @ `x`", "konst", "krönika")
@example("# rubrik", "---", "null", "")
@example("null", "'", "pa-gang", "")
@hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_headline_reads_back_the_same(
    tmp_path_factory: pytest.TempPathFactory, title: str, summary: str, category: str, kind: str
) -> None:
    """Quotation marks, colons, hash signs, emoji, line ends: reading finds nothing wrong, and the same words."""
    assume(scaffold.clean(title))
    root = tmp_path_factory.mktemp("magazine")
    settings = magazine(root)

    begin_article(settings, title=title, summary=summary, category=category, kind=kind)

    read = content.read(settings, Words("sv"))
    (entry,) = read.articles
    assert read.problems == ()
    assert entry.record.title == typographic(scaffold.clean(title), "sv")
    wanted = scaffold.clean(summary) or "[FYLL I: ingressen, två–tre meningar]"
    assert entry.record.summary == typographic(wanted, "sv")
    assert entry.record.category in (category, {name: slug for slug, name in CATEGORIES}.get(category))
    assert entry.record.kind == (kind or "nyhet")
    assert len(entry.record.slug) <= scaffold.LONGEST_SLUG


def test_what_no_terminal_can_mean_is_left_out() -> None:
    """Bytes that are no text, and characters that nobody sees, are not taken into a headline."""
    assert scaffold.clean("a\udce5b\x07  c\n\td\ufffe") == "ab c d"


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_field_that_is_switched_off_can_be_switched_on(tmp_path: Path, lang: str) -> None:
    """With its sign # removed, each field is in the schema and its example is accepted."""
    settings = magazine(tmp_path, DEFAULT_LANG=lang)
    begin_issue(settings)
    begin_article(settings, "2027-02")
    words = Words(lang)
    folder = tmp_path / "content/issues/2027-02"
    draw(folder / words.gettext("images/photo.jpg"))
    (folder / "files").mkdir()
    (folder / words.gettext("files/report.pdf")).write_bytes(b"%PDF-1.7")

    for path in folder.glob("*.md"):
        path.write_text(re.sub(r"^#(?=[ -]*\w+:)", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE), "utf-8")

    read = content.read(settings, words)
    assert [problem.text for problem in read.problems] == []
    (article,) = read.articles
    assert set(article.header.lines) == set(schema.ARTICLE_KEYS)
    assert article.record.image
    assert article.record.event
    assert article.record.attachments
    issue = next(entry for entry in read.issues if entry.record.id == "2027-02")
    assert set(issue.header.lines) == set(schema.ISSUE_KEYS)


def test_every_key_of_the_schema_has_an_example() -> None:
    """A key that is new in the schema must get a remark here, and one that is gone must go."""
    assert set(FIELDS) == {*schema.ARTICLE_KEYS, *schema.ISSUE_KEYS}
    for keys, fields in GROUPS.values():
        assert tuple(fields) == keys


def test_the_fields_are_explained_in_the_magazines_language(tmp_path: Path) -> None:
    """A Swedish file has Swedish remarks, and the categories and kinds of its own magazine."""
    settings = magazine(tmp_path, KINDS=["rapport", "lägesbild"])
    begin_article(settings)

    text = (tmp_path / "content/issues/2026-12/nytt.md").read_text(encoding="utf-8")

    assert "# Fler fält: ta bort tecknet #" in text
    assert re.search(r"^#kind: rapport +# en av: rapport, lägesbild$", text, re.MULTILINE)
    assert re.search(r"^#status: draft +# ett utkast", text, re.MULTILINE)
    assert "title:" in text
    assert "#title" not in text


# -- What is proposed --------------------------------------------------------------------------------------------------


def test_the_next_free_month_is_proposed(tmp_path: Path) -> None:
    """The month after the last issue, unless none comes out in it; with no issue at all, this month."""
    settings = magazine(tmp_path)
    planned = scaffold.planned(settings, Words("sv"))
    assert [issue.id for issue in planned] == ["2026-10", "2026-11", "2026-12"]
    assert scaffold.next_free(planned, settings) == "2027-02"
    assert scaffold.next_free(planned[:1], settings) == "2026-11"
    assert scaffold.next_free((), settings) == "2026-11"
    assert scaffold.next_free((), replace(settings, months_off=tuple(range(1, 13)))) == "2026-11"


@pytest.mark.parametrize(
    ("issue", "before", "today", "expected"),
    [
        ("2027-02", "2026-12-07", "2026-11-20", "2027-02-01"),  # a Monday, as the one before it
        ("2027-02", "2026-12-10", "2026-11-20", "2027-02-04"),  # a Thursday, as the one before it
        ("2026-11", "2026-10-05", "2026-11-20", "2026-11-23"),  # this month: a day to come
        ("2026-11", "2026-11-17", "2026-10-01", "2026-11-24"),  # after the one before it
        ("2027-02", "", "2026-11-20", "2027-02-01"),
    ],
)
def test_the_day_proposed_is_the_usual_weekday(issue: str, before: str, today: str, expected: str) -> None:
    """The first of the weekday on which the last issue came out, after that issue, and not in the past."""
    issues = [Planned("2026-10", "Förra", dt.date.fromisoformat(before))] if before else []
    assert str(scaffold.release_day(issue, issues, dt.date.fromisoformat(today))) == expected


def test_a_file_is_named_after_its_headline(tmp_path: Path) -> None:
    """Plain letters, not too long; in an issue that has such an address another is proposed."""
    settings = magazine(tmp_path)
    begin_article(settings, title="Öppet hus på Ängslätten!", slug="")
    begin_article(settings, title="Kort", slug="eget-namn")
    begin_article(settings, title="Ett " + "ordentligt " * 9 + "långt namn")
    names = sorted(path.name for path in (tmp_path / "content/issues/2026-12").glob("*.md"))
    assert names == [
        "eget-namn.md",
        "ett-ordentligt-ordentligt-ordentligt-ordentligt-ordentligt.md",
        "issue.md",
        "oppet-hus-pa-angslatten.md",
    ]
    assert scaffold.free_slug("Öppet hus på Ängslätten", scaffold.taken_slugs("2026-12", settings, Words("sv"))) == (
        "oppet-hus-pa-angslatten-2"
    )
    assert scaffold.free_slug("å" * 200, set()) == "a" * 60
    assert scaffold.free_slug("Issue", {"issue"}) == "issue-2"


def test_addresses_given_in_headers_are_taken_too(tmp_path: Path) -> None:
    """Another file may have the address by its field `slug`."""
    settings = magazine(tmp_path)
    write_magazine(tmp_path, {"2026-12/en-fil": {"slug": "nytt"}, "2026-12/issue": {"date": "2026-12-07"}})
    with pytest.raises(Refused, match=r"^Numret har redan nytt\.md\. .*--slug nytt-2$"):
        begin_article(settings)


# -- What is refused ---------------------------------------------------------------------------------------------------

ISSUE_REFUSALS: Mapping[str, tuple[dict[str, Any], str]] = {
    "not a month": ({"issue": "december"}, r"^Ett nummer heter år och månad, som 2027-02\.$"),
    "no such month": ({"issue": "2027-13"}, r"^Ett nummer heter år och månad, som 2027-02\.$"),
    "it is there": ({"issue": "2026-12"}, r"issues/2026-12/issue\.md finns redan\. Ingenting är skrivet\.$"),
    "a month off": ({"issue": "2027-07"}, r"^I juli kommer inget nummer ut .*: --anyway$"),
    "a title of nothing": ({"title": "\x07 \n"}, r"^Här måste det stå något\.$"),
    "not a day": ({"date": "7/12"}, r"^”7/12” är ingen dag\. Skriv den som 2026-11-02\.$"),
    "no such day": ({"date": "2027-02-30"}, r"^”2027-02-30” är ingen dag\."),
    "a day that is taken": ({"date": "2026-12-07"}, r"^Numret 2026-12 kommer ut den dagen\. .*--date$"),
    "too early": ({"date": "2026-11-01"}, r"^Nummer kommer ut i den ordning som de heter, och 2026-11 .*--date$"),
    "too late": (
        {"issue": "2026-09", "date": "2026-12-24"},
        r"^Nummer kommer ut i den ordning som de heter, och 2026-10 kommer ut den 1.oktober.2026\. .*--date$",
    ),
}


@pytest.mark.parametrize("case", ISSUE_REFUSALS)
def test_an_issue_that_cannot_be_is_refused_in_words(tmp_path: Path, case: str) -> None:
    """Each sentence says what is wrong and what to do; nothing is written."""
    given, said = ISSUE_REFUSALS[case]
    settings = magazine(tmp_path)
    before = snapshot(tmp_path)
    with pytest.raises(Refused, match=said) as refused:
        begin_issue(settings, **given)
    assert refused.value.code == 1
    assert snapshot(tmp_path) == before


ARTICLE_REFUSALS: Mapping[str, tuple[dict[str, str], str, int]] = {
    "no issue said": ({"issue": ""}, r"^ISSUE saknas\. Vilket nummer\? 2026-11 Nummer 2026-11, 2026-12 Nummer", 2),
    "no title": ({"title": ""}, r"^--title saknas\. Vad är rubriken\?$", 2),
    "no category": ({"category": ""}, r"^--category saknas\. Vilken kategori\? Nyheter, På gång, Konst", 2),
    "no such issue": (
        {"issue": "2031-01"},
        r"^Numret ”2031-01” finns inte\. Välj bland 2026-11, 2026-12, .*make new-",
        1,
    ),
    "a title of nothing": ({"title": " \n"}, r"^Här måste det stå något\.$", 1),
    "a misspelt category": ({"category": "På gagn"}, r"^”På gagn” finns inte\. Menade du ”På gång”\?$", 1),
    "no such category": ({"category": "xyz"}, r"^”xyz” finns inte\. Välj bland: Nyheter, På gång, Konst.*, Null\.$", 1),
    "a misspelt kind": ({"kind": "krönka"}, r"^”krönka” finns inte\. Menade du ”krönika”\?$", 1),
    "no such kind": ({"kind": "?"}, r"^”\?” finns inte\. Välj bland: nyhet, notis, ", 1),
    "a wrong name": ({"slug": "Öppet hus"}, r"^Filens namn blir artikelns adress: .* Skriv oppet-hus\.$", 1),
    "a name that is taken": ({"slug": "issue"}, r"^Numret har redan issue\.md\. .*: --slug nytt$", 1),
}


@pytest.mark.parametrize("case", ARTICLE_REFUSALS)
def test_an_article_that_cannot_be_is_refused_in_words(tmp_path: Path, case: str) -> None:
    """What is missing is wrong usage (2), what cannot be is a wrong request (1); nothing is written."""
    given, said, code = ARTICLE_REFUSALS[case]
    settings = magazine(tmp_path)
    before = snapshot(tmp_path)
    with pytest.raises(Refused, match=said) as refused:
        begin_article(settings, **given)
    assert (refused.value.code, isinstance(refused.value, Missing)) == (code, code == 2)
    assert snapshot(tmp_path) == before


def test_before_there_is_an_issue_there_is_no_article(tmp_path: Path) -> None:
    """Somebody who begins with the article is told how to begin."""
    (tmp_path / "content").mkdir()
    settings = from_pelican(desk.load_settings(write_settings(tmp_path)))
    with pytest.raises(Refused, match=r"^Det finns inget nummer än\. Börja ett med: make new-issue$"):
        begin_article(settings)


def test_a_month_off_can_be_wanted(tmp_path: Path) -> None:
    """Who says so gets an issue in a month in which there is none."""
    begin_issue(magazine(tmp_path), "2027-07", anyway=True)
    assert remarks(tmp_path) == {"month-off", "empty-issue"}


def test_the_commands_exit_with_what_the_sentence_is(tmp_path: Path) -> None:
    """Done is 0, a wrong request 1, something missing 2; a sentence, and no stack trace."""
    magazine(tmp_path)
    settings = ("--settings", tmp_path / "magazine.py")
    made = inv("new-issue", "2027-02", "--title", "Vår: #1", *settings, cwd=tmp_path)
    again = inv("new-issue", "2027-02", *settings, cwd=tmp_path)
    missing = inv("new-article", *settings, cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert made.stdout.startswith("content/issues/2027-02/issue.md är skriven. Numret kommer ut måndag")
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr == "content/issues/2027-02/issue.md finns redan. Ingenting är skrivet.\n"
    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr.startswith("ISSUE saknas.")


# -- Nothing overwritten, nothing half written -------------------------------------------------------------------------


def test_of_many_at_once_one_writes(tmp_path: Path) -> None:
    """The same article begun eight times at the same moment is written once, whole; the others are told."""
    settings = magazine(tmp_path)
    outcomes: list[str] = []
    ready = threading.Barrier(8)

    def begin(n: int) -> None:
        ready.wait()
        try:
            outcomes.append(begin_article(settings, summary=f"Försök {n}"))
        except Refused as refused:
            outcomes.append(str(refused))

    threads = [threading.Thread(target=begin, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len([said for said in outcomes if "är skriven" in said]) == 1
    assert len([said for said in outcomes if "Ingenting är skrivet" in said]) == 7
    assert remarks(tmp_path) <= {"empty-issue"}


def _write_until(path: Path, settings: Settings, step: int) -> None:
    """Write a new issue, and be killed before the step of that number."""
    count = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal count
        if event in ("os.link", "os.remove") or (event == "open" and arguments[2] & os.O_WRONLY):
            count += 1
            if count == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    scaffold.write_new(path, scaffold.issue_text("Nytt", dt.date(2027, 2, 1), Words("sv")), "", settings, Words("sv"))


def test_cut_off_at_any_step_there_is_a_whole_file_or_none(tmp_path: Path) -> None:
    """An empty one would be in the way of the next attempt, which must not overwrite."""
    settings = magazine(tmp_path)
    killed = 0
    for step in range(1, 6):
        path = tmp_path / f"content/issues/2027-0{step}/issue.md"
        process = multiprocessing.get_context("fork").Process(target=_write_until, args=(path, settings, step))
        process.start()
        process.join()
        killed += process.exitcode == -signal.SIGKILL
        assert not path.exists() or path.read_text(encoding="utf-8").endswith("---\n\n")
        assert path.exists() or process.exitcode, "who was not killed has written it"
    assert 2 <= killed < 5


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """What could not be written whole is taken away, with the folder that was made for it."""
    settings = magazine(tmp_path)
    before = snapshot(tmp_path)
    text = scaffold.issue_text("Nytt", dt.date(2027, 2, 1), Words("sv")) + "\udce5"  # what no file can hold
    with pytest.raises(UnicodeEncodeError):
        scaffold.write_new(tmp_path / "content/issues/2027-02/issue.md", text, "issue.md", settings, Words("sv"))
    assert snapshot(tmp_path) == before


def test_a_file_that_would_be_wrong_is_not_written(tmp_path: Path) -> None:
    """Before a file is written it is read as the check will read it."""
    settings = magazine(tmp_path)
    path = tmp_path / "content/issues/2026-12/fel.md"
    with pytest.raises(ContentError):
        scaffold.write_new(path, "---\ntitle: Fel\n---\n", "fel.md", settings, Words("sv"))
    assert not path.exists()


# -- Questions ---------------------------------------------------------------------------------------------------------


def at_terminal(root: Path, *arguments: str) -> Terminal:
    magazine(root)
    return Terminal(root, *arguments, "--settings", "magazine.py", "--today", TODAY)


def test_an_article_is_begun_by_answering_questions(tmp_path: Path) -> None:
    """Issue, headline, category (by number or name), kind, ingress, name: wrong answers are asked again."""
    with at_terminal(tmp_path, "new-article") as terminal:
        terminal.answer("Vilket nummer? [2026-11] ", "2")
        terminal.answer("Vad är rubriken? ", "")
        terminal.wait_for("Här måste det stå något.")
        terminal.answer("Vad är rubriken? ", 'Öppet: "hus" #1')
        terminal.wait_for("  3 Konst: bild & form")
        terminal.answer("Vilken kategori? ", "på gagn")
        terminal.wait_for("Menade du ”På gång”?")
        terminal.answer("Vilken kategori? ", "2")
        terminal.answer("Vilken artikeltyp? [nyhet] ", "notis")
        terminal.answer("Ingress? (Den kan vänta.) ", "Kom och se.")
        terminal.answer("Vad ska filen heta? (utan .md) [oppet-hus-1] ", "")
        assert terminal.end() == 0

    read = content.read(from_pelican(desk.load_settings(tmp_path / "magazine.py")), Words("sv"))
    (entry,) = read.articles
    assert read.problems == ()
    assert entry.source == "issues/2026-12/oppet-hus-1.md"
    assert (entry.record.category, entry.record.kind, entry.record.summary) == ("pa-gang", "notis", "Kom och se.")


def test_an_issue_is_begun_by_pressing_return(tmp_path: Path) -> None:
    """Month, title and day are proposed."""
    with at_terminal(tmp_path, "new-issue") as terminal:
        terminal.answer("Vilken månad? [2027-02] ", "")
        terminal.answer("Vad heter numret? [Februari 2027] ", "")
        terminal.answer("Vilken dag kommer det ut? [2027-02-01] ", "")
        assert terminal.end() == 0
    assert (tmp_path / "content/issues/2027-02/issue.md").is_file()


@pytest.mark.parametrize("key", [b"\x03", b"\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_who_stops_in_the_middle_leaves_nothing(tmp_path: Path, key: bytes) -> None:
    """A sentence, exit code 1, and no file."""
    with at_terminal(tmp_path, "new-issue") as terminal:
        before = snapshot(tmp_path)
        terminal.answer("Vilken månad? [2027-02] ", "")
        terminal.wait_for("Vad heter numret? [Februari 2027] ")
        terminal.type(key)
        terminal.wait_for("Avbrutet. Ingenting är skrivet.")
        assert terminal.end() == 1
        assert "Traceback" not in terminal.seen
    assert snapshot(tmp_path) == before


def test_only_what_was_not_said_is_asked(tmp_path: Path) -> None:
    """Options are answers given beforehand."""
    said = ("2026-12", "--title=Nytt", "--category=nyheter", "--kind=notis", "--slug=nytt")
    with at_terminal(tmp_path, "new-article", *said) as terminal:
        terminal.answer("Ingress? (Den kan vänta.) ", "")
        assert terminal.end() == 0
        assert terminal.seen.count("?") == 1
    assert (tmp_path / "content/issues/2026-12/nytt.md").is_file()
