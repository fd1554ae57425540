"""The search in a browser: what readers type, choose and hear, and what they are told when something is wrong."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, ViewportSize, expect

from tests import served
from tests.building import build, write_magazine

Axe = Callable[..., list[str]]

DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 320, "height": 640}
PIERS = 14
"""How many articles are about piers: more than the page shows at once."""

FAR_APART = "Det är en annan sak som ingen vill tala om i onödan. " * 5

WORDS = "gul grön röd blå vit svart lång kort smal hög låg tung lätt torr våt varm kall rund platt bred".split()


@dataclass(frozen=True)
class Search:
    """A magazine with a search, and where it is served."""

    out: Path
    origin: str

    def url(self, query: str = "", **options: str) -> str:
        given = "&".join(f"{name}={quote(value)}" for name, value in {"q": query, **options}.items() if value)
        return f"{self.origin}/sok/" + (f"?{given}" if given else "")


def pdf(text: str) -> bytes:
    """A PDF of one page with one line of text."""
    content = b"BT /F1 12 Tf 72 720 Td (" + text.encode("cp1252") + b") Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Resources<</Font<</F1 5 0 R>>>>/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    made, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(made))
        made += b"%d 0 obj%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(made)
    return made + b"xref\n0 6\n0000000000 65535 f \n" + table + end


def articles() -> Mapping[str, Mapping[str, Any]]:
    written: dict[str, Mapping[str, Any]] = {
        "2025-12/bastun": {
            "title": "Värmen i kvarteret",
            "summary": "Ett reportage om ett hus med ugn.",
            "kind": "reportage",
            "body": "Här finns en kvartersbastu som alla får elda i.",
            "files": [{"src": "files/plan.pdf", "title": "Planen för huset"}],
        },
        "2026-11/farlig": {
            "title": "Tecken som <b>fetstil</b> & <script>alert(1)</script> visas som de är",
            "summary": "Vinkelparenteser är text: <img src=x onerror=alert(1)>.",
            "body": "Inget annat.",
        },
        "2025-12/issue": {"body": "Vi ritade om en kakelugnspipa."},
        "2025-12/nara": {"body": f"Lotsen bor i tullhuset. {FAR_APART}"},
        "2026-11/isar": {"body": f"Lotsen bor. {FAR_APART} I tullhuset."},
    }
    for number in range(PIERS):
        issue = ("2025-12", "2026-10", "2026-11")[number % 3]
        written[f"{issue}/brygga-{number}"] = {
            "title": f"Brygga nummer {number}",
            "summary": f"En text om hur det är vid vattnet, {WORDS[number]}.",
            "category": "kultur" if number % 2 else "nyheter",
            "kind": "notis" if number % 4 else "nyhet",
            "places": ["Hamnen"] if number % 3 else ["Ängslätten"],
            "tags": ["vatten", "båtliv"],
            "body": f"Bryggan är {WORDS[number]} och {WORDS[-number - 1]}.",
        }
    return written


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("search")
    content = write_magazine(root, articles())
    (content / "issues/2025-12/files").mkdir()
    (content / "issues/2025-12/files/plan.pdf").write_bytes(pdf("Ritningen visar ett stormköksförråd."))
    return build(root, LIVE_ARTICLES=3)


@pytest.fixture(scope="module")
def search(built: Path) -> Iterator[Search]:
    server = served.serve(built, "127.0.0.1", 0)
    yield Search(built, f"http://127.0.0.1:{server.server_port}")
    server.shutdown()


@pytest.fixture
def page(page: Page) -> Page:
    """A page whose reader wants no motion: a test must not end in the middle of a transition."""
    page.emulate_media(reduced_motion="reduce")
    return page


def field(page: Page) -> Locator:
    return page.get_by_role("searchbox")


def status(page: Page) -> Locator:
    return page.get_by_role("status")


def hits(page: Page) -> Locator:
    return page.get_by_role("region", name=re.compile("Träffar|Nära")).get_by_role("listitem")


def titles(page: Page) -> list[str]:
    return hits(page).get_by_role("heading").all_inner_texts()


def asked(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def ways(page: Page) -> Locator:
    return page.get_by_role("region", name="Vägar in i tidningen")


def found(page: Page, count: int | str) -> None:
    """Wait until the page says that it has found so many."""
    expect(status(page)).to_contain_text(re.compile(rf"\b{count} träff"))


# -- Typing ------------------------------------------------------------------------------------------------------------


def test_answers_as_one_types(page: Page, search: Search) -> None:
    """Hits stand there while one types, the last word being a beginning; their number is announced, and the address
    holds the query."""
    page.goto(search.url())
    field(page).press_sequentially("bryg", delay=20)
    expect(status(page)).to_have_text(f"{PIERS} träffar på ”bryg”")
    expect(hits(page)).to_have_count(10)
    assert asked(page) == {"q": "bryg"}
    assert page.title().startswith("bryg – ")
    assert status(page).evaluate("e => e.role ?? e.getAttribute('role')") == "status"


def test_what_was_typed_before_the_page_was_ready_is_searched_for(page: Page, search: Search) -> None:
    """On a slow line the field is there before its script."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    page.route("**/page.*.js", hold)
    page.goto(search.url("kvartersbastu"), wait_until="commit")
    field(page).press_sequentially("brygga", delay=20)
    for route in waiting:
        route.continue_()
    found(page, PIERS)
    expect(field(page)).to_have_value("brygga")


