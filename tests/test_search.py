"""The search: both halves take words apart alike, and what was published is found."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from pathlib import Path
from random import Random
from typing import Any

import pytest
import snowballstemmer
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

from benchmarks import corpus
from plugins.magazine.assets import published, without_comments
from plugins.search import analysis
from plugins.search.abbreviations import abbreviations
from plugins.search.compounds import Splitter, fit_among
from plugins.search.documents import Document, File
from plugins.search.index import build
from plugins.search.postings import HIGHEST, posting, read, written
from plugins.search.shards import cut
from tests.browser import NODE
from tests.building import build as build_site
from tests.building import write_magazine

ROOT = Path(__file__).parents[1]
ENGINE = ROOT / "theme/static/search/engine.js"
RULES = ("fold", "stem", "root", "key", "plain_key")
ODD = "Überraskning İstanbul ﬁn naïve ØL Æter Straße ĳs 𝒳 e\u0301n Σίσυφος ПРИВЕТ שלום مرحبا 日本語 EU:s e-post IOP:er"


def node(script: str, *arguments: str | Path, given: Any = None) -> Any:
    """Run a script as an ES module, `engine` being the client; gives what it prints, read as JSON."""
    script = (
        f"import * as engine from {json.dumps(ENGINE.as_uri())};\nimport {{ readFileSync }} from 'node:fs';\n{script}"
    )
    done = subprocess.run(
        [NODE, "--input-type=module", "-e", script, "--", *map(str, arguments)],
        input=json.dumps(given),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# -- The analysis


def vocabulary() -> list[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("content/**/*.md"))]
    texts += [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("benchmarks/data/swefaq/*.jsonl"))]
    texts.append(ODD)
    found = {word for text in texts for word in analysis.words(analysis.normal(text))}
    found |= {word.translate(str.maketrans("åäö", "aao")) for word in found}
    found |= {"".join(reversed(word)) for word in found} | {word[:4] + word for word in found}
    return sorted(found)


def test_client_and_build_find_the_same_words_in_a_text() -> None:
    texts = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("content/**/*.md"))]
    texts += [
        ODD,
        "".join(map(chr, [*range(0x20, 0xD800), *range(0xE000, 0x10000)])),
        "a\u00adb c:s kl:en e-post-adress",
    ]
    theirs = node(
        "const texts = JSON.parse(readFileSync(0, 'utf8')).map(engine.normal);"
        "console.log(JSON.stringify(texts.map((text) => [engine.words(text), engine.hyphenated(text)])))",
        given=texts,
    )
    normal = [analysis.normal(text) for text in texts]
    assert theirs == [[analysis.words(text), analysis.hyphenated(text)] for text in normal]


def test_stop_words_and_stems_are_those_agreed_on() -> None:
    assert set(node("console.log(JSON.stringify([...engine.STOP_WORDS]))")) == analysis.STOP_WORDS
    snowball = snowballstemmer.stemmer("swedish")
    assert [word for word in vocabulary() if analysis.stem(word) != snowball.stemWord(word)] == []


@pytest.mark.parametrize(
    "forms",
    [
        "ansvar ansvaret ansvars ansvarets",
        "resultat resultatet resultatets",
        "kostnad kostnaden kostnader kostnaderna",
        "analys analysen analyser analysernas",
        "gräns gränsen gränser",
        "faktor faktorn faktorer",
        "konsekvens konsekvensen konsekvenser",
        "ekonomi ekonomin ekonomins",
        "skola skolan skolor skolorna",
        "förälder föräldrar föräldrarnas",
        "regel regler regeln reglerna",
        "förbund förbundet förbunden förbundets",
        "utrikesministermöte utrikesministermötet",
        "idéburen idéburna idéburet",
        "förening föreningen föreningarna föreningarnas",
        "möte möten mötena mötet",
        "miljö miljön miljöns miljöer",
    ],
)
def test_all_forms_of_a_word_have_one_root(forms: str) -> None:
    assert len({analysis.root(form) for form in forms.split()}) == 1


@pytest.mark.parametrize("written", ["överenskommelse", "overenskommelse", "oeverenskommelse", "Överenskommelserna"])
def test_a_key_has_no_dots(written: str) -> None:
    assert analysis.plain_key(analysis.normal(written)) == "overenskom"


def test_compounds_are_made_of_known_words() -> None:
    uses = dict.fromkeys("samverkan råd kyrka gård arbete plats gata lykta barn omsorg barnomsorg plan".split(), 9)
    parts = Splitter(fit_among(uses | {"för": 9})).parts
    assert parts("samverkansråd") == ("samverk", "råd")
    assert parts("kyrkogård") == ("kyrk", "gård")
    assert parts("barnomsorgsplan") == ("barn", "omsorg", "barnomsorg", "plan")
    assert parts("förplats") == parts("råd") == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ett idéburet offentligt partnerskap (IOP) är", [("iop", ("idéburet", "offentligt", "partnerskap"))]),
        ("IOP (idéburet offentligt partnerskap)", [("iop", ("idéburet", "offentligt", "partnerskap"))]),
        ("av Sveriges Kommuner och Regioner (SKR).", [("skr", ("sveriges", "kommuner", "regioner"))]),
        ("i Göteborg (VARFÖR) och", []),
        ("(IOP)", []),
    ],
)
def test_abbreviations_are_learnt_from_the_text(text: str, found: list[tuple[str, tuple[str, ...]]]) -> None:
    assert list(abbreviations(text)) == found


@pytest.fixture(scope="module")
def corpus_words() -> list[str]:
    """The benchmarks' whole vocabulary: every form of every word, and the words of two thousand articles."""
    listed = corpus.vocabulary(Random(corpus.SEED))
    nouns = {
        form for noun in listed.nouns.items for form in (noun.bare, noun.definite, noun.plural, noun.plural_definite)
    }
    others = {form for forms in (*listed.verbs.items, *listed.adjectives.items) for form in forms}
    texts = [f"{post.title} {post.summary} {post.body}" for post in corpus.make(2000).posts]
    return sorted({word for text in (*nouns, *others, *texts) for word in analysis.words(analysis.normal(text))})


