"""Colours as the browser computes them: contrast, the categories' hues, the two schemes and the reader's own."""

from __future__ import annotations

from itertools import combinations
from math import dist

import pytest
from playwright.sync_api import Page

from tests.sample import EYES, KINDS, Look, Sample, sample_in, wear

Rgb = tuple[float, float, float]

HUES = 12
schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return sample_in(tmp_path_factory.getbasetemp())


@pytest.fixture
def page(page: Page) -> Page:
    page.add_init_script(EYES)
    page.set_viewport_size({"width": 1280, "height": 800})
    return page


@pytest.mark.parametrize("scheme", ["light", "dark", "forced"])
def test_text_stands_out(page: Page, sample: Sample, scheme: Look) -> None:
    """All text has 4.5 : 1 against what is behind it (3 : 1 where it is large), on every kind of page."""
    wear(page, scheme)
    found = {}
    for kind in KINDS:
        page.goto(sample.url(kind))
        found[kind] = page.evaluate("""() => [...new Set(eyes.texts().map(({element}) => {
            const style = getComputedStyle(element), size = parseFloat(style.fontSize);
            const behind = eyes.background(element);
            if (!behind) return eyes.told(element) + ' lies on a picture';
            const large = size >= 24 || size >= 18.66 && style.fontWeight >= 700;
            let colour = eyes.rgb(style.color);
            for (let e = element; e; e = e.parentElement) colour = [...colour.slice(0, 3),
                colour[3] * getComputedStyle(e).opacity];
            const ratio = eyes.contrast(eyes.over(colour, behind), behind);
            return ratio < (large ? 3 : 4.5) ? `${eyes.told(element)}: ${ratio.toFixed(2)} : 1` : '';
        }).filter(Boolean))]""")
    assert {kind: faults for kind, faults in found.items() if faults} == {}


@schemes
def test_hues_stand_out(page: Page, sample: Sample, scheme: Look) -> None:
    """Each of the twelve hues can carry text on the paper, on its own tint and on the sunk paper: 4.5 : 1."""
    wear(page, scheme)
    page.goto(sample.url("category"))
    faults = []
    for hue in range(HUES):
        ratios = page.evaluate(
            """hue => {
                const probe = document.body.appendChild(document.createElement('p'));
                probe.dataset.hue = hue;
                probe.style.color = 'var(--hue)';
                const seen = ['', 'var(--tint)', 'var(--sunk)'].map(paper => {
                    probe.style.backgroundColor = paper;
                    return eyes.contrast(eyes.rgb(getComputedStyle(probe).color), eyes.background(probe));
                });
                probe.remove();
                return seen;
            }""",
            hue,
        )
        faults += [f"hue {hue}: {ratio:.2f} : 1" for ratio in ratios if ratio < 4.5]
    assert faults == []


@schemes
def test_hues_weigh_the_same(page: Page, sample: Sample, scheme: Look) -> None:
    """The hues are of one lightness, so that no category is louder; and each differs from each to the eye."""
    wear(page, scheme)
    page.goto(sample.url("category"))
    hues = [_oklab(hue) for hue in _hues(page)]
    lightness = [hue[0] for hue in hues]
    assert max(lightness) - min(lightness) < 0.02
    nearest = min(dist(a, b) for a, b in combinations(hues, 2))
    assert nearest > 0.03
    categories = hues[: len(sample.site.magazine.categories)]
    assert min(dist(a, b) for a, b in combinations(categories, 2)) > 0.06


@schemes
def test_each_category_has_its_hue(page: Page, sample: Sample, scheme: Look) -> None:
    """A category's colour is the same in the navigation and on its page, and no two categories have one."""
    wear(page, scheme)
    page.goto(sample.url("front page"))
    navigation = page.get_by_role("banner").get_by_role("navigation").get_by_role("link")
    hue = "e => getComputedStyle(e).getPropertyValue('--hue')"
    colours = [link.evaluate(hue) for link in navigation.all()]
    assert len(set(colours)) == len(sample.site.magazine.categories)
    for category, colour in zip(sample.site.magazine.categories, colours, strict=True):
        page.goto(sample.origin + category.url)
        assert page.get_by_role("heading", level=1).evaluate(hue) == colour


def test_schemes_are_two(page: Page, sample: Sample) -> None:
    """Light is dark on light, dark is light on dark; neither is black or white, and no picture is turned round."""
    for scheme in ("light", "dark"):
        wear(page, scheme)
        page.goto(sample.url("article with picture"))
        paper, ink = page.evaluate("""() => [eyes.background(document.body),
            eyes.rgb(getComputedStyle(document.body).color)].map(eyes.luminance)""")
        assert (paper > 0.8) if scheme == "light" else (0 < paper < 0.03)
        assert (0 < ink < 0.05) if scheme == "light" else (ink > 0.5)
        assert (
            page.evaluate("""() => [...document.images].map(image => getComputedStyle(image).filter)
            .filter(filter => /invert|hue-rotate/.test(filter))""")
            == []
        )


@schemes
def test_window_has_the_papers_colour(page: Page, sample: Sample, scheme: Look) -> None:
    """What a phone shows around the page has the colour of its paper; scroll bars and fields follow the scheme."""
    wear(page, scheme)
    page.goto(sample.url("front page"))
    declared = page.evaluate("""() => [...document.querySelectorAll('meta[name=theme-color]')]
        .filter(meta => matchMedia(meta.media).matches).map(meta => meta.content)""")
    assert len(declared) == 1
    assert (
        page.evaluate("colour => eyes.contrast(eyes.rgb(colour), eyes.background(document.body))", declared[0]) < 1.01
    )
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light dark"


@pytest.mark.parametrize("kind", ["front page", "demanding article", "accessibility statement"])
def test_links_in_text_are_underlined(page: Page, sample: Sample, kind: str) -> None:
    """A link in running text is told from the text around it by more than colour."""
    page.goto(sample.url(kind))
    plain = page.evaluate("""() => [...document.querySelectorAll('main p a, main li a, main td a')].filter(link => {
        const words = text => /\\p{L}/u.test(text);
        const around = [...link.closest('p, li, td').childNodes].filter(node => node.nodeType === Node.TEXT_NODE);
        return eyes.visible(link) && words(link.textContent) && around.some(node => words(node.data))
            && !getComputedStyle(link).textDecorationLine.includes('underline');
    }).map(eyes.told)""")
    assert plain == []


def _hues(page: Page) -> list[Rgb]:
    hues: list[Rgb] = page.evaluate(
        """count => [...Array(count).keys()].map(hue => {
            const probe = document.body.appendChild(document.createElement('p'));
            probe.dataset.hue = hue;
            probe.style.color = 'var(--hue)';
            const colour = eyes.rgb(getComputedStyle(probe).color).slice(0, 3);
            probe.remove();
            return colour;
        })""",
        HUES,
    )
    return hues


def _oklab(rgb: Rgb) -> tuple[float, float, float]:
    """sRGB, parts from 0 to 1, as (lightness, a, b) of OKLab."""
    r, g, b = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    long = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    medium = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    short = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