def test_a_misspelt_word_is_put_right_as_one_types(page: Page, search: Search) -> None:
    page.goto(search.url())
    field(page).press_sequentially("kvartersbasut", delay=20)
    expect(status(page)).to_contain_text("1 träff på ”kvartersbastu”. Ingen text har ”kvartersbasut”.")


def test_a_hit_by_its_topic_shows_it(page: Page, search: Search) -> None:
    """The word stands nowhere in the text."""
    page.goto(search.url("båtliv"))
    expect(hits(page).first.locator(".byline mark")).to_have_text("båtliv")


def test_a_hit_says_what_it_is(page: Page, search: Search) -> None:
    """A hit has a title that leads to it, category, kind, issue, date, place, and a passage with the words marked."""
    page.goto(search.url("brygga röd"))
    hit = hits(page).first
    expect(hit.get_by_role("heading")).to_have_text("Brygga nummer 2")
    expect(hit).to_contain_text("Nyheter · Notis")
    expect(hit).to_contain_text("1\u00a0november 2026")
    expect(hit).to_contain_text("Hamnen")
    assert hit.locator("time").get_attribute("datetime") == "2026-11-01"
    assert "röd" in hit.locator("mark").all_inner_texts()
    expect(hit.get_by_role("link", name="Nr 2/2026")).to_have_attribute("href", "/2026-11/")
    hit.get_by_role("heading").get_by_role("link").click()
    page.wait_for_url("**/2026-11/brygga-2/")


def test_archived_articles_and_their_files_are_found(page: Page, search: Search) -> None:
    """What has fallen off is found, by a word of its own and by one that stands only in its PDF."""
    page.goto(search.url("kvartersbastu"))
    found(page, 1)
    assert titles(page) == ["Värmen i kvarteret"]
    page.goto(search.url("stormköksförråd"))
    found(page, 1)
    assert titles(page) == ["Värmen i kvarteret"]
    expect(hits(page)).to_contain_text("Ur filen ”Planen för huset”")
    link = hits(page).get_by_role("link", name="Planen för huset")
    assert str(link.get_attribute("href")).endswith(".pdf")
    assert hits(page).locator("mark").all_inner_texts() == ["stormköksförråd"]


def test_editorials_are_found(page: Page, search: Search) -> None:
    """What an issue's editorial says is found, as a hit of the issue that says what it is."""
    page.goto(search.url("kakelugnspipa"))
    found(page, 1)
    expect(hits(page)).to_contain_text("Ledare")
    expect(hits(page).get_by_role("heading").get_by_role("link")).to_have_attribute("href", "/2025-12/")


def test_the_best_first(page: Page, search: Search) -> None:
    """A text that says it closely stands before a newer one that has the words here and there."""
    page.goto(search.url("lotsen i tullhuset"))
    found(page, 2)
    assert titles(page) == ["Nara", "Isar"]


def test_from_any_page(page: Page, search: Search) -> None:
    """Every page has the field; going to it fetches what the search will need, and Enter leads to the hits."""
    page.goto(f"{search.origin}/2026-11/")
    with page.expect_response(re.compile(r"/search/index\.json")), page.expect_response(re.compile(r"/engine\.")):
        field(page).focus()
    page.keyboard.type("brygga")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sok/?q=brygga")
    found(page, PIERS)
    expect(field(page)).to_have_value("brygga")