def test_the_browser_takes_every_word_apart_as_the_build_does(corpus_words: list[str], page: Page) -> None:
    """No difference in Chromium, over the vocabularies of the benchmarks, of the sample, and of real questions."""
    taken = [*corpus_words, *vocabulary()]
    page.route("**/*", lambda route: route.fulfill(body=published(ENGINE), content_type="text/javascript"))
    page.goto("https://magazine.example/search/engine.js")
    theirs = page.evaluate(
        """async (taken) => {
          const { fold, stem, root, key, plainKey } = await import("/search/engine.js");
          return taken.map((word) => [fold, stem, root, key, plainKey].map((rule) => rule(word)));
        }""",
        taken,
    )
    ours = [[getattr(analysis, rule)(word) for rule in RULES] for word in taken]
    assert len(taken) > 50_000
    assert [(w, o, t) for w, o, t in zip(taken, ours, theirs, strict=True) if o != t] == []


def test_scripts_are_published_without_their_comments() -> None:
    script = (
        "/* one\n   two */\nconst a = 1; // a\n\n  // three\n  /*! licence */\n  call('/* no */');\n/** four */\nb();\n"
    )
    assert without_comments(script) == "const a = 1; // a\n/*! licence */\ncall('/* no */');\nb();\n"


# -- Lists and files

ENTRIES = st.dictionaries(st.integers(0, 2_000_000), st.integers(0, HIGHEST), max_size=50)


@given(ENTRIES)
def test_lists_of_texts_survive_being_written(entries: dict[int, int]) -> None:
    postings = sorted(posting(number, level) for number, level in entries.items())
    texts = written(postings)
    assert json.dumps(texts) == f'"{texts}"'
    assert read(texts) == postings


@given(st.lists(st.text("abc", max_size=6), unique=True, max_size=60), st.integers(1, 40))
def test_files_hold_every_key_once_and_are_found_by_where_they_begin(keys: list[str], most: int) -> None:
    keys.sort()
    pieces = list(cut(keys, [1 + len(key) for key in keys], most))
    assert [key for _, start, end in pieces for key in keys[start:end]] == keys
    begins = [begin for begin, _, _ in pieces]
    assert begins == sorted(set(begins))
    for begin, start, end in pieces:
        for key in keys[start:end]:
            assert max(other for other in begins if other <= key) == begin


# -- Whole answers


