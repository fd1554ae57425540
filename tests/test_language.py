"""Advice on plain language: what is advised, where, and what is left in peace."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from desk import build as desk
from plugins.language import passive, spelling
from plugins.language.prose import Kind, sentences
from plugins.language.readability import LONGEST_SENTENCE, lix
from plugins.language.words import JARGON, avoided, forms, jargon
from plugins.magazine import signals
from plugins.magazine.problems import Problem
from plugins.magazine.settings import SettingsError
from tests.building import ROOT, inv, write, write_magazine, write_settings

TODAY = "2026-11-30"
has_hunspell = pytest.mark.skipif(not shutil.which("hunspell"), reason="hunspell is not on this machine")


def advice(root: Path, body: str = "En text.", *, how: str = "few", header: dict[str, Any] | None = None,
           **settings: Any) -> list[Problem]:  # fmt: skip
    """What is advised on an article (its text begins on line 7), spelling left out."""
    write_magazine(root, {"2026-11/text": {"title": "Rubriken", "body": body, **(header or {})}})
    values = desk.load_settings(write_settings(root, **settings), today=TODAY)
    found = [problem for problem in desk.check(values, how) if problem.severity == "advice"]
    return [problem for problem in found if problem.code not in ("misspelt-word", "unknown-word")]


def words(*texts: str) -> list[list[str]]:
    return [[word.text for word in sentence.words] for text in texts for sentence in sentences(text)]


# -- From Markdown to sentences ----------------------------------------------------------------------------------------

MASKED = {
    "a block of code": "Före.\n\n```\nerhålla: inte ord\n```\n\nEfter.",
    "indented code": "Före.\n\n    erhålla = 1\n\nEfter.",
    "code in a line": "Före `erhålla` Efter.",
    "a comment": "Före <!-- erhålla --> Efter.",
    "addresses": 'Före [länk](https://exempel.se/erhålla "erhålla") https://erhålla.se <a@erhålla.se> Efter.',
    "a link's address elsewhere": "Före [länk][1] Efter.\n\n[1]: https://exempel.se/erhålla",
    "pictures": '![erhålla](images/erhålla.jpg "erhålla")\n\nFöre. Efter.',
    "a table": "Före.\n\n| erhålla | b |\n|---|---|\n| erhålla | 2 |\n\nEfter.",
    "an abbreviation": "Före. Efter.\n\n*[IOP]: erhålla",
    "marks of footnotes": "Före[^erhålla]. Efter.",
    "another language in a word": "Före *erhålla*{lang=en} Efter.",
    "another language in a paragraph": "Före.\n\nPlease erhålla this.\n{lang=en}\n\nEfter.",
    "another language in code": "Före.\n\n```\nerhålla\n{lang=en}\n```\n\nMellan.\n\n```\nerhålla\n```\n\nEfter.",
    "another language in HTML": 'Före <span lang="en">erhålla</span> Efter.',
    "tags": 'Före <abbr title="erhålla">IOP</abbr> Efter.',
    "what is to be filled in": "Före [FYLL I: erhålla] Efter.",
    "attributes": "## Före {#erhålla}\n\nEfter.",
}  # fmt: skip


@pytest.mark.parametrize("case", MASKED)
def test_what_is_not_prose_is_not_read(case: str) -> None:
    """Markup, addresses, code, tables and other languages are left out, and what is around them is not."""
    found = [word for sentence in words(MASKED[case]) for word in sentence]
    assert "erhålla" not in [word.lower() for word in found]
    assert found[0] == "Före"
    assert "Efter" in found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("En mening. En till! Och: en? Ja.", [2, 2, 2, 1]),
        ("Kl. 13 i t.ex. hus nr. 5, dvs. här. Slut.", [10, 1]),
        ("Det kostar 3 000 kronor, ca 13.30. A. Nilsson kom.", [6, 3]),
        ("”Kom!” sa hon. ”Nu.” Sedan gick hon.", [3, 1, 3]),
        ("- en punkt\n- en annan\n- den tredje", [2, 2, 2]),
        ("En rad\nsom går vidare\n\nNytt stycke", [5, 2]),
        ("Rubrik\n======\n\nText.", [1, 1]),
        ("# Rubrik\nText direkt under.", [1, 3]),
    ],
)
def test_a_text_falls_into_sentences(text: str, expected: list[int]) -> None:
    """Abbreviations and figures end none; items, headings and paragraphs end one without a full stop."""
    assert [len(sentence) for sentence in words(text)] == expected


def test_sentences_know_their_lines_and_kinds() -> None:
    """Each word has the line on which it stands; headings and what others say are marked."""
    text = "\nFörsta raden\nandra raden. Här också.\n\n## Rubrik\n\n> Citat.\n\n– Pratminus, sa hon.\n"
    found = sentences(text, first_line=10)
    assert [(s.line, s.kind) for s in found] == [
        (11, Kind.TEXT),
        (12, Kind.TEXT),
        (14, Kind.HEADING),
        (16, Kind.QUOTED),
        (18, Kind.QUOTED),
    ]
    assert [word.line for word in found[0].words] == [11, 11, 12, 12]


MARKUP = st.sampled_from(
    '\n \n\n   * ** _ ` ```\n >  -  #  | ]( [ –  { } < > --\n å Ord ord. 1. https://a.b a@b.se ” " !['.split(" ")
)


@given(st.lists(MARKUP | st.text(max_size=5), max_size=40).map("".join))
@hypothesis_settings(max_examples=300, deadline=None)
def test_any_text_can_be_read(text: str) -> None:
    """Whatever is written: every word stands in the text where it is said to stand, in order, on its line."""
    after = 0
    for sentence in sentences(text):
        for word in sentence.words:
            assert text[word.start :].startswith(word.text)
            assert word.start >= after
            assert word.line == text.count("\n", 0, word.start) + 1
            after = word.start + len(word.text)


def test_a_long_text_of_marks_is_read_at_once() -> None:
    """Nothing in a text makes reading it take for ever."""
    for piece in ("*", "[", "](", "`", "<a ", "_a", "> ", "a.b@", "a\n", "|", "{", "”a", "!["):
        assert sentences(piece * 5_000) is not None


# -- How hard it is to read --------------------------------------------------------------------------------------------


def test_lix_is_that_of_bjornsson() -> None:
    """Words in a sentence plus the percentage of words of more than six letters; headings are not counted."""
    easy = "Det är en bra dag för oss alla. " * 20  # 8 words, none of them long
    assert lix(sentences(f"## Samverkansöverenskommelse\n\n{easy}")) == 8
    hard = "Förvaltningen genomför samverkansöverenskommelsen tillsammans med alla. " * 20  # 6 words, 4 of them long
    assert lix(sentences(hard)) == 6 + 67
    assert lix(sentences("Kort text.")) is None


def test_a_text_that_is_hard_to_read_is_told_so(tmp_path: Path) -> None:
    """At its first line, with its LIX; an easy one is not."""
    hard = "Förvaltningens samverkansöverenskommelser reglerar föreningarnas lokalanvändning i stadsdelarna. " * 20
    (found,) = advice(tmp_path / "hard", hard)
    assert (found.code, found.line) == ("hard-text", 4)
    assert re.match(r"Texten har LIX \d\d, och från 50", found.text)
    assert advice(tmp_path / "easy", "Det är en bra dag för oss alla. " * 20) == []


def test_a_long_sentence_is_told_with_its_beginning(tmp_path: Path) -> None:
    """By its first words and its length; one that somebody else says is left in peace."""
    long = "Den här meningen " + "går och går " * 11 + "utan slut"
    (found,) = advice(tmp_path / "text", f"Kort.\n\n{long}.")
    assert (found.code, found.line) == ("long-sentence", 9)
    assert found.text.startswith("Meningen ”Den här meningen går …” har 38 ord.")
    assert advice(tmp_path / "speech", f"– {long}, sa hon.\n\n> {long}.") == []
    assert advice(tmp_path / "limit", " ".join(["ord"] * LONGEST_SENTENCE)) == []


# -- Better words ------------------------------------------------------------------------------------------------------

ADVISED = [
    ("Vi erhöll bidraget.", "jargon", "erhöll", "få"),
    ("Rådet implementerade planen.", "jargon", "implementerade", "införa"),
    ("Staden ska vidta åtgärder.", "jargon", "vidta åtgärder", "göra något"),
    ("Vi vidtog åtgärder.", "jargon", "vidtog åtgärder", "göra något"),
    ("Ett beslut avseende lokaler.", "jargon", "avseende", "om, för"),
    ("Nämnden tillser att det sker.", "jargon", "tillser", "se till"),
    ("Det görs i enlighet med planen.", "jargon", "i enlighet med", "enligt"),
    ("Målsättningen är klar.", "jargon", "Målsättningen", "mål"),
    ("Erforderliga handlingar saknas.", "jargon", "Erforderliga", "nödvändig"),
    ("Ansökan avslogs i går.", "passive", "avslogs", "avslog"),
    ("Frågan ska utredas i vår.", "passive", "utredas", "utreda"),
    ("Planen har utvärderats.", "passive", "utvärderats", "utvärderat"),
    ("Bidraget blev beviljat till slut.", "passive", "blev beviljat", "beviljade"),
    ("Ansökningarna kan bli granskade.", "passive", "bli granskade", "granska"),
]


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, list[Problem]]:
    """What is advised on each of the texts above and below, in one magazine: each has a line above it."""
    root = tmp_path_factory.mktemp("together")
    texts = [*(text for text, *_ in ADVISED), *IN_PEACE]
    write_magazine(root, {f"2026-11/text-{n}": {"body": f"Först en rad\n\n{text}"} for n, text in enumerate(texts)})
    problems = desk.check(desk.load_settings(write_settings(root), today=TODAY), "all")
    said = [problem for problem in problems if problem.code in ("jargon", "passive", "long-sentence", "hard-text")]
    return {text: [p for p in said if p.path.endswith(f"/text-{n}.md")] for n, text in enumerate(texts)}


@pytest.mark.parametrize(("text", "code", "word", "better"), ADVISED)
def test_a_word_that_could_be_better_is_told(
    together: Mapping[str, list[Problem]], text: str, code: str, word: str, better: str
) -> None:
    """With the place, the word as it was written, and a better one."""
    (found,) = together[text]
    assert (found.code, found.line) == (code, 9)
    assert f"”{word}”" in found.text
    assert better in found.text


IN_PEACE = [
    # verbs in -s that are no passives, and nouns in -s
    "Vi hoppas att det finns plats, minns förra året och trivs. Stadens råds beslut känns bra. De syns och hörs.",
    "Vi träffas, möts, umgås, brottas, kräks, andas, lyckas, misslyckas, envisas, låtsas och skäms tillsammans.",
    "Mötet hålls i hamnen, kaffe serveras och lokalen används varje kväll. Dörrarna öppnas klockan ett.",
    # somebody is named
    "Ansökan avslogs av nämnden. Planen blev beviljad av staden.",
    # what others say, and words that the text is about
    "– Vi erhöll inget, säger hon.",
    "> Bidraget ska erhållas i enlighet med planen.",
    "Ordet *erhålla* är svårt. Det står ”i enlighet med” på lappen. Han sa \"vidta åtgärder\".",
    "Kör `erhålla` i [listan](https://exempel.se/erhålla).",
    # ordinary meanings
    "Han var rörande enig. Det inger hopp. Gällande regler. Boken handlar om att handla. Avsändaren fick svar.",
    "En implantat, en målsättare, ett förehavande och ett nytt nyttigt.",
]  # fmt: skip


@pytest.mark.parametrize("text", IN_PEACE)
def test_ordinary_swedish_is_left_in_peace(together: Mapping[str, list[Problem]], text: str) -> None:
    """A remark that is wrong costs more than one that is missing."""
    assert [problem.text for problem in together[text]] == []


def the_list() -> list[list[str]]:
    lines = JARGON.read_text(encoding="utf-8").splitlines()
    return [[part.strip() for part in line.split("|")] for line in lines if line and not line.startswith("#")]


def test_the_list_of_jargon_is_in_order() -> None:
    """Some 200 entries, each once, with a better word, which is none of the words in the list."""
    entries = the_list()
    assert len(entries) > 150
    assert {len(entry) for entry in entries} == {3}
    phrases = [entry[0] for entry in entries]
    assert sorted(phrases) == sorted(set(phrases))
    for phrase, _, better in entries:
        assert better, phrase
        assert [found.text for sentence in sentences(better) for found in jargon().find(sentence.words)] == [], phrase


@pytest.mark.parametrize("entry", the_list(), ids=lambda entry: entry[0])
def test_every_entry_is_found(entry: list[str]) -> None:
    """In the form of the list and in those that are given one by one, with a capital too."""
    first, *rest = entry[0].split()
    inflected = entry[1].split() if entry[1] not in ("ar", "en", "adj") else []
    for form in (first, first.capitalize(), *inflected):
        (sentence,) = sentences(" ".join(["Nu", form, *rest, "här"]))
        assert [found.text for found in jargon().find(sentence.words)] == [" ".join([form, *rest])]


def test_every_passive_has_its_active_form() -> None:
    """The table of verbs gives forms that are spelt as they should be."""
    found = {}
    for form in ("beslutas", "besluta", "fastställs", "avslås", "genomförts", "utredas", "undersöktes", "erbjöds"):
        for verb in passive.find(sentences(f"Det {form} nu.")[0].words):
            found[form] = verb.active
    assert found == {
        "beslutas": "beslutar",
        "fastställs": "fastställer",
        "avslås": "avslår",
        "genomförts": "genomfört",
        "utredas": "utreda",
        "undersöktes": "undersökte",
        "erbjöds": "erbjöd",
    }


# -- The magazine's own list -------------------------------------------------------------------------------------------


def test_the_magazine_names_words_that_it_avoids(tmp_path: Path) -> None:
    """Words and phrases from the settings, in any of the usual forms; before the list of jargon."""
    avoid = {"brukare": "den som får stöd", "insats": "stöd", "målsättning": "dit vi vill", "nå ut med": "berätta om"}
    text = "Brukarnas insatser brukar räcka.\nVi har en målsättning och vill nå ut med den."
    found = advice(tmp_path, text, AVOID_WORDS=avoid)
    assert [(problem.code, problem.line) for problem in found] == [("avoided-word", line) for line in (7, 7, 8, 8)]
    told = "”Brukarnas” är ett ord som tidningen undviker. Skriv hellre: den som får stöd."
    assert told in [problem.text for problem in found]


@pytest.mark.parametrize("value", ["brukare", ["brukare"], {"brukare": ""}, {"": "a"}, {"a": 1}])
def test_a_wrong_list_is_said(tmp_path: Path, value: Any) -> None:
    """The setting is named, with an example."""
    with pytest.raises(SettingsError, match=r"^AVOID_WORDS: must be words with better ones: \{"):
        advice(tmp_path, AVOID_WORDS=value)


def test_the_usual_endings_are_known() -> None:
    """Nouns, verbs and adjectives in the forms that Swedish has."""
    assert {"brukaren", "brukarna", "brukares"} <= forms("brukare")
    assert {"flickor", "flickorna", "flickan"} <= forms("flicka")
    assert {"satsar", "satsade", "satsat", "satsas"} <= forms("satsa")
    assert "brukar" not in forms("brukare")
    assert not list(avoided({"insats": "stöd"}).find(sentences("En insatsvara.")[0].words))


# -- On what, and how much ---------------------------------------------------------------------------------------------


def test_the_current_issue_and_those_to_come_are_advised_on(tmp_path: Path) -> None:
    """What readers have had for a month, and pages, are left in peace, unless all is asked for; `none` is none."""
    texts = {f"2026-{month}/a": {"body": "Vi erhöll det."} for month in ("09", "10", "11", "12")}
    write_magazine(tmp_path, texts | {"2026-12/utkast": {"status": "draft", "body": "Vi erhöll det."}})
    write(tmp_path / "content/issues/2026-12/issue.md", "Vi erhöll det.", title="Nummer", date="2026-12-01")
    values = desk.load_settings(write_settings(tmp_path), today=TODAY)

    def files(how: str) -> list[str]:
        found = [problem for problem in desk.check(values, how) if problem.code == "jargon"]
        return [problem.path.partition("content/")[2].removeprefix("issues/") for problem in found]

    write(tmp_path / "content/pages/om.md", "Vi erhöll det.", title="Om oss")
    assert files("few") == ["2026-11/a.md", "2026-12/a.md", "2026-12/issue.md", "2026-12/utkast.md"]
    assert files("all") == ["2026-09/a.md", "2026-10/a.md", *files("few"), "pages/om.md"]
    assert files("none") == []


def test_one_text_gets_no_more_than_one_can_take_in(tmp_path: Path) -> None:
    """Five pieces of advice, the weightiest, each word once; and how many more there are."""
    text = "Ansökan avslogs. Vi erhöll, erhåller, nyttjar, emotser, påtalar, äskar och implementerar. Vi erhöll det."
    found = advice(tmp_path, text)
    assert [problem.code for problem in found] == ["more-advice", *["jargon"] * 5]
    assert found[0].text == 'Det finns 2 råd till om texten. Se dem med: make check ARGS="--advice all"'
    everything = advice(tmp_path, text, how="all")
    assert [problem.code for problem in everything].count("jargon") == 7
    assert "passive" in [problem.code for problem in everything]


def test_headline_and_ingress_are_read_too(tmp_path: Path) -> None:
    """At their lines in the header."""
    found = advice(tmp_path, header={"title": "Implementering pågår", "summary": "Vi nyttjar lokalen."})
    assert [(problem.line, problem.text.split("”")[1]) for problem in found] == [(2, "Implementering"), (4, "nyttjar")]


def test_other_languages_get_no_swedish_advice(tmp_path: Path) -> None:
    """In English only the length of sentences is looked at, in others nothing."""
    long = "This sentence " + "goes on and on " * 9 + "for ever"
    english = {"lang": "en", "title": "Headline", "summary": "Ingress."}
    found = advice(tmp_path / "en", f"We implementera i syfte att.\n\n{long}.", header=english)
    assert [(problem.code, problem.line) for problem in found] == [("long-sentence", 10)]
    assert advice(tmp_path / "so", f"{long} erhålla.", header={"lang": "so"}) == []


def test_an_english_magazine_is_advised_in_english(tmp_path: Path) -> None:
    """Its own language is English, so that no Swedish rule is for it."""
    found = advice(tmp_path, "I syfte att. " + "And on " * 20 + "for ever.", DEFAULT_LANG="en")
    assert [problem.text.partition("Divide")[0] for problem in found] == [
        "The sentence “And on And on …” has 42 words. ",
    ]


def test_a_build_asks_nobody_for_advice(tmp_path: Path) -> None:
    """It costs a build nothing."""
    asked = []

    def handler(site: Any, every: bool = False) -> list[Problem]:
        asked.append(every)
        return []

    write_magazine(tmp_path)
    values = desk.load_settings(write_settings(tmp_path), today=TODAY)
    with signals.advise.connected_to(handler):
        desk.build(values)
        assert asked == []
        desk.check(values, "few")
    assert asked == [False]


# -- How it is told ----------------------------------------------------------------------------------------------------


def test_advice_stops_nothing(tmp_path: Path) -> None:
    """It comes last, says that it is advice, is counted for itself, and the command ends with 0."""
    write_magazine(tmp_path, {"2026-11/a": {"body": "Vi erhöll det."}, "2026-07/b": {}})
    given = write_settings(tmp_path)
    asked = ("check", "--settings", given, "--today", TODAY)

    told = inv(*asked, cwd=tmp_path)
    as_json = json.loads(inv(*asked, "--format", "json", cwd=tmp_path).stdout)
    as_github = inv(*asked, "--format", "github", cwd=tmp_path).stdout.splitlines()
    wrong = inv(*asked, "--advice", "some", cwd=tmp_path)

    lines = told.stdout.splitlines()
    assert (told.returncode, told.stderr) == (0, "")
    place = "content/issues/2026-11/a.md:7: råd: ”erhöll” är kanslispråk. Skriv hellre: få."
    assert lines.index(place) > max(n for n, line in enumerate(lines) if ": varning: " in line)
    assert re.search(r"^0 fel, \d varningar, 1 råd\.$", told.stdout, re.MULTILINE)
    assert [problem["code"] for problem in as_json if problem["severity"] == "advice"] == ["jargon"]
    notice = "::notice file=content/issues/2026-11/a.md,line=7,title=jargon::”erhöll” är kanslispråk. Skriv hellre: få."
    assert notice in as_github
    assert (wrong.returncode, wrong.stderr) == (2, "--advice: few, all or none, not 'some'\n")


def test_the_sample_magazine_reads_as_plainly_as_it_should() -> None:
    """Nobody who writes well is bothered: a handful of remarks on the newest issues, a few dozen on a hundred texts."""
    values = desk.load_settings(ROOT / "pelicanconf.py", today=TODAY)
    few, everything = ([p for p in desk.check(values, how) if p.severity == "advice"] for how in ("few", "all"))
    assert len(few) <= 5
    assert len(everything) <= 40
    assert [problem.text for problem in everything if problem.code == "hard-text"] == []


# -- Spelling ----------------------------------------------------------------------------------------------------------


def spelling_of(root: Path, body: str, *, words: str | bytes | None = None, **header: Any) -> dict[str, str]:
    """The words that are not in the dictionary, each with the sentence about it."""
    write_magazine(root, {"2026-11/text": {"title": "Rubriken", "summary": "En text.", "body": body, **header}})
    if words is not None:
        (root / "content/ordlista.txt").write_bytes(words if isinstance(words, bytes) else words.encode())
    problems = desk.check(desk.load_settings(write_settings(root), today=TODAY), "few")
    return {p.text.split("”")[1]: p.text for p in problems if p.code in ("misspelt-word", "unknown-word")}


@has_hunspell
def test_a_misspelt_word_is_told_with_what_was_meant(tmp_path: Path) -> None:
    """Proposals first, then how to teach the word."""
    found = spelling_of(tmp_path, "Förenningen söker en ordförrande till kommunnen.")
    assert set(found) == {"Förenningen", "ordförrande", "kommunnen"}
    assert found["ordförrande"] == (
        "”ordförrande” finns inte i ordlistan. Menade du ordförande? Är ordet rätt, skriv in det i ordlista.txt."
    )


@has_hunspell
@pytest.mark.parametrize(
    "text",
    [
        "Vi åkte till Zyxelby med Blåkulleföreningen. Zyxelbys torg var stort.",  # names
        "EU:s IOP och NATO:s YouTube-kanal, kl. 13.30, 3 000 kr, §5, m.fl.",  # abbreviations and figures
        "Båtvärdarnas mötesfika på paddgruppens vaktdisk.",  # compounds
        "Gurk- och tomatodlare, 13-åringar, 70-årsfest.",  # parts of words
        "Skriv `xqzzt` till [oss](https://xqzzt.se) eller info@xqzzt.se.",
        "*xqzzt wrrq*{lang=en} är engelska.",
        "Medborgarbudgetering är ett ämne.",  # a tag of this article
    ],
)
def test_names_compounds_and_code_need_no_dictionary(tmp_path: Path, text: str) -> None:
    """What a dictionary cannot know is no noise."""
    assert spelling_of(tmp_path, text, tags=["medborgarbudgetering"]) == {}


@has_hunspell
def test_the_magazine_has_words_of_its_own(tmp_path: Path) -> None:
    """A word in the list passes in its usual forms; another is told how to get there."""
    text = "En sambusa, två sambusor, sambusorna och ett wrappel."
    assert set(spelling_of(tmp_path / "without", text)) == {"sambusa", "sambusor", "sambusorna", "wrappel"}
    found = spelling_of(tmp_path / "with", text, words="# Mat\n\nsambusa  # från Hoyo\n")
    assert set(found) == {"wrappel"}
    assert "skriv in det i ordlista.txt" in found["wrappel"]


@has_hunspell
def test_a_word_list_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    """As advice, at the file: it stops nothing."""
    write_magazine(tmp_path, {"2026-11/text": {}})
    (tmp_path / "content/ordlista.txt").write_bytes("båtvärd".encode("latin-1"))
    problems = desk.check(desk.load_settings(write_settings(tmp_path), today=TODAY), "few")
    (said,) = [problem for problem in problems if problem.code == "not-utf8"]
    assert said.severity == "advice"
    assert said.path.endswith("content/ordlista.txt")


def test_without_hunspell_there_is_a_line_about_it(tmp_path: Path) -> None:
    """The rest of the advice is given all the same; who wants no advice hears nothing of it."""
    write_magazine(tmp_path, {"2026-11/text": {"body": "Förenningen erhöll det."}})
    given = write_settings(tmp_path)
    missing = "Ingen har tittat på stavningen: hunspell med hunspell-sv saknas."
    nowhere = str(tmp_path)
    with_advice, without = (inv("check", "--settings", given, "--advice", how, PATH=nowhere) for how in ("few", "none"))
    assert with_advice.stdout.splitlines()[-1] == missing
    assert "”erhöll” är kanslispråk" in with_advice.stdout
    assert "Förenningen" not in with_advice.stdout
    assert missing not in without.stdout


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [("", "", 0), ("ord", "ord", 0), ("Ord", "ord", 0), ("ord", "orrd", 1), ("ord", "odr", 1), ("ord", "or", 1),
     ("ord", "ard", 1), ("ord", "", 3), ("sam", "mas", 2)],
)  # fmt: skip
def test_the_distance_of_two_words(one: str, other: str, letters: int) -> None:
    """A letter changed, added, left out, or exchanged with the next: one each."""
    assert spelling.distance(one, other) == letters == spelling.distance(other, one)
