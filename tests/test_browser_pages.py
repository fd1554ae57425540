"""Every kind of page in a browser: for everyone, on every width, with nothing but what it says it has.

Elements are found by what they mean (roles, landmarks, headings), not by the theme's classes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

from desk.headers import HEADERS
from tests.sample import EYES, KINDS, Look, Sample, sample_in, wear

Axe = Callable[..., list[str]]

PHONE, TABLET, DESK = (320, 640), (768, 1024), (1280, 800)
"""320 CSS pixels are also 1280 at 400 %."""

# What WCAG 2.2 (1.4.12) lets readers ask for.
TEXT_SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return sample_in(tmp_path_factory.getbasetemp())


@pytest.fixture
def page(page: Page) -> Page:
    """A page that looks at itself. It asks for less motion: Chromium now and then drops a transition between pages, and
    says so as if a script had thrown."""
    page.add_init_script(EYES)
    page.emulate_media(reduced_motion="reduce")
    return page


def show(page: Page, url: str, size: tuple[int, int] = DESK) -> None:
    """Open a page and wait for its fonts."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(url)
    page.evaluate("async () => { await document.fonts.ready; }")


def faulty(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Only where something was found."""
    return {where: faults for where, faults in found.items() if faults}


@contextmanager
def text_of(page: Page, percent: int) -> Iterator[None]:
    """The browser's own text size, as a reader sets it."""
    client = page.context.new_cdp_session(page)
    client.send("Page.setFontSizes", {"fontSizes": {"standard": 16 * percent // 100, "fixed": 13 * percent // 100}})
    try:
        yield
    finally:
        client.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
        client.detach()


# -- axe ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scheme", "size"), [("light", DESK), ("dark", PHONE)], ids=["light", "dark"])
def test_axe_finds_nothing(page: Page, sample: Sample, axe: Axe, scheme: Look, size: tuple[int, int]) -> None:
    """axe-core finds no accessibility mistake on any kind of page, in either colour scheme."""
    wear(page, scheme)
    found = {}
    for kind in KINDS:
        show(page, sample.url(kind), size)
        found[kind] = axe(page)
    assert faulty(found) == {}


def test_axe_finds_nothing_in_forced_colours(page: Page, sample: Sample, axe: Axe) -> None:
    """Nor in the reader's own colours (Windows' contrast themes)."""
    wear(page, "forced")
    found = {}
    for kind in ("front page", "issue", "event", "demanding article", "all issues"):
        show(page, sample.url(kind), TABLET)
        # axe-core takes the theme's colours for those that are shown; tests/test_colours.py looks at the latter.
        found[kind] = axe(page, rules={"color-contrast": {"enabled": False}})
    assert faulty(found) == {}


# -- By keyboard -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["front page", "event", "404"])
def test_skip_link(page: Page, sample: Sample, kind: str) -> None:
    """The first Tab shows a link that Enter follows to the main text; the next Tab goes on in there."""
    show(page, sample.url(kind), PHONE)
    first = page.locator("body a[href]").first
    assert first.get_attribute("href") == "#" + str(page.get_by_role("main").get_attribute("id"))
    assert not first.evaluate("link => eyes.visible(link)")
    page.keyboard.press("Tab")
    assert first.evaluate("link => link === document.activeElement && eyes.visible(link)")
    box = first.bounding_box()
    assert box
    assert box["width"] >= 24
    assert box["height"] >= 24
    assert box["x"] >= 0
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


@pytest.mark.parametrize(
    ("kind", "size", "scheme"),
    [
        ("front page", DESK, "light"),
        ("front page", PHONE, "dark"),
        ("issue", TABLET, "dark"),
        ("category", DESK, "dark"),
        ("event", DESK, "light"),
        ("demanding article", PHONE, "light"),
        ("demanding article", DESK, "dark"),
        ("all issues", DESK, "light"),
        ("all issues", PHONE, "dark"),
        ("subscribe", PHONE, "light"),
        ("404", TABLET, "light"),
        ("front page", TABLET, "forced"),
    ],
)
def test_tab_goes_through_the_page(page: Page, sample: Sample, kind: str, size: tuple[int, int], scheme: Look) -> None:
    """Tab reaches everything that can be used, in the page's order, and leaves it; the focus shows all the way."""
    wear(page, scheme)
    show(page, sample.url(kind), size)
    count = page.evaluate("""() => {
        window.expected = eyes.reachable();
        window.reached = [];
        window.faults = [];
        document.addEventListener('focusin', event => {
            reached.push(expected.indexOf(event.target));
            const fault = eyes.unfocused(event.target);
            if (fault) faults.push(eyes.told(event.target) + ': ' + fault);
        });
        return expected.length;
    }""")
    for _ in range(count + 1):
        page.keyboard.press("Tab")
    assert page.evaluate("reached.slice(0, expected.length)") == list(range(count))
    assert page.evaluate("reached.length === expected.length || reached[expected.length] === 0")
    assert page.evaluate("[...new Set(faults)]") == []


def test_shift_tab_goes_back(page: Page, sample: Sample) -> None:
    """Shift+Tab leads back the same way, also out of a table that scrolls."""
    show(page, sample.url("demanding article"), PHONE)
    count = page.evaluate("() => { window.expected = eyes.reachable(); return expected.length; }")
    page.evaluate("expected.at(-1).focus()")
    reached = []
    for _ in range(count - 1):
        page.keyboard.press("Shift+Tab")
        reached.append(page.evaluate("expected.indexOf(document.activeElement)"))
    assert reached == list(range(count - 2, -1, -1))


@pytest.mark.parametrize("kind", ["article with table", "demanding article", "subscribe", "front page"])
def test_what_scrolls_can_be_scrolled_by_keyboard(page: Page, sample: Sample, kind: str) -> None:
    """What is wider than a phone scrolls by itself: Tab reaches it, it has a role and a name, and arrows move it."""
    show(page, sample.url(kind), PHONE)
    faults = page.evaluate("""() => [...document.body.querySelectorAll('*')].filter(eyes.visible).filter(eyes.scrolls)
        .filter(e => !e.hasAttribute('tabindex') || e.tabIndex < 0 || !e.role && !e.getAttribute('role')
            || !e.ariaLabel && !e.getAttribute('aria-labelledby'))
        .map(eyes.told)""")
    assert faults == []
    if kind == "demanding article":
        page.evaluate("""() => {
            window.table = [...document.querySelectorAll('[tabindex="0"]')].find(e => e.querySelector('table'));
            table.focus();
        }""")
        page.keyboard.press("ArrowRight")
        page.wait_for_function("table.scrollLeft > 0")


# -- On every width ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [PHONE, TABLET, DESK], ids=["phone", "tablet", "desk"])
def test_reflow(page: Page, sample: Sample, size: tuple[int, int]) -> None:
    """At 320 pixels, or 1280 at 400 %, nothing is cut off or lies on something else, and no page scrolls sideways;
    nor with the text spacing of WCAG 1.4.12, nor with text of double size; nor on any other width."""
    found = {}
    for kind in KINDS:
        show(page, sample.url(kind), size)
        found[kind] = _squeezed(page)
        page.evaluate("css => eyes.restyle(css)", TEXT_SPACING)
        found[f"{kind}, text spacing"] = _squeezed(page)
        page.evaluate("eyes.restyle('')")
        with text_of(page, 200):
            found[f"{kind}, text 200 %"] = _squeezed(page)
    assert faulty(found) == {}


def _squeezed(page: Page) -> list[str]:
    faults: list[str] = page.evaluate("[...new Set([...eyes.cut(), ...eyes.overlapping()])]")
    return faults


@pytest.mark.parametrize("kind", ["front page", "category", "demanding article", "all issues", "subscribe"])
def test_text_grows(page: Page, sample: Sample, kind: str) -> None:
    """Text grows when a reader zooms, to twice its size before 400 % (WCAG 1.4.4), and with the browser's text size.
    What fills the window already cannot."""
    show(page, sample.url(kind))
    measure = """() => Object.fromEntries(eyes.texts().map(({node, element}) =>
        [eyes.told(element) + node.data.trim(), parseFloat(getComputedStyle(element).fontSize)]))"""
    before = page.evaluate(measure)
    with text_of(page, 200):
        larger = page.evaluate(measure)
    page.set_viewport_size({"width": DESK[0] // 4, "height": DESK[1] // 4})
    zoomed = page.evaluate(measure)
    gone = {text for text in before if text not in larger or text not in zoomed}
    assert {text for text in gone if not text.endswith("·")} == set()  # points between what now stands apart may go
    faults = [
        f"{text}: {size} → {larger[text]} with larger text, {4 * zoomed[text]} at 400 %"
        for text, size in before.items()
        if text in larger and text in zoomed
        if size < 100 and (larger[text] < 1.8 * min(size, 24) or 4 * zoomed[text] < 2 * size)
    ]
    assert faults == []


@pytest.mark.parametrize("size", [PHONE, TABLET, DESK], ids=["phone", "tablet", "desk"])
def test_order_and_targets(page: Page, sample: Sample, size: tuple[int, int]) -> None:
    """On phone, tablet and desk, headings and links stand in the page's order, and no target is under 24 × 24 pixels
    (WCAG 2.5.8) unless it is part of a sentence or has room around it."""
    found = {}
    for kind in KINDS:
        show(page, sample.url(kind), size)
        found[kind] = page.evaluate("[...new Set([...eyes.disorder(), ...eyes.small(24)])]")
    assert faulty(found) == {}


# -- With less ---------------------------------------------------------------------------------------------------------


def test_without_javascript(browser: Browser, page: Page, sample: Sample) -> None:
    """Everything is there without JavaScript: every word, every link, every heading."""
    with browser.new_context(java_script_enabled=False, locale="sv-SE") as context:
        plain = context.new_page()
        for kind in ("front page", "issue", "category, older", "demanding article", "all issues", "subscribe"):
            seen = []
            for each in (page, plain):
                each.goto(sample.url(kind))
                seen.append(each.locator("body").aria_snapshot())
            assert seen[0] == seen[1], kind
            assert "heading" in seen[1]


def test_still_for_those_who_ask(page: Page, sample: Sample) -> None:
    """Nothing moves by itself; and for a reader who asks for less motion, nothing at all, not even between pages."""
    page.add_init_script("addEventListener('pagereveal', event => { window.glided = Boolean(event.viewTransition); })")
    moving = """() => [...document.querySelectorAll('*')].filter(e => {
        const style = getComputedStyle(e);
        return style.animationName !== 'none' || /[1-9]/.test(style.transitionDuration)
            || style.scrollBehavior !== 'auto';
    }).map(eyes.told)"""
    page.emulate_media(reduced_motion="reduce")
    for kind in ("front page", "demanding article", "all issues"):
        show(page, sample.url(kind))
        assert page.evaluate(moving) == []
        with page.expect_navigation():
            page.get_by_role("navigation").first.get_by_role("link").first.click()
        # The event comes with the page's first picture, which may be later than its load.
        page.wait_for_function("window.glided !== undefined")
        assert page.evaluate("window.glided") is False
    page.emulate_media(reduced_motion="no-preference")
    show(page, sample.url("front page"))
    assert page.evaluate("document.getAnimations().length") == 0


# -- Nothing else ------------------------------------------------------------------------------------------------------


def test_private_and_safe(page: Page, sample: Sample) -> None:
    """No page says anything in the console, breaks the policy, asks another host, or leaves anything behind; all it
    asks for is there; and each comes with the headers of the real server."""
    page.add_init_script("addEventListener('securitypolicyviolation', event => console.error(event.violatedDirective))")
    faults: list[str] = []
    missing_page = sample.url("404")

    def said(message: ConsoleMessage) -> None:
        if not (page.url == missing_page and "404" in message.text):
            faults.append(f"{page.url}: {message.type}: {message.text}")

    def asked(request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(sample.origin).netloc:
            faults.append(f"{page.url}: asks for {request.url}")

    def answered(response: Response) -> None:
        headers = response.all_headers()
        wrong = {name: headers.get(name.lower()) for name in HEADERS if headers.get(name.lower()) != HEADERS[name]}
        right = (404,) if response.url == missing_page else (200, 304)
        if wrong or "set-cookie" in headers or response.status not in right:
            faults.append(f"{page.url}: {response.url}: {response.status} {wrong or headers}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the browser gave it up itself, on its way to the next page
            faults.append(f"{page.url}: no answer for {request.url}: {request.failure}")

    page.on("console", said)
    page.on("request", asked)
    page.on("requestfailed", failed)
    seen: list[Response] = []
    page.on("response", lambda response: seen.append(response))  # noqa: PLW0108  # Playwright takes no built-in
    for kind in KINDS:
        show(page, sample.url(kind))
        page.evaluate("""async () => {
            for (const image of document.images) image.loading = 'eager';
            await Promise.all([...document.images].map(image => image.decode()));
        }""")
        for response in seen:
            answered(response)
        seen.clear()
        kept = page.evaluate(
            "async () => [localStorage.length, sessionStorage.length, (await indexedDB.databases()).length, "
            "(await caches.keys()).length, (await navigator.serviceWorker.getRegistrations()).length]"
        )
        if any(kept) or page.context.cookies():
            faults.append(f"{page.url}: leaves {kept} {page.context.cookies()}")
    assert faults == []


@pytest.mark.parametrize("kind", ["front page", "article with picture", "category", "404"])
def test_fonts(page: Page, sample: Sample, kind: str) -> None:
    """Headlines, text and small print are set in the magazine's own fonts, every letter of them."""
    show(page, sample.url(kind))
    own = page.evaluate(
        "[...document.fonts].filter(f => f.status === 'loaded').map(f => f.family.replaceAll('\"', ''))"
    )
    client = page.context.new_cdp_session(page)
    client.send("DOM.enable")
    client.send("CSS.enable")
    root = client.send("DOM.getDocument")["root"]["nodeId"]
    selector = "h1, h2, h3, p, time, header li, footer li"
    faults, used = set(), set()
    for node in client.send("DOM.querySelectorAll", {"nodeId": root, "selector": selector})["nodeIds"]:
        for font in client.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]:
            name = next((name for name in own if font["familyName"].startswith(name)), None)
            used.add(name)
            if not (name and font["isCustomFont"]):
                faults.add(f"{font['familyName']}, {font['glyphCount']} glyphs")
    assert faults == set()
    assert len(used) >= 2


# -- For eyes and ears -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["front page", "category", "event", "subscribe", "404"])
def test_landmarks_and_names(page: Page, sample: Sample, kind: str) -> None:
    """A screen reader finds one banner, one main and one contentinfo, the categories' navigation, and one h1."""
    show(page, sample.url(kind))
    for role in ("banner", "main", "contentinfo"):
        assert page.get_by_role(role).count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    categories = [category.name for category in sample.site.magazine.categories]
    navigation = page.get_by_role("banner").get_by_role("navigation")
    assert navigation.get_by_role("link").all_inner_texts() == categories


def test_where_one_is(page: Page, sample: Sample) -> None:
    """On a category's page and on its articles, the navigation marks that category, and no other."""
    category = next(category for category in sample.site.magazine.categories if category.archived)
    for url, kind in ((category.url, "page"), (category.live[0].url, "true")):
        show(page, sample.origin + url)
        marked = page.get_by_role("banner").get_by_role("navigation").locator("[aria-current]")
        assert marked.all_inner_texts() == [category.name]
        assert marked.get_attribute("aria-current") == kind


def test_translation(page: Page, sample: Sample) -> None:
    """An article and its translation link to each other, each link in its own language; the rest stays Swedish."""
    translation = sample.site.magazine.translations[0]
    original = sample.site.magazine.versions[translation.url][0]
    show(page, sample.origin + original.url)
    page.get_by_role("main").locator(f"a[hreflang={translation.lang}][lang={translation.lang}]").click()
    assert page.url == sample.origin + translation.url
    assert page.locator("html").get_attribute("lang") == sample.site.settings.lang
    language = "e => e.closest('[lang]').lang"
    assert page.get_by_role("heading", level=1).evaluate(language) == translation.lang
    assert page.get_by_role("main").locator("p").last.evaluate(language) == sample.site.settings.lang
    page.get_by_role("main").locator(f"a[hreflang={original.lang}]").click()
    assert page.url == sample.origin + original.url


# -- On paper ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["article with picture", "demanding article", "article in English", "page"])
def test_print(page: Page, sample: Sample, kind: str) -> None:
    """On paper an article is a clean page, also for who reads in the dark: no navigation, dark text, all of it."""
    page.emulate_media(color_scheme="dark", media="print")
    show(page, sample.url(kind), (680, 960))  # an A4 page inside its margins
    left = page.evaluate("""() => [...document.querySelectorAll('nav, [role=navigation], a[href^="#m-"]')]
        .filter(e => e.checkVisibility()).map(eyes.told)""")
    assert left == []
    assert page.get_by_role("heading", level=1).is_visible()
    assert page.evaluate("[...new Set([...eyes.cut(), ...eyes.overlapping()])]") == []
    pale = page.evaluate("""() => eyes.texts().map(({element}) => [eyes.told(element),
        eyes.contrast(eyes.rgb(getComputedStyle(element).color), [1, 1, 1, 1])]).filter(([, ratio]) => ratio < 4.5)""")
    assert pale == []
    hidden = page.evaluate("""() => [...document.querySelectorAll('article p, article li, article td, article dd')]
        .filter(e => !e.checkVisibility() && !e.closest('nav, aside, section')).map(eyes.told)""")
    assert hidden == []


def test_printed_pages(page: Page, sample: Sample) -> None:
    """An article of 300 words, with neither picture nor event, is two sheets of paper at most."""
    article = next(a for a in sample.site.magazine.articles if not a.image and not a.event and 250 < a.word_count < 320)
    show(page, sample.origin + article.url)
    assert _sheets(page) <= 2


def test_address_in_print(page: Page, sample: Sample) -> None:
    """What is printed says where it stands on the web, and where the links in its text lead."""
    page.emulate_media(media="print")
    show(page, sample.url("demanding article"))
    path = sample.pages["demanding article"]
    assert page.get_by_text(sample.site.settings.absolute(path)).is_visible()
    link = page.get_by_role("link", name="längre adress")
    shown = link.evaluate("e => getComputedStyle(e, '::after').content")
    assert "https://www.example.org/en/" in shown or "attr(href)" in shown


def _sheets(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))