def document(
    slug: str, title: str = "En rubrik", text: str = "En text.", issue: str = "2026-11", **facts: Any
) -> Document:
    date = f"{issue}-02" if issue else ""
    return Document(url=f"/{issue}/{slug}/", title=title, text=text, lang="sv", issue=issue, date=date, **facts)


DOCUMENTS = [
    document(
        "rad", "Samverkansrådet möts", "Rådet samlar föreningar i hamnen.", category="nyheter", places=("Hamnen",)
    ),
    document("partner", "Partnerskap", "Ett idéburet offentligt partnerskap (IOP) är ett avtal.", category="nyheter"),
    document("iop", "Nytt IOP", "Avtalet gäller i tre år.", kind="notis"),
    document("over", "Överenskommelsen", "Staden och civilsamhället är överens om ett råd för samverkan."),
    document("gammal", "Något äldre", "Ordet kvastskaft står bara här.", issue="2019-03", category="tankar"),
    document(
        "rapport", "En rapport", files=(File(title="Hela", url="/2026-11/files/hela.pdf", text="Kajutans tapet."),)
    ),
    document("kaffe", "Vem bjuder på kaffet?", "<b>Kaffe</b> & 'bullar' bjuds det på i föreningshuset."),
    document("vi", "Vi och de", "En berättelse."),
    document("hus", "Ett hus och ett råd", "Huset har ett råd.", issue="2026-10"),
    document("hus-2", "Ett hus och ett råd till", "Huset har ett råd.", issue="2026-10"),
    Document(url="/om/", title="Om oss", lang="sv", text="Redaktionen sitter i stadshuset."),
]


def write(root: Path, documents: list[Document]) -> None:
    for path, data in build(documents, [("nyheter", "Nyheter"), ("tankar", "Tankar")]).items():
        (root / "search" / path).parent.mkdir(parents=True, exist_ok=True)
        (root / "search" / path).write_bytes(data)


@pytest.fixture(scope="module", name="published")
def published_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published")
    write(root, DOCUMENTS)
    return root


FETCH = """
const root = process.argv[1];
const fetch = async (address) => {
  try { const text = readFileSync(root + address, "utf8"); return { ok: true, json: async () => JSON.parse(text) }; }
  catch { return { ok: false, status: 404 }; }
};
const search = await engine.open("", { fetch });
const asked = JSON.parse(readFileSync(0, "utf8"));
"""


def explore(published: Path, query: str, **options: Any) -> dict[str, Any]:
    script = FETCH + "console.log(JSON.stringify(await search.explore(...asked)))"
    answer = node(script, published, given=[query, options])
    assert isinstance(answer, dict)
    return answer


def urls(answer: dict[str, Any]) -> list[str]:
    return [result["url"].strip("/").split("/")[-1] for result in answer["results"]]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("samverkansrådet", "rad"),
        ("samverkansråd", "rad"),
        ("samverkansrad", "rad"),
        ("samverkansraad", "rad"),
        ("samvrekansråd", "rad"),
        ("överenskommelse", "over"),
        ("overenskommelser", "over"),
        ("oeverenskommelse", "over"),
        ("kvastskaft", "gammal"),
        ("kajutan", "rapport"),
        ("stadshus", "om"),
        ("iop", "iop"),
        ("vad är det för överenskommelse", "over"),
        ('"råd för samverkan"', "over"),
        ("vi", "vi"),
    ],
)
def test_what_is_meant_comes_first(published: Path, query: str, first: str) -> None:
    assert urls(explore(published, query))[0] == first


def test_the_halves_of_a_compound_count_where_they_stand_together(tmp_path: Path) -> None:
    apart = [
        document(f"apart-{i}", text=f"Klimatet är en sak. {'Så är det. ' * 5} Ansvaret för luften är en annan, {i}.")
        for i in range(25)
    ]
    write(tmp_path, [*apart, document("together", text="Vem har ansvaret för klimatet?", issue="2026-10")])
    assert urls(explore(tmp_path, "klimatansvar"))[0] == "together"