def test_the_page_for_errors_has_the_field(page: Page, search: Search) -> None:
    """Who meets a dead address can search at once."""
    page.goto(f"{search.origin}/finns-inte/")
    main = page.get_by_role("main")
    expect(page.get_by_role("search")).to_have_count(1)
    main.get_by_role("searchbox").fill("kvartersbastu")
    main.get_by_role("button", name="Sök").click()
    found(page, 1)


def test_more(page: Page, search: Search) -> None:
    """More hits come below, and the focus goes to the first of them; when all are there, the button is gone."""
    page.goto(search.url("brygga"))
    button = page.get_by_role("button", name="Visa fler träffar")
    button.click()
    expect(hits(page)).to_have_count(PIERS)
    expect(button).to_be_hidden()
    expect(hits(page).nth(10).get_by_role("heading").get_by_role("link")).to_be_focused()
    page.reload()
    expect(hits(page)).to_have_count(PIERS)


def test_a_bad_line_takes_no_hits_away(page: Page, search: Search) -> None:
    """What is shown stays, and can be asked for again."""
    page.goto(search.url("brygga"))
    expect(hits(page)).to_have_count(10)
    page.route("**/search/texts/**", lambda route: route.abort())
    button = page.get_by_role("button", name="Visa fler träffar")
    button.click()
    expect(status(page)).to_contain_text("kunde inte hämtas")
    expect(hits(page)).to_have_count(10)
    page.unroute("**/search/texts/**")
    button.click()
    expect(hits(page)).to_have_count(PIERS)


def test_a_phrase_in_one_of_very_many_texts(page: Page, tmp_path: Path) -> None:
    """What has not been looked through is not said to be nothing, and can be looked through."""
    body = "Lejonet sover, och lejonet sover."
    shelf = ("nyheter", "kultur")
    written = {f"2026-11/a-{n}": {"title": f"Nummer {n}", "body": body, "category": shelf[n % 2]} for n in range(110)}
    written["2026-10/den"] = {"title": "Den", "body": f"Här sover lejonet. {FAR_APART}"}
    write_magazine(tmp_path, written)
    server = served.serve(build(tmp_path), "127.0.0.1", 0)
    search = f"http://127.0.0.1:{server.server_port}/sok/?q="
    page.set_viewport_size(DESK)
    page.goto(f"{search}%22lejonet+sover%22")
    expect(status(page)).to_have_text("Minst 10 träffar på ”lejonet sover”")
    expect(page.get_by_role("group", name="Kategori")).to_have_text(re.compile(r"Alla\s*Nyheter\s*Kultur & nöje\s*$"))
    page.get_by_role("button", name="Visa fler träffar").click()
    expect(status(page)).to_contain_text("Minst 20 träffar")
    page.goto(f"{search}%22sover+lejonet%22")
    expect(status(page)).to_contain_text("”sover lejonet” står inte i någon av de 100 texter")
    page.get_by_role("button", name="Läs igenom fler texter").click()
    found(page, 1)
    server.shutdown()


# -- Nothing found -----------------------------------------------------------------------------------------------------


def test_a_misspelt_word(page: Page, search: Search) -> None:
    """A misspelt word is said not to be there; the likely spelling is searched for, or proposed."""
    page.goto(search.url("kvartersbasut"))
    expect(page.get_by_role("main")).to_contain_text("kvartersbastu")
    expect(status(page)).to_contain_text("”kvartersbasut”")
    assert titles(page)[0] == "Värmen i kvarteret"


def test_one_misspelt_word_of_several(page: Page, search: Search) -> None:
    """Of several words only the misspelt one is said not to be there, and the others stay as the reader wrote them."""
    page.goto(search.url("Brygga VID vvattnet"))
    expect(status(page)).to_have_text(f"{PIERS} träffar på ”Brygga VID vattnet”. Ingen text har ”vvattnet”.")


@pytest.mark.parametrize("query", ["xqzwk", "\U0001f9f6\U0001f9f6", "??!", "och att det"])
def test_nothing_found(page: Page, search: Search, query: str) -> None:
    """Nothing found: the page says so, or why, and shows something near or the ways in."""
    page.goto(search.url(query))
    expect(status(page)).to_contain_text(query)
    expect(hits(page).first.or_(ways(page))).to_be_visible()


