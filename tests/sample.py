"""The sample magazine as readers meet it: built once a worker, served with the headers of the real server.

One article is added to the sample's own: a demanding one, with everything that Markdown can make and words longer than
a phone is wide.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from blinker import ANY
from playwright.sync_api import Page

from desk import build
from plugins.magazine import addresses, signals
from plugins.magazine.model import Article
from plugins.magazine.site import Site
from tests import served

ROOT = Path(__file__).parents[1]
TODAY = "2026-11-30"

KINDS = (
    "front page",
    "issue",
    "oldest issue",
    "category",
    "category, older",
    "article with picture",
    "article without picture",
    "event",
    "article with files",
    "article with table",
    "article with footnotes",
    "article in English",
    "archived article",
    "demanding article",
    "all issues",
    "tag",
    "place",
    "author",
    "page",
    "accessibility statement",
    "subscribe",
    "digest",
    "search",
    "404",
)
"""Every kind of page there is; `Sample.pages` has one of each."""

DEMANDING = """\
---
title: Samverkansöverenskommelseuppföljningsgruppens sammanträdesprotokollsjusteringsanvisningar i korthet
category: tankar
kind: krönika
summary: En ingress med [hakparenteser], <vinkelparenteser> & ett ord på sextio tecken som ingen telefon rymmer \
på en rad, nämligen flerbostadshusföreningssamverkansöverenskommelserna.
authors: [Anna-Karin Wennerström-Högfeldt, Redaktionen]
tags: [samverkan, medborgarbudgetuppföljningsmetodutveckling, dialog]
places: [Norrhamnen]
files:
  - src: files/bilaga-med-ett-langt-namn-som-ingen-har-kortat.pdf
    title: Samverkansöverenskommelseuppföljningen i sin helhet, med alla bilagor
event:
  start: 2025-12-10 18:00
  end: 2025-12-11 20:30
  place: Föreningarnas hus, Kajgatan 4, Samverkansöverenskommelsesalen
  register_by: 2025-12-05
  contact: samverkansoverenskommelseuppfoljningsgruppen@foreningarnas-hus.sundhamn.example
  programme: ["18.00 Inledning", "18.30–19.15 Gruppsamtal om medborgarbudgetuppföljningsmetodutveckling", Kaffe]
---

