"""Ways through Markdown that are shorter for what most texts are: plain paragraphs, a few links, some bold words.

They change how long it takes, and nothing else (tests/test_magazine_shortcuts.py): reading takes half the time.
"""

from __future__ import annotations

import html
import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.blockprocessors import BlockProcessor
from markdown.extensions import Extension
from markdown.extensions.abbr import AbbrTreeprocessor
from markdown.extensions.toc import remove_fnrefs, render_inner_html, strip_tags, unique
from markdown.treeprocessors import InlineProcessor, Treeprocessor
from markdown.util import AtomicString, Registry

from plugins.magazine.model import slugify

# The sign without which each of Markdown's inline patterns, and those of the extensions in use, finds nothing.
SIGNS = {
    "backtick": "`",
    "escape": "\\",
    "footnote": "[",
    "reference": "[",
    "link": "[",
    "image_link": "[",
    "image_reference": "[",
    "short_reference": "[",
    "short_image_ref": "[",
    "autolink": "<",
    "automail": "<",
    "linebreak": "  \n",
    "html": "<",
    "entity": "&",
    "em_strong": "*",
}
REFERENCES = ("reference", "image_reference", "short_reference", "short_image_ref")
"""Patterns that find nothing in a text that defines no references."""

HEADINGS = frozenset(f"h{level}" for level in range(1, 7))


class Shortcuts(Extension):
    """Goes after all extensions that add inline patterns or abbreviations, and stands in for `toc`."""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802  # Markdown's name
        md.parser.blockprocessors.register(_PlainParagraph(md.parser), "plain-paragraph", 200)
        md.treeprocessors.register(_FewerPatterns(md), "fewer-patterns", 25)
        md.treeprocessors.register(_HeadingIds(md), "heading-ids", 5)


class _PlainParagraph(BlockProcessor):
    """Takes a paragraph on one line that begins with a letter or a quotation dash: it can be nothing else."""

    line = re.compile(r"(?:[^\W\d_]|– )[^\n]*$")

    def test(self, parent: Element, block: str) -> bool:
        return self.line.match(block) is not None and not self.parser.state.isstate("list")

    def run(self, parent: Element, blocks: list[str]) -> None:
        SubElement(parent, "p").text = blocks.pop(0)


class _FewerPatterns(Treeprocessor):
    """Spares texts that hold none of Markdown's signs from being searched for them, and others from most patterns."""

    sign = re.compile(r"[\\`*_\[<&]|  \n")

    def __init__(self, md: Markdown) -> None:
        super().__init__(md)
        self.patterns: dict[tuple[frozenset[str], bool], Registry[Any]] = {}

    def run(self, root: Element) -> None:
        found: set[str] = set()
        abbreviations = self.md.treeprocessors["abbr"]
        assert isinstance(abbreviations, AbbrTreeprocessor)
        for element in root.iter():
            if element.text:
                signs = self.sign.findall(element.text)
                found.update(signs)
                if not signs and not abbreviations.abbrs:  # abbreviations are looked for in all that is not atomic
                    element.text = AtomicString(element.text)
            if element.tail:  # what follows a heading in a list
                found.update(self.sign.findall(element.tail))
        inline = self.md.treeprocessors["inline"]
        assert isinstance(inline, InlineProcessor)
        key = (frozenset(found), bool(self.md.references))
        if key not in self.patterns:
            self.patterns[key] = self._for(*key)
        inline.inlinePatterns = self.patterns[key]

    def _for(self, signs: frozenset[str], references: bool) -> Registry[Any]:
        """Those of Markdown's inline patterns that can find something where only these signs are, in their order."""
        every = self.md.inlinePatterns
        if len(every) != len(SIGNS):
            raise LookupError("Markdown has an inline pattern that SIGNS does not know")
        patterns: Registry[Any] = Registry()
        for name, sign in SIGNS.items():
            wanted = sign in signs or (sign == "*" and "_" in signs)
            if wanted and (references or name not in REFERENCES):
                patterns.register(every[name], name, -every.get_index_for_name(name))
        return patterns


class _HeadingIds(Treeprocessor):
    """Gives each heading an id made of its words: what `toc` does, without the table of contents."""

    code = re.compile("[&<\x02]")

    def run(self, root: Element) -> None:
        headings = [element for element in root.iter() if element.tag in HEADINGS and "id" not in element.attrib]
        if not headings:
            return
        taken = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}
        for heading in headings:
            heading.set("id", unique(slugify(self._words(heading)), taken))

    def _words(self, heading: Element) -> str:
        if heading.text and not len(heading) and not self.code.search(heading.text):
            return heading.text
        return html.unescape(strip_tags(render_inner_html(remove_fnrefs(heading), self.md)))