def test_nothing_with_these_filters(page: Page, search: Search) -> None:
    """If it is the filters that leave nothing, the page says so and offers to take them away."""
    page.goto(search.url("brygga", year="1999"))
    expect(status(page)).to_contain_text("med de här filtren")
    page.get_by_role("link", name="Sök utan filter").click()
    found(page, PIERS)
    assert asked(page) == {"q": "brygga"}


# -- Filters and order -------------------------------------------------------------------------------------------------


def choice(page: Page, group: str, label: str) -> Locator:
    return page.get_by_role("group", name=group, exact=True).get_by_role("radio", name=re.compile(rf"^{label}\b"))


def test_filters(page: Page, search: Search) -> None:
    """Each filter says how many hits it leaves, leaves so many, and stands in the address."""
    page.set_viewport_size(DESK)
    page.goto(search.url("brygga"))
    found(page, PIERS)
    expected = {
        ("Kategori", "Kultur"): ("category", "kultur", 7),
        ("Artikeltyp", "Nyhet"): ("kind", "nyhet", 4),
        ("Plats", "Hamnen"): ("place", "Hamnen", 9),
        ("År", "2025"): ("year", "2025", 5),
    }
    for (group, label), (name, value, count) in expected.items():
        expect(choice(page, group, rf"{label}.* {count}$")).to_be_visible()
        choice(page, group, label).check()
        found(page, count)
        assert asked(page) == {"q": "brygga", name: value}
        page.get_by_role("button", name="Ta bort alla filter").press("Enter")
        found(page, PIERS)
        expect(choice(page, "Ordning", "Mest")).to_be_focused()
    choice(page, "Kategori", "Kultur").check()
    found(page, 7)
    choice(page, "Plats", "Hamnen").check()
    expect(status(page)).not_to_contain_text(re.compile("^7 "))
    assert asked(page) == {"q": "brygga", "category": "kultur", "place": "Hamnen"}
    expect(choice(page, "Kategori", "Kultur")).to_be_checked()


def test_newest_first(page: Page, search: Search) -> None:
    """The newest first, if one wants."""
    page.set_viewport_size(DESK)
    page.goto(search.url("brygga"))
    choice(page, "Ordning", "Nyast").check()
    page.wait_for_url("**sort=date")
    page.get_by_role("button", name="Visa fler träffar").click()
    expect(hits(page)).to_have_count(PIERS)
    dates = page.locator(".hit time").evaluate_all("all => all.map(time => time.dateTime)")
    assert dates == sorted(dates, reverse=True)


def test_a_shared_address(page: Page, search: Search) -> None:
    """Whoever opens the address sees the same: query, filters, order."""
    page.set_viewport_size(DESK)
    page.goto(search.url("brygga", category="kultur", place="Hamnen", sort="date"))
    expect(field(page)).to_have_value("brygga")
    for group, label in (("Kategori", "Kultur"), ("Plats", "Hamnen"), ("Ordning", "Nyast")):
        expect(choice(page, group, label)).to_be_checked()