def test_the_halves_of_a_compound_are_looked_for_in_whole_texts(tmp_path: Path) -> None:
    long = "Så är det. " * 200
    apart = [document(f"apart-{i}", text=f"Klimatet {i}. {long} Ansvaret för luften.") for i in range(25)]
    together = document("together", text=f"Klimatet. {long} Vem har ansvaret för klimatet?", issue="2026-10")
    write(tmp_path, [*apart, together])
    assert urls(explore(tmp_path, "klimatansvar"))[0] == "together"


def test_a_spelling_that_is_one_letter_off_is_likelier_than_a_common_word_with_a_root_like_it(tmp_path: Path) -> None:
    common = [document(f"common-{i}", text="Kommunens förmåga är god.") for i in range(20)]
    write(tmp_path, [*common, document("meant", text="Vägen förläggs till skogen.")])
    found = explore(tmp_path, "föräggs")
    assert found["suggestion"] == "förläggs"
    assert urls(found)[0] == "meant"


def test_a_good_answer_to_a_question_is_a_hit_though_another_text_has_more_words_by_chance(tmp_path: Path) -> None:
    others = [document(f"other-{i}", f"Något annat {i}", text="Sommaren var lång.") for i in range(30)]
    chance = document("chance", text=f"Trädgården, grannen, staketet, hunden och kvällen. {'Mer om annat. ' * 200}")
    answer = document("answer", "Bygglov", "Så får du bygglov.", summary="Allt om bygglov och hur bygglov ges.")
    write(tmp_path, [*others, chance, answer])
    found = explore(tmp_path, "Krävs bygglov i trädgården mot grannen om staketet stoppar hunden på kvällen?")
    assert set(urls(found)) == {"chance", "answer"}
    assert found["total"] == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("samverkansråd", {"rad", "over"}),
        ("samverkansrad", {"rad", "over"}),
        ("samverkan råd", {"rad", "over"}),
        ("iop", {"iop", "partner"}),
        ("idéburet offentligt partnerskap", {"iop", "partner"}),
        ("föreningar", {"rad", "kaffe"}),
        ("samverkansberättelser", {"rad", "over", "vi"}),
        ("avtal -iop", {"partner", "iop"} - {"partner", "iop"}),
    ],
)
def test_words_are_found_in_other_shapes(published: Path, query: str, found: set[str]) -> None:
    assert set(urls(explore(published, query))) == found


def test_a_hit_is_shown_with_its_words_marked(published: Path) -> None:
    (result,) = explore(published, "bullar")["results"]
    assert "".join(piece["text"] for piece in result["passage"]) == DOCUMENTS[6].text
    assert [piece["text"] for piece in result["passage"] if piece["hit"]] == ["bullar"]


def test_a_word_in_an_attached_file_is_shown_from_there(published: Path) -> None:
    script = (
        FETCH + "const [r] = await search.search(...asked); console.log(JSON.stringify([r.passage.from, r.passage]))"
    )
    title, passage = node(script, published, given=["kajuta", {}])
    assert title == "Hela"
    assert [piece["text"] for piece in passage if piece["hit"]] == ["Kajutans"]


def test_filters_and_their_counts(published: Path) -> None:
    answer = explore(published, "råd", category="nyheter")
    assert urls(answer) == ["rad"]
    assert answer["facets"]["category"] == {"nyheter": 1}
    assert answer["facets"]["year"] == {"2026": 1}
    assert set(urls(explore(published, "föreningar", place="Hamnen"))) == {"rad"}
    assert urls(explore(published, "ordet", year=2026)) == []
    answer = explore(published, "kvastskaft", year=2026)
    assert (answer["total"], answer["empty"]) == (0, "hits")
    assert [near["url"] for near in answer["near"]] == ["/2019-03/gammal/"]
    assert answer["facets"]["year"] == {"2019": 1}


def test_a_misspelt_word_is_put_right_and_said(published: Path) -> None:
    answer = explore(published, "ett kvastkaft")
    assert (answer["suggestion"], answer["corrected"]) == ("ett kvastskaft", True)


def test_a_quoted_word_is_taken_as_it_is_written(published: Path) -> None:
    assert set(urls(explore(published, "råd"))) == {"rad", "over", "hus", "hus-2"}
    assert set(urls(explore(published, '"råd"'))) == {"over", "hus", "hus-2"}
    assert urls(explore(published, '"rådet"')) == ["rad"]


