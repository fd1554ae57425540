"""The shortcuts through Markdown change how long reading takes, and nothing else."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from markdown import Markdown

from plugins.magazine.model import slugify
from plugins.magazine.shortcuts import SIGNS, Shortcuts

EXTENSIONS = ["abbr", "attr_list", "def_list", "fenced_code", "footnotes", "sane_lists", "tables"]
TOC = {"toc": {"marker": "", "slugify": lambda text, _separator: slugify(text)}}
LONG = Markdown(output_format="html", extensions=[*EXTENSIONS, "toc"], extension_configs=TOC)
SHORT = Markdown(output_format="html", extensions=[*EXTENSIONS, Shortcuts()])

# Pieces of text that mean something to Markdown where they stand right, divided by ¦.
PIECES = (
    "ord ¦text¦\n¦\n\n¦*¦_¦**¦`¦[¦](x.md)¦[ref]¦\n[ref]: http://x.se\n¦<¦&amp;¦&aring;¦&¦  \n¦\\¦# ¦\n## h¦- "
    "¦\n\n### Åö *x*¦1. ¦> ¦– ¦{#id}¦{: .x}¦*[HTML]: Hyper\n¦HTML¦ [^1] ¦\n[^1]: not¦<b>¦</b>¦![alt](s.png)¦![ref]¦\"¦'"
    "¦--¦\n```\n¦    kod¦term\n: def¦:   def¦<http://a.se>¦<a@b.se>¦abc_def_ghi¦==¦\n---\n¦~~~¦\n\n    ¦\n\n  "
    "¦| a | b |\n| - | - |\n| c | d |"
).split("¦")


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_html_is_the_same_with_and_without_them(text: str) -> None:
    """Whatever is written, the HTML is what Markdown makes of it by itself, with `toc` for the headings' ids."""
    assert SHORT.reset().convert(text) == LONG.reset().convert(text)


def test_every_inline_pattern_has_its_sign() -> None:
    """A new version of Markdown with a new pattern is noticed here."""
    assert len(SHORT.inlinePatterns) == len(SIGNS)
    assert all(name in SHORT.inlinePatterns for name in SIGNS)