def test_folded_on_a_phone(page: Page, search: Search) -> None:
    """On a phone the filters are folded, their counts not fetched; unfolded they work, and say how many are chosen."""
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.set_viewport_size(PHONE)
    page.goto(search.url("brygga"))
    found(page, PIERS)
    expect(choice(page, "Kategori", "Kultur")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    assert not [url for url in fetched if "/facets/" in url]
    page.get_by_text("Filtrera och sortera").click()
    choice(page, "Kategori", "Kultur").check()
    found(page, 7)
    expect(page.get_by_text("Filtrera och sortera (1 valda)")).to_be_visible()


# -- Back and forward --------------------------------------------------------------------------------------------------


def test_back_and_forward(page: Page, search: Search) -> None:
    """What one typed in one go is one step back, a filter another; an article leads back to its hits."""
    page.set_viewport_size(DESK)
    page.goto(f"{search.origin}/nummer/")
    page.goto(search.url())
    field(page).press_sequentially("kvartersbastu", delay=150)
    page.keyboard.press("Enter")
    found(page, 1)
    field(page).fill("")
    field(page).press_sequentially("brygga", delay=150)
    expect(status(page)).to_contain_text("”brygga”")
    choice(page, "Kategori", "Kultur").check()
    found(page, 7)
    hits(page).first.get_by_role("heading").get_by_role("link").click()
    page.wait_for_url("**/brygga-*/")
    page.go_back()
    found(page, 7)
    expect(choice(page, "Kategori", "Kultur")).to_be_checked()
    page.go_back()
    found(page, PIERS)
    expect(choice(page, "Kategori", "Alla")).to_be_checked()
    page.go_back()
    expect(status(page)).to_contain_text("”kvartersbastu”")
    expect(field(page)).to_have_value("kvartersbastu")
    page.go_forward()
    found(page, PIERS)
    expect(field(page)).to_have_value("brygga")
    page.go_back()
    page.go_back()
    page.wait_for_url("**/nummer/")


def test_enter_at_once(page: Page, search: Search) -> None:
    """Who types on and presses Enter in the same moment leaves no half word behind in the history."""
    page.goto(search.url())
    field(page).press_sequentially("brygg", delay=20)
    page.wait_for_url("**q=brygg")
    entries = page.evaluate("history.length")
    page.keyboard.type("a")
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("”brygga”")
    assert page.evaluate("history.length") == entries


@pytest.mark.parametrize("typed", ["kvartersbas", "bryg"])
def test_who_comes_back_finds_what_was_typed(page: Page, search: Search, typed: str) -> None:
    """The beginning of a word finds the same when it is sent, come back to and shared."""
    page.goto(search.url())
    field(page).press_sequentially(typed, delay=20)
    expect(status(page)).to_contain_text(f"på ”{typed}”")
    told = status(page).inner_text()
    hits(page).first.get_by_role("heading").get_by_role("link").click()
    page.wait_for_url("**/20*/*/")
    page.go_back()
    expect(status(page)).to_have_text(told)
    page.reload()
    expect(status(page)).to_have_text(told)
    field(page).press("Enter")
    expect(status(page)).to_have_text(told)


def test_who_comes_back_finds_the_place(page: Page, search: Search) -> None:
    """The hits are made anew, and the page stands where it stood."""
    page.set_viewport_size(PHONE)
    page.goto(search.url("brygga"))
    page.get_by_role("button", name="Visa fler träffar").click()
    expect(hits(page)).to_have_count(PIERS)
    last = hits(page).last.get_by_role("heading").get_by_role("link")
    last.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    last.click()
    page.wait_for_url("**/brygga-*/")
    page.go_back()
    expect(hits(page)).to_have_count(PIERS)
    expect(last).to_be_in_viewport()
    assert page.evaluate("scrollY") == pytest.approx(before, abs=5)


def test_the_way_to_the_text_leaves_the_hits_alone(page: Page, search: Search) -> None:
    page.goto(search.url("brygga"))
    page.get_by_role("button", name="Visa fler träffar").click()
    expect(hits(page)).to_have_count(PIERS)
    page.get_by_role("link", name="Hoppa till texten").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#*")
    page.wait_for_load_state("networkidle")
    expect(hits(page)).to_have_count(PIERS)


# -- By keyboard -------------------------------------------------------------------------------------------------------


def test_by_keyboard_alone(page: Page, search: Search) -> None:
    """Tab, arrows, space and Enter are enough to search, to filter and to open a hit; choosing keeps the focus."""
    page.set_viewport_size(PHONE)
    page.goto(search.url())

    def tab_to(target: Locator) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if target.evaluate("e => e === document.activeElement"):
                return
        pytest.fail(f"Tab does not reach {target}")

    tab_to(field(page))
    page.keyboard.type("brygga")
    page.keyboard.press("Enter")
    found(page, PIERS)
    tab_to(page.locator("summary").first)
    page.keyboard.press("Enter")
    tab_to(choice(page, "Kategori", "Alla"))
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    found(page, 7)
    expect(choice(page, "Kategori", "Kultur")).to_be_focused()
    tab_to(page.get_by_role("button", name="Ta bort alla filter"))
    page.keyboard.press("Space")
    found(page, PIERS)
    expect(page.locator("summary").first).to_be_focused()
    tab_to(hits(page).first.get_by_role("heading").get_by_role("link"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/brygga-*/")


# -- For everyone ------------------------------------------------------------------------------------------------------

STATES = {
    "the ways in": {},
    "hits": {"query": "brygga", "category": "kultur"},
    "hit in a file": {"query": "stormköksförråd"},
    "nothing": {"query": "xqzwk", "year": "1999"},
}


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)], ids=["light", "dark"])
def test_axe_finds_nothing(page: Page, search: Search, axe: Axe, state: str, scheme: Any, size: Any) -> None:
    """axe-core finds no mistake, whatever is shown, in either colour scheme; and nothing is wider than a phone."""
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size(size)
    page.goto(search.url(**STATES[state]))
    if STATES[state]:
        expect(status(page)).not_to_be_empty()
        expect(page.get_by_text("Filtrera och sortera")).to_have_count(1)
    page.evaluate(
        "document.querySelectorAll('details').forEach(details => details.open = !details.closest('[hidden]'))"
    )
    assert axe(page) == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_private_and_quiet(page: Page, search: Search) -> None:
    """Searching asks no other host, breaks no policy, says nothing in the console and leaves nothing behind."""
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text))
    page.on("requestfailed", lambda request: faults.append(request.url))
    page.on("request", lambda request: faults.extend([] if request.url.startswith(search.origin) else [request.url]))
    page.goto(search.url())
    field(page).press_sequentially("brygga", delay=20)
    found(page, PIERS)
    assert faults == []
    kept = "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length]"
    assert page.evaluate(kept) == [0, 0, 0]
    assert page.context.cookies() == []