def test_a_quoted_word_is_not_found_in_another_shape_because_of_its_neighbours(tmp_path: Path) -> None:
    write(tmp_path, [document("joined", text="Samverkansrådet möts."), document("own", text="Samverkan i ett råd.")])
    assert urls(explore(tmp_path, '"samverkan" råd')) == ["own"]
    assert urls(explore(tmp_path, 'råd "samverkan"')) == ["own"]


def test_phrases_are_counted(published: Path) -> None:
    answer = explore(published, '"har ett råd"', limit=1)
    assert (answer["total"], len(answer["results"]), answer["counted"]) == (2, 1, True)


def test_a_phrase_is_counted_beyond_the_first_page_and_beside_the_filters(tmp_path: Path) -> None:
    phrase = [document(f"a{i}", text="Ett öppet råd.", category="nyheter" if i % 2 else "tankar") for i in range(40)]
    write(tmp_path, [*phrase, *(document(f"b{i}", text="Ett råd är öppet.", category="nyheter") for i in range(40))])
    answer = explore(tmp_path, '"öppet råd"')
    assert (answer["total"], answer["counted"]) == (40, True)
    assert answer["facets"]["category"] == {"nyheter": 20, "tankar": 20}
    answer = explore(tmp_path, '"öppet råd"', category="nyheter")
    assert (answer["total"], answer["facets"]["category"]) == (20, {"nyheter": 20, "tankar": 20})


def test_what_was_not_looked_through_is_not_called_counted(tmp_path: Path) -> None:
    others = [document(f"b{i}", text="Råd, råd, råd: ett råd är öppet.", category="nyheter") for i in range(150)]
    write(tmp_path, [*others, document("a", text="Ett öppet råd. Och mer.", category="tankar", issue="2026-10")])
    answer = explore(tmp_path, '"öppet råd"')
    assert (answer["total"], answer["counted"], answer["read"]) == (0, False, 100)
    assert answer["facets"]["category"] == {"nyheter": None, "tankar": None}
    answer = explore(tmp_path, '"öppet råd"', limit=20)
    assert (urls(answer), answer["counted"]) == (["a"], True)
    assert urls(explore(tmp_path, '"öppet råd"', category="tankar")) == ["a"]


def test_the_newest_texts_with_a_phrase_are_looked_for_among_the_newest(tmp_path: Path) -> None:
    old = [document(f"old{i}", text="Öppet råd. Öppet råd. Öppet råd.", issue="2025-01") for i in range(150)]
    write(tmp_path, [*old, document("new", text=f"Ett öppet råd. {'Annat. ' * 200}")])
    assert urls(explore(tmp_path, '"öppet råd"', sort="date"))[0] == "new"


def test_a_phrase_may_stand_in_a_place_and_in_the_name_of_a_file(tmp_path: Path) -> None:
    file = File(title="Vår hemliga ritning", url="/2026-11/files/a.pdf", text="")
    write(tmp_path, [document("place", places=("Gamla stan",)), document("file", files=(file,))])
    assert urls(explore(tmp_path, '"gamla stan"')) == ["place"]
    assert urls(explore(tmp_path, '"vår hemliga ritning"')) == ["file"]


def test_where_a_phrase_stands_is_shown_and_marked(tmp_path: Path) -> None:
    write(tmp_path, [document("a", text=f"Samverkan om annat. {'Så är det. ' * 60}Ett råd för samverkan bildas.")])
    (hit,) = explore(tmp_path, '"råd för samverkan"')["results"]
    assert [piece["text"] for piece in hit["passage"] if piece["hit"]] == ["råd för samverkan"]


def test_near_a_phrase_that_nobody_wrote_is_what_has_its_words(published: Path) -> None:
    answer = explore(published, '"råd ett har"')
    assert (answer["total"], answer["empty"]) == (0, "hits")
    assert {near["url"] for near in answer["near"]} >= {"/2026-10/hus/", "/2026-10/hus-2/"}
    assert explore(published, '"kvastkaft"')["suggestion"] == "kvastskaft"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("råd", {"rad", "over", "hus", "hus-2"}),
        ("råd -föreningar", {"over", "hus", "hus-2"}),
        ('råd -"har ett råd"', {"rad", "over"}),
        ('råd -"civilsamhället"', {"rad", "hus", "hus-2"}),
        ('"har -ett råd"', {"hus", "hus-2"}),
    ],
)
def test_what_has_a_minus_is_left_out(published: Path, query: str, found: set[str]) -> None:
    assert set(urls(explore(published, query))) == found


