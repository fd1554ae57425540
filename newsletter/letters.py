"""The letters that signing up brings: one asks for a confirmation, one tells somebody that they subscribe already.

Pure: what a letter says is made from its variant and facts of the magazine. Nothing that a visitor typed stands in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from newsletter import templates
from newsletter.config import Config
from newsletter.magazine import Magazine
from newsletter.tokens import Purpose, Tokens
from newsletter.words import Words


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One letter, without its addresses."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True, slots=True)
class _Parts:
    """What text and HTML are both made from."""

    subject: str
    before: tuple[str, ...]
    button: str
    link: str
    after: tuple[str, ...]


def link(config: Config, tokens: Tokens, ref: str) -> Callable[[Purpose], str]:
    """Addresses for one subscriber: each leads to the service's page for one purpose."""

    def made(purpose: Purpose) -> str:
        return f"{config.base_url}/{purpose}/{tokens.make(purpose, ref)}"

    return made


def compose(variant: str, *, link: Callable[[Purpose], str], magazine: Magazine, choice: str, days: int) -> Letter:
    """A letter from its variant, such as "confirm/sv" or "known/en". `days` is how long its link works.

    Raises LookupError for a variant that there is not.
    """
    kind, _, lang = variant.partition("/")
    words = Words(lang)
    parts = {"confirm": _confirm, "known": _known}[kind](words, link, magazine, choice, days)
    personal_data = f"{magazine.url}/personuppgifter/"
    html = templates.render("letter.html", lang, parts=parts, magazine=magazine, personal_data=personal_data)
    return Letter(subject=parts.subject, text=_text(words, parts, magazine, personal_data), html=html)


def _confirm(words: Words, link: Callable[[Purpose], str], magazine: Magazine, choice: str, days: int) -> _Parts:
    _ = words.gettext
    return _Parts(
        subject=_("Confirm that you want {name} by e-mail").format(name=magazine.name),
        before=(
            _asked(words, magazine),
            _("You get a mail when a new issue is out, at most one an issue.") + " " + what(words, magazine, choice),
        ),
        button=_("Go on to confirm"),
        link=link("confirm"),
        after=(
            words.ngettext("The link works for {n} day.", "The link works for {n} days.", days).format(n=days),
            _("Was it not you? Then do nothing. Without your yes you get nothing from us, and we forget the address."),
        ),
    )


def _known(words: Words, link: Callable[[Purpose], str], magazine: Magazine, choice: str, _days: int) -> _Parts:
    _ = words.gettext
    return _Parts(
        subject=_("You get {name} already").format(name=magazine.name),
        before=(
            _asked(words, magazine),
            _("You subscribe already, and nothing has changed.") + " " + what(words, magazine, choice),
        ),
        button=_("Change what you get, or leave"),
        link=link("preferences"),
        after=(_("Was it not you? Then do nothing."),),
    )


def _asked(words: Words, magazine: Magazine) -> str:
    asked = words.gettext("Somebody has asked for {name} to be sent to this address. We hope that it was you.")
    return asked.format(name=magazine.name)


def what(words: Words, magazine: Magazine, choice: str) -> str:
    """A sentence on what somebody gets."""
    names = magazine.names(choice)
    if not names:
        return words.gettext("You get everything in the magazine.")
    return words.gettext("You get what is new in {categories}.").format(categories=words.join(names))


def _text(words: Words, parts: _Parts, magazine: Magazine, personal_data: str) -> str:
    signed = f"-- \n{magazine.name}\n{magazine.url}/\n{words.gettext('Personal data')}: {personal_data}"
    return "\n\n".join((*parts.before, f"{parts.button}:\n{parts.link}", *parts.after, signed)) + "\n"