def test_without_javascript(browser: Browser, search: Search) -> None:
    """Without JavaScript the field of any page leads to the ways through issues, categories, tags and places."""
    with browser.new_context(java_script_enabled=False, locale="sv-SE") as context:
        plain = context.new_page()
        plain.goto(f"{search.origin}/2026-11/")
        field(plain).fill("brygga")
        plain.keyboard.press("Enter")
        plain.wait_for_url("**/sok/?q=brygga")
        main = plain.get_by_role("main")
        expect(main.locator("noscript p")).to_be_visible()
        expect(main.get_by_role("searchbox")).to_be_hidden()
        links = ways(plain).get_by_role("link").evaluate_all("all => all.map(link => link.pathname)")
        for path in ("/2026-11/", "/2025-12/", "/nummer/", "/kategori/kultur/", "/amne/vatten/", "/plats/hamnen/"):
            assert path in links
        expect(plain.get_by_role("group")).to_have_count(0)


def test_below_a_path(page: Page, built: Path, tmp_path: Path) -> None:
    """A magazine whose address has a path is searched below it, and its hits lead there."""
    shutil.copytree(built.parent / "content", tmp_path / "content")
    out = build(tmp_path, SITEURL="https://stad.example/magasinet", OUTPUT_PATH=str(tmp_path / "root" / "magasinet"))
    server = served.serve(out.parent, "127.0.0.1", 0)
    try:
        below = Search(out, f"http://127.0.0.1:{server.server_port}/magasinet")
        page.goto(below.url("kvartersbastu"))
        found(page, 1)
        hit = hits(page).get_by_role("heading").get_by_role("link")
        assert hit.get_attribute("href") == "/magasinet/2025-12/bastun/"
        hit.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Värmen i kvarteret")
    finally:
        server.shutdown()


# -- Bad input ---------------------------------------------------------------------------------------------------------

HOSTILE = {
    "long": "brygga " * 1430,
    "one long word": "brygga" * 1700,
    "stop words": "och i att det som en på är av för",
    "punctuation": '""" -- ** ?? ((',
    "regular expression": r"(a+)+$ [b-r]* ^.*\d{9999} (?<name>",
    "markup": "<img src=x onerror=alert(1)><script>alert(2)</script><mark>brygga",
    "template": "{{7*7}} ${alert(1)} {n} {query}",
    "emoji": "brygga \U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f4",
    "half an emoji": "brygga HALF",
    "right to left": "\u202eأهلا بالعالم brygga",
    "unbalanced quotation": '"brygga vid vattnet',
    "only excluded": "-brygga",
    "names of the language": "__proto__ constructor toString hasOwnProperty",
    "controls": "brygga\u0000\u0007\u200b\ufeff",
    "per cent": "%E0%A4%A brygga %",
}


@pytest.mark.parametrize("query", HOSTILE.values(), ids=HOSTILE)
def test_hostile_queries(page: Page, search: Search, query: str) -> None:
    """Whatever is asked, typed or by the address, there is an answer or a clear word, at once, and none of it becomes
    markup."""
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
    page.goto(search.url())
    field(page).evaluate(
        "(field, value) => { field.value = value.replace('HALF', '\\ud83d'); field.form.requestSubmit(); }", query
    )
    expect(status(page)).to_have_text(re.compile(r"^(?!Söker …$)."), timeout=5000)
    expect(page.get_by_role("alert")).to_have_count(0)
    told = status(page).inner_text()
    assert "fungerar inte" not in told
    assert "kunde inte" not in told
    assert page.locator("main img, main script, main [onerror]").count() == 0
    page.reload()
    expect(status(page)).to_have_text(told)