def test_a_word_with_a_hyphen_is_left_out_as_a_whole(tmp_path: Path) -> None:
    write(tmp_path, [document("mail", text="Samverkan med e-post."), document("post", text="Samverkan med posten.")])
    assert urls(explore(tmp_path, "samverkan -e-post")) == ["post"]


def test_too_many_phrases_are_said(published: Path) -> None:
    assert explore(published, " ".join(f'"råd nummer {i}"' for i in range(5)))["truncated"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("stöd", {"stöd"}),
        ("stöden", {"stöd"}),
        ("stod", {"stöd", "stod"}),
        ("städer", {"stad"}),
        ("vag", {"våg", "väg"}),
        ("väg", {"väg"}),
        ("vägar", {"väg"}),
        ("räd", {"rad"}),
    ],
)
def test_who_writes_dots_means_them(tmp_path: Path, query: str, found: set[str]) -> None:
    """Unless nobody has written the word so, or it is a plural that has them."""
    written = ("stöd", "stod", "stad", "våg", "väg", "rad")
    write(tmp_path, [document(word, text=f"Här står {word}.") for word in written])
    assert set(urls(explore(tmp_path, query))) == found


def test_what_is_only_alike_is_not_marked(tmp_path: Path) -> None:
    """A word is marked as a compound where the index has one; and a word with dots is another than one without."""
    write(tmp_path, [document("a", text="Ett tal om digitala ting: ett råd på en rad. Inträdet är fritt.")])
    for query, marks in (("tal", ["tal"]), ("råd", ["råd"])):
        (hit,) = explore(tmp_path, query)["results"]
        assert [piece["text"] for piece in hit["passage"] if piece["hit"]] == marks


def test_a_hit_by_its_tag_shows_the_tag(tmp_path: Path) -> None:
    write(tmp_path, [document("a", tags=("trygghet", "annat")), document("b", text="Trygghet.", tags=("trygghet",))])
    shown = {hit["url"]: hit["tagParts"] for hit in explore(tmp_path, "trygghet")["results"]}
    assert shown == {"/2026-11/a/": [[{"text": "trygghet", "hit": True}]], "/2026-11/b/": []}


def test_it_is_a_word(tmp_path: Path) -> None:
    write(tmp_path, [document("it", text="Vår IT-avdelning."), document("other")])
    assert urls(explore(tmp_path, "IT")) == ["it"]


def test_many_texts_with_scattered_halves_are_no_hits(tmp_path: Path) -> None:
    apart = [document(f"apart-{i}", text=f"Klimatet {i}. {'Så är det. ' * 100}Ansvaret.") for i in range(60)]
    write(
        tmp_path, [*apart, document("own", text="Ett klimatansvar."), document("together", text="Ansvar för klimat.")]
    )
    answer = explore(tmp_path, "klimatansvar")
    assert urls(answer)[:2] == ["own", "together"]
    assert answer["total"] == 10


def test_relatives_of_a_part_are_not_marked() -> None:
    """Who asks for samverkan does not mean verksamhet, though both have something of verka."""
    documents = [document("a", "Samverkan och verkan", "Samverkan i samma verksamhet."), document("b", "Sam verkan")]
    script = FETCH + "console.log(JSON.stringify((await search.search(...asked)).map((r) => [r.url, r.passage])))"
    with tempfile.TemporaryDirectory() as folder:
        write(Path(folder), documents)
        found = dict(node(script, Path(folder), given=["samverkan", {}]))
    assert [piece["text"] for piece in found["/2026-11/a/"] if piece["hit"]] == ["Samverkan"]


@pytest.mark.parametrize("typing", [True, False])
def test_the_beginning_of_the_last_word_is_enough(published: Path, typing: bool) -> None:
    """Also for who sends it, shares it or comes back to it."""
    assert urls(explore(published, "överens", typing=typing))[0] == "over"
    assert urls(explore(published, "kvas", typing=typing)) == ["gammal"]
    assert urls(explore(published, "kvas hej", typing=typing)) == []