Text med *betoning*, **eftertryck**, `kod`, en \
[längre adress](https://www.example.org/en/mycket/lang/adress?med=fragor) och \
en adress: <https://www.example.org/samverkansoverenskommelseuppfoljningsgruppens-protokoll/2025/12/index.html>. \
Den här meningen har en fotnot[^1] och den här en till.[^not]

## En lista i en lista

1. Först det ena
    - och under det
    - ännu något
        1. ännu djupare
        2. och där är [novembernumret](../2026-11/issue.md)
2. sedan det andra

   med ett stycke till.

### Ett schema

| Förening | Januari | Februari | Mars | April | Maj | Juni | Augusti | September |
|---|--:|--:|--:|--:|--:|--:|--:|:-:|
| Samverkansöverenskommelsegruppen | 100 000 | 200 000 | 300 000 | 400 000 | 500 000 | 600 000 | 800 000 | 900 000 |
| Hoyo | 1 | 2 | 3 | 4 | 5 | 6 | 8 | [nio](../2026-11/issue.md) |

#### En rubrik på fjärde nivån

> Ett citat med flera stycken.
>
> – Och ett till.

```
def en_rad_kod_som_ar_langre_an_en_telefon_ar_bred(argument_ett, argument_tva, argument_tre): return argument_ett
```

---

Begrepp
: En förklaring.
: En annan förklaring.

Annat begrepp
: Och dess.

<details><summary>Visa mer</summary><p>Det som stod under.</p></details>

<p lang="en">A paragraph in English.</p>

IOP är en förkortning, H<sub>2</sub>O en formel, <kbd>Ctrl</kbd> en tangent och <mark>det här</mark> viktigt.

*[IOP]: Idéburet offentligt partnerskap

![Klippt papper: ett fönster med ljus i](images/omslag.png "Bilden står i texten.")

[^1]: Noten, med [novembernumret](../2026-11/issue.md).
[^not]: Ännu en not.
"""


@dataclass(frozen=True)
class Sample:
    """A built magazine and where it is served."""

    out: Path
    origin: str
    site: Site
    pages: dict[str, str]
    """One address for each of `KINDS`."""

    def url(self, kind: str) -> str:
        return self.origin + self.pages[kind]

    @property
    def files(self) -> list[Path]:
        """Every page there is."""
        return sorted(self.out.rglob("*.html"))

    def address(self, file: Path) -> str:
        """Where a built file is found on the site."""
        return "/" + file.relative_to(self.out).as_posix().removesuffix("index.html")


Look = Literal["light", "dark", "forced"]
"""The two colour schemes, and the reader's own colours (Windows' contrast themes)."""


def wear(page: Page, look: Look) -> None:
    page.emulate_media(
        color_scheme="light" if look == "light" else "dark", forced_colors="active" if look == "forced" else "none"
    )


@cache
def sample_in(folder: Path) -> Sample:
    """The sample magazine, built below `folder` and served as long as this process lives."""
    content, out = folder / "sample" / "content", folder / "sample" / "output"
    shutil.copytree(ROOT / "content", content)
    oldest = content / "issues" / "2025-12"
    (oldest / "kravande-artikel.md").write_text(DEMANDING, encoding="utf-8")
    (oldest / "files").mkdir(exist_ok=True)
    (oldest / "files" / "bilaga-med-ett-langt-namn-som-ingen-har-kortat.pdf").write_bytes(b"%PDF-1.7\n")
    for signal in (signals.check, signals.publish):  # another test's plugins must not join in
        for handler in list(signal.receivers_for(ANY)):
            signal.disconnect(handler)
    built = build.build(build.load_settings(ROOT / "pelicanconf.py", content, out, TODAY, jobs=1))
    server = served.serve(out, "127.0.0.1", 0)
    return Sample(out, f"http://127.0.0.1:{server.server_port}", built.site, _pages(built.site))


def _pages(site: Site) -> dict[str, str]:
    """One page of each kind. A kind that the sample lacks is an error: the sample is to show all."""
    magazine = site.magazine
    articles = [article for article in magazine.articles if article.slug != "kravande-artikel"]
    full = next(category for category in magazine.categories if category.archived)
    current = magazine.issues[0]

    def first(having: str, *found: Article) -> str:
        if not found:
            raise LookupError(f"No article of the sample has {having}")
        return found[0].url

    pages = {
        "front page": addresses.FRONT,
        "issue": current.url,
        "oldest issue": magazine.issues[-1].url,
        "category": full.url,
        "category, older": f"{full.url}{full.archived[0].issue[:4]}/",
        "article with picture": current.lead.url,
        "article without picture": first("no picture", *(a for a in articles if not a.image and a.word_count > 300)),
        "event": first("a programme", *(a for a in articles if a.event and a.event.programme)),
        "article with files": first("files", *(a for a in articles if a.attachments)),
        "article with table": first("a table", *(a for a in articles if "<table" in a.body)),
        "article with footnotes": first("footnotes", *(a for a in articles if "footnote" in a.body)),
        "article in English": first("another language", *magazine.translations),
        "archived article": full.archived[0].url,
        "demanding article": "/2025-12/kravande-artikel/",
        "all issues": addresses.ISSUES,
        "tag": max(magazine.tags, key=lambda topic: len(topic.articles)).url,
        "place": max(magazine.places, key=lambda topic: len(topic.articles)).url,
        "author": max(magazine.authors, key=lambda topic: len(topic.articles)).url,
        "page": "/om/",
        "accessibility statement": "/tillganglighet/",
        "subscribe": addresses.SUBSCRIBE,
        "digest": addresses.digest(current),
        "search": addresses.SEARCH,
        "404": "/finns-inte/",
    }
    assert tuple(pages) == KINDS
    return pages


EYES = """
window.eyes = (() => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const known = new Map();

  /* Any CSS colour as sRGB: [r, g, b, alpha], each from 0 to 1. */
  function rgb(colour) {
    if (!known.has(colour)) {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
      known.set(colour, [...canvas.getImageData(0, 0, 1, 1).data].map(part => part / 255));
    }
    return known.get(colour);
  }
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);
  const linear = part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  const luminance = c => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
  function contrast(a, b) {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  }
  /* What lies behind an element's text; null if it is a picture or a gradient. */
  function background(element) {
    const layers = [];
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.backgroundImage !== 'none') return null;
      const colour = rgb(style.backgroundColor);
      if (colour[3]) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reduceRight((under, top) => over(top, under), rgb('Canvas'));
  }

  const told = e => {
    const name = e.localName + (e.id ? '#' + e.id : '') + [...e.classList].map(c => '.' + c).join('');
    const within = e.parentElement && e.parentElement.closest('[class], [id], main, header, footer');
    const where = within ? within.localName + [...within.classList].map(c => '.' + c).join('') + ' ' : '';
    return where + name + ' "' + e.textContent.trim().replace(/\\s+/g, ' ').slice(0, 40) + '"';
  };
  /* Kept for screen readers: a pixel that shows nothing. */
  const unseen = e => {
    for (; e; e = e.parentElement) {
      const style = getComputedStyle(e);
      if (style.overflow !== 'visible' && (e.clientWidth <= 1 || style.clipPath === 'inset(50%)')) return true;
    }
    return false;
  };
  const visible = e => e.checkVisibility({opacityProperty: true, visibilityProperty: true}) && !unseen(e);
  /* Every piece of text that is shown: its element, and the boxes of its lines, as high as its small letters. */
  function texts() {
    const found = [], range = document.createRange();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode());) {
      const element = node.parentElement;
      if (!node.data.trim() || element.closest('script, style') || !visible(element)) continue;
      range.selectNodeContents(node);
      const lines = [...range.getClientRects()].filter(r => r.width > 1).map(r => ({
        left: r.left, right: r.right, top: r.top + r.height * 0.3, bottom: r.bottom - r.height * 0.3
      }));
      if (lines.length) found.push({node, element, lines});
    }
    return found;
  }
  const scrolls = e => /auto|scroll/.test(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth;

  /* What sticks out of the window, or is cut off. */
  function cut() {
    const faults = [], width = document.documentElement.clientWidth;
    if (document.scrollingElement.scrollWidth > width)
      faults.push(`the page is ${document.scrollingElement.scrollWidth} wide in ${width}`);
    for (const e of document.body.querySelectorAll('*')) {
      if (!visible(e)) continue;
      const r = e.getBoundingClientRect();
      let scrolled = false;
      for (let p = e.parentElement; p; p = p.parentElement) scrolled ||= scrolls(p);
      if (!scrolled && r.width && (r.right > width + 1 || r.left < -1))
        faults.push(`${told(e)} reaches from ${Math.round(r.left)} to ${Math.round(r.right)}`);
    }
    for (const {element, lines} of texts())
      for (let e = element; e && e !== document.body; e = e.parentElement) {
        const style = getComputedStyle(e), r = e.getBoundingClientRect();
        if (scrolls(e)) break;
        if (style.display === 'inline') continue;
        const hides = /hidden|clip|auto|scroll/.test(style.overflowX + style.overflowY) || style.clipPath !== 'none'
          || style.maskImage !== 'none';
        if (hides && lines.some(l => l.left < r.left - 1 || l.right > r.right + 1 || l.top < r.top - 1 ||
            l.bottom > r.bottom + 1)) faults.push(`${told(element)} is cut off by ${told(e)}`);
        if (style.textOverflow === 'ellipsis' && e.scrollWidth > e.clientWidth) faults.push(`${told(e)} is shortened`);
      }
    return faults;
  }
  /* Texts that lie on each other. */
  function overlapping() {
    const faults = [], boxes = texts().flatMap(({element, lines}) => lines.map(line => ({element, ...line})));
    boxes.sort((a, b) => a.top - b.top);
    boxes.forEach((a, i) => {
      for (let j = i + 1; j < boxes.length && boxes[j].top < a.bottom; j++) {
        const b = boxes[j];
        if (a.element !== b.element && Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
            && Math.min(a.bottom, b.bottom) - b.top > 1) faults.push(`${told(a.element)} lies on ${told(b.element)}`);
      }
    });
    return faults;
  }
  /* Headings and links whose place on the screen contradicts their place in the page. */
  function disorder() {
    const shown = [...document.body.querySelectorAll('h1, h2, h3, h4, a[href]')].filter(visible);
    const boxes = shown.map(e => ({e, r: e.getClientRects()[0]})).filter(({r}) => r);
    const faults = [];
    boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => {
      if (a.e.contains(b.e) || b.e.contains(a.e)) return;
      const above = b.r.bottom <= a.r.top + 2 && b.r.left < a.r.right - 2;
      const shared = Math.min(a.r.bottom, b.r.bottom) - Math.max(a.r.top, b.r.top);
      const before = b.r.right <= a.r.left + 2 && shared > Math.min(a.r.height, b.r.height) / 2;
      if (above || before) faults.push(`${told(b.e)} comes ${above ? 'above' : 'before'} ${told(a.e)}`);
    }));
    return faults;
  }
  /* Links and buttons too small to hit by WCAG 2.5.8: unless they are part of a sentence, or have room around them. */
  function small(least) {
    const targets = [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter(visible);
    const box = e => {
      const after = getComputedStyle(e, '::after');
      if (after.content === 'none' || after.position !== 'absolute') return e.getBoundingClientRect();
      let around = e;
      while (getComputedStyle(around).position === 'static') around = around.parentElement;
      return around.getBoundingClientRect();
    };
    const boxes = targets.map(e => ({e, r: box(e)}));
    const fits = ({r}) => r.width >= least - 0.01 && r.height >= least - 0.01;
    const inSentence = ({e}) => {
      if (getComputedStyle(e).display !== 'inline' && e.parentElement.localName !== 'sup') return false;
      let block = e.parentElement;
      while (getComputedStyle(block).display === 'inline') block = block.parentElement;
      const copy = block.cloneNode(true);
      copy.querySelectorAll('a').forEach(link => link.remove());
      return /\\p{L}/u.test(copy.textContent);
    };
    const crowded = one => boxes.some(other => {
      if (other === one) return false;
      const x = one.r.left + one.r.width / 2, y = one.r.top + one.r.height / 2, o = other.r;
      if (!fits(other) && Math.hypot(x - o.left - o.width / 2, y - o.top - o.height / 2) < least) return true;
      const nearest = [Math.min(Math.max(x, o.left), o.right), Math.min(Math.max(y, o.top), o.bottom)];
      return Math.hypot(x - nearest[0], y - nearest[1]) < least / 2;
    });
    return boxes.filter(one => !fits(one) && !inSentence(one) && crowded(one))
      .map(({e, r}) => `${told(e)} is ${Math.round(r.width)} × ${Math.round(r.height)}`);
  }
  /* Everything that Tab should reach, in the order of the page. */
  const reachable = () => [...document.querySelectorAll(
    'a[href], area[href], button, input, select, textarea, summary, iframe, audio[controls], video[controls], '
    + '[tabindex]'
  )].filter(e => e.tabIndex >= 0 && !e.disabled && e.checkVisibility({visibilityProperty: true}));
  /* How the focus on an element shows: what is wrong with it, or ''. */
  function unfocused(e) {
    const rings = [null, '::before', '::after'].map(part => getComputedStyle(e, part))
      .filter(style => style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2);
    const r = e.getBoundingClientRect();
    if (!rings.length) return 'no outline of 2 px';
    const behind = background(parseFloat(rings[0].outlineOffset) < 0 ? e : e.parentElement);
    if (!behind) return 'an outline on a picture';
    const ring = contrast(rings[0].outlineStyle === 'auto' ? rgb('AccentColor') : rgb(rings[0].outlineColor), behind);
    if (ring < 3) return `an outline of ${ring.toFixed(1)} : 1`;
    if (r.bottom <= 0 || r.top >= innerHeight || r.right <= 0 || r.left >= innerWidth) return 'outside of the window';
    const [line] = e.getClientRects();
    const top = document.elementFromPoint(Math.min(Math.max(line.left + line.width / 2, 1), innerWidth - 1),
      Math.min(Math.max(line.top + line.height / 2, 1), innerHeight - 1));
    return top && (e.contains(top) || top.contains(e)) ? '' : 'covered by ' + (top && told(top));
  }
  /* A stylesheet of the reader's own. */
  function restyle(css) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = css ? [sheet] : [];
  }
  return {rgb, over, luminance, contrast, background, told, visible, texts, scrolls, cut, overlapping, disorder, small,
    reachable, unfocused, restyle};
})();
"""
"""What a reader sees, asked of the browser: `page.add_init_script(EYES)` puts `eyes` into every page. Each function
gives a list of faults in words."""