@pytest.mark.parametrize("value", ["<b>x</b>", "__proto__", "-1", "ø" * 500], ids=["markup", "name", "number", "long"])
def test_hostile_filters(page: Page, search: Search, value: str) -> None:
    """A filter in the address that is none leads to no hits, or is left out; never to an error."""
    for name in ("category", "kind", "place", "year", "sort"):
        page.goto(search.url("brygga", **{name: value}))
        expect(status(page)).to_contain_text("brygga")
        assert page.locator("main b").count() == 0


def test_markup_in_articles(page: Page, search: Search) -> None:
    """What an article has as text stays text in its hit."""
    page.goto(search.url("vinkelparenteser fetstil"))
    expect(hits(page).first).to_contain_text("<script>alert(1)</script>")
    assert page.locator("main img, main script, main b").count() == 0


# -- Something is missing ----------------------------------------------------------------------------------------------


def missing(route: Route) -> None:
    route.fulfill(status=404, body="")


@pytest.mark.parametrize(
    ("what", "how", "said"),
    [
        ("**/search/index.json", missing, "fungerar inte"),
        ("**/search/index.json", lambda route: route.fulfill(body="<!doctype html>"), "fungerar inte"),
        ("**/search/index.json", lambda route: route.fulfill(json={"version": 99}), "publicerats på nytt"),
        ("**/search/index.json", lambda route: route.abort(), "kunde inte hämtas"),
        ("**/search/terms/**", missing, "publicerats på nytt"),
        ("**/search/texts/**", missing, "publicerats på nytt"),
        ("**/search/terms/**", lambda route: route.abort(), "kunde inte hämtas"),
        ("**/engine.*.js", missing, "kunde inte hämtas"),
    ],
    ids=["entry", "entry is a page", "newer entry", "offline", "part", "text", "offline in between", "engine"],
)
def test_what_is_missing_is_said(
    page: Page, search: Search, axe: Axe, what: str, how: Callable[[Route], None], said: str
) -> None:
    """A file that is missing, unreadable or of another version: the page says so and shows the ways in instead; when
    it is there again, the next question is answered."""
    page.route(what, how)
    page.goto(search.url("brygga"))
    expect(status(page)).to_contain_text(said)
    expect(ways(page)).to_be_visible()
    expect(hits(page)).to_have_count(0)
    assert axe(page) == []
    page.unroute(what)
    page.get_by_role("link", name="Försök igen").click()
    found(page, PIERS)


def test_answers_after_a_failure(page: Page, search: Search) -> None:
    """After a failure the next letter tries again."""
    page.route("**/search/index.json", lambda route: route.abort())
    page.goto(search.url())
    field(page).press_sequentially("brygg", delay=20)
    expect(status(page)).to_contain_text("kunde inte hämtas")
    page.unroute("**/search/index.json")
    field(page).press_sequentially("a")
    found(page, PIERS)


def test_a_page_older_than_the_site(page: Page, search: Search) -> None:
    """A page kept open while the magazine is published anew finds the new engine by itself, and answers."""
    own = (search.out / "sok/index.html").read_text(encoding="utf-8")
    older = re.sub(r"/engine\.\w+\.js", "/engine.0123456789.js", own)
    page.route("**/sok/", lambda route: route.fulfill(body=older, content_type="text/html"), times=1)
    page.goto(search.url())
    assert page.locator("form[role=search]").get_attribute("data-engine") == "/theme/search/engine.0123456789.js"
    field(page).press_sequentially("brygga", delay=20)
    found(page, PIERS)


def test_an_index_older_than_the_page(page: Page, search: Search) -> None:
    """An entry whose parts are gone, since the magazine has been published in between, is fetched anew by itself."""
    entry = (search.out / "search/index.json").read_text(encoding="utf-8")
    for path in (search.out / "search/terms").iterdir():
        fingerprint = path.name.split(".")[-2]
        entry = entry.replace(fingerprint, "0" * len(fingerprint))
    page.route("**/search/index.json", lambda route: route.fulfill(body=entry), times=1)
    page.goto(search.url("brygga"))
    found(page, PIERS)