def test_a_misspelt_word_is_put_right_while_it_is_typed(published: Path) -> None:
    answer = explore(published, "kvastkaft", typing=True)
    assert (urls(answer), answer["suggestion"]) == (["gammal"], "kvastskaft")


BAD = [
    "", " ", "-", '"', "”", "()[]{}*+?.\\^$|", "(a+)+$", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>",
    "😀 🎉", "שלום עולם", "\u202eevil", "\0", "a" * 10_000, "ord " * 3000, '"' * 999, "-" * 999, '"oavslutat citat',
    "och eller men", "constructor __proto__ toString", "-råd", "- - -", "e-",
]  # fmt: skip


def test_any_query_has_an_answer(published: Path) -> None:
    script = FETCH + (
        "const answers = []; for (const query of asked) for (const typing of [false, true]) {"
        "const a = await search.explore(query, { typing }); await search.search(query, { typing, sort: 'date' });"
        "answers.push([a.results.length, a.empty]) } console.log(JSON.stringify(answers))"
    )
    answers = node(script, published, given=BAD)
    assert all(count or empty for count, empty in answers)


def test_an_index_published_anew_is_fetched_again(published: Path, tmp_path: Path) -> None:
    """A client that knows the old entry only finds what the new site holds."""
    script = """
    const stale = JSON.parse(readFileSync(process.argv[1] + "/search/index.json", "utf8"));
    stale.terms[1] = stale.terms[1].replace(/./g, "x");
    let entries = 0;
    const broken = process.argv[2] === "broken";
    const fetch = async (address) => {
      if (address.endsWith("/index.json") && (broken || !entries++)) return { ok: true, json: async () => stale };
      try {
        const text = readFileSync(process.argv[1] + address, "utf8");
        return { ok: true, json: async () => JSON.parse(text) };
      } catch { return { ok: false, status: 404 }; }
    };
    const search = await engine.open("", { fetch });
    const found = search.search("kvastskaft").then((results) => results.map(({ url }) => url));
    console.log(JSON.stringify(await found.catch((error) => [error.name, error.code])));
    """
    assert node(script, published) == ["/2019-03/gammal/"]
    assert node(script, published, "broken") == ["SearchError", "outdated"]


def test_no_network_is_said() -> None:
    script = """
    const fetch = async () => { throw new TypeError("no network"); };
    console.log(JSON.stringify(await engine.open("", { fetch }).catch((error) => error.code)));
    """
    assert node(script) == "offline"


def test_a_line_that_fails_once_is_tried_again(published: Path) -> None:
    script = FETCH.replace(
        "const search",
        "const failed = new Set(); const bad = async (address) => { if (failed.has(address)) return fetch(address);"
        " failed.add(address); throw new TypeError('bad line'); };\nconst search",
    ).replace("{ fetch }", "{ fetch: bad }")
    script += "console.log(JSON.stringify((await search.search(...asked)).length))"
    assert node(script, published, given=["kvastskaft", {}]) == 1


@pytest.mark.parametrize("entry", [{"version": 5}, {"version": 5, "first": "2026", "rooms": 3, "terms": []}])
def test_a_damaged_entry_is_said(entry: dict[str, Any]) -> None:
    script = """
    const entry = JSON.parse(readFileSync(0, "utf8"));
    const fetch = async () => ({ ok: true, json: async () => entry });
    console.log(JSON.stringify(await engine.open("", { fetch }).catch((error) => error.code)));
    """
    assert node(script, given=entry) == "unreadable"


def test_an_empty_index_has_fingerprints_too(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    build(DOCUMENTS, kept=kept)
    empty = build([])
    assert build([], kept=kept) == empty
    assert all(re.search(r"[\w-]{4}\.json$", path) for path in empty if path != "index.json")


def test_issues_can_be_of_any_year(tmp_path: Path) -> None:
    write(
        tmp_path,
        [document("old", title="Kyrkan i stan", issue="0001-01"), document("new", title="Stan", issue="9999-12")],
    )
    assert urls(explore(tmp_path, "stan")) == ["new", "old"]
    assert explore(tmp_path, "stan")["facets"]["year"] == {"0001": 1, "9999": 1}


def test_the_order_of_the_documents_leaves_no_trace() -> None:
    assert build(DOCUMENTS) == build(reversed(DOCUMENTS))


def test_one_article_more_leaves_the_others_words_alone() -> None:
    """It changes what lists all texts, and files of its own words and their compounds; everything else stays."""
    before = build(DOCUMENTS)
    after = build([*DOCUMENTS, document("ny", "Ny", "Ett stycke om något helt annat.", issue="2026-12")])
    assert {path for path in before if path.startswith("texts")} <= set(after)
    changed = {path.split("/")[0] for path in before if after.get(path) != before[path]}
    assert changed <= {"index.json", "facets", "terms", "terms-at", "words", "words-at", "endings", "endings-at"}


WORDS = ["råd", "samverkan", "samverkansråd", "barn", "barnråd", "barnrådsmöte", "möte", "mötet", "rad", "Råd (RÅD)"]
TEXTS = st.dictionaries(
    st.tuples(st.sampled_from(["", "2025-03", "2026-11", "2026-12"]), st.sampled_from("abc")),
    st.lists(st.sampled_from([*WORDS, "samverkan och råd (SOR)"]), max_size=6).map(" ".join),
    max_size=9,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=4))
def test_what_a_build_keeps_leaves_no_trace_in_the_next(versions: list[dict[tuple[str, str], str]]) -> None:
    """However texts come, change and go, the index is the same as if it had been made all anew."""
    with tempfile.TemporaryDirectory() as folder:
        for texts in versions:
            documents = [document(slug, "Om", text, issue=issue or "") for (issue, slug), text in texts.items()]
            assert build(documents, kept=Path(folder) / "kept") == build(documents)


def test_a_little_change_is_made_again_instead_of_kept(tmp_path: Path) -> None:
    """Keeping everything takes longer than making one text in a hundred again: only more than that is kept."""
    kept = tmp_path / "kept"
    documents = [document(f"text-{i}", text=f"Samverkan om sak{i}") for i in range(150)]
    build(documents, kept=kept)
    first = kept.read_bytes()
    for changes in range(1, 4):
        documents[changes] = document(f"text-{changes}", text=f"Barnråd nummer {changes}")
        assert build(documents, kept=kept) == build(documents)
        assert (kept.read_bytes() == first) == (changes == 1)


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_what_a_build_has_kept_may_be_damaged(tmp_path: Path, damage: bytes | None) -> None:
    kept = tmp_path / "kept"
    files = build(DOCUMENTS, kept=kept)
    data = kept.read_bytes()
    kept.write_bytes(data[: len(data) // 2] if damage is None else damage)
    assert build(DOCUMENTS, kept=kept) == files
    assert kept.read_bytes() == data


def pdf(text: str) -> bytes:
    """A PDF of one page with one line."""
    stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj{one}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 6\n0000000000 65535 f \n{table}trailer<</Size 6/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    return (body + end).encode()


def test_a_site_is_searched_as_far_as_it_is_released(tmp_path: Path) -> None:
    """Archived articles and PDF files are found; what comes later is not, in no file of the index."""
    articles: dict[str, dict[str, Any]] = {
        f"2025-{month:02}/gammal": {"body": f"Uniktord{month}x."} for month in range(1, 5)
    }
    articles["2026-11/rapport"] = {"files": [{"src": "files/hela.pdf", "title": "Hela"}], "body": "Se filen."}
    articles["2026-11/trasig"] = {"files": [{"src": "files/trasig.pdf", "title": "Trasig"}], "body": "Se <b>filen</b>."}
    articles["2026-12/kommande"] = {"body": "Hemligheten avslutas."}
    content = write_magazine(tmp_path, articles)
    (content / "issues/2026-11/files").mkdir()
    (content / "issues/2026-11/files/hela.pdf").write_bytes(pdf("Kajutans tapet"))
    (content / "issues/2026-11/files/trasig.pdf").write_bytes(b"%PDF-1.4 trasig")
    output = build_site(tmp_path, plugins=["plugins.magazine", "plugins.search"], LIVE_ARTICLES=1)
    assert urls(explore(output, "uniktord3x")) == ["gammal"]
    assert urls(explore(output, "kajuta")) == ["rapport"]
    assert "kommande" not in urls(explore(output, "hemligheten avslutas kommande"))
    assert not [path for path in output.rglob("*") if path.is_file() and b"emlighet" in path.read_bytes()]
