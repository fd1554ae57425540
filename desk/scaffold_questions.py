"""`inv new-issue` and `inv new-article`: what was not said is asked for, where there is somebody to ask."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from desk import scaffold
from desk.scaffold import Missing, Planned, Refused
from plugins.magazine.folder import FOLDER, ISSUE_FILE, ISSUES
from plugins.magazine.model import slugify
from plugins.magazine.problems import nearest
from plugins.magazine.schema import SLUG
from plugins.magazine.settings import Settings, parse_day
from plugins.magazine.words import NBSP, Words

T = TypeVar("T")


def at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks at a terminal. Elsewhere, what has a default takes it and what has none is missed."""

    words: Words
    terminal: bool

    def ask(
        self,
        option: str,
        given: str,
        question: str,
        check: Callable[[str], T],
        default: str | None = None,
        choices: Sequence[str] = (),
    ) -> T:
        """The value of an option, as `check` makes it of the text.

        `check` raises `Refused`; at a terminal that is said and the question asked again, unless the text was given
        as an option. `choices` are shown, numbered.
        """
        if given:
            return check(given)
        if not self.terminal:
            if default is not None:
                return check(default)
            said = self.words.gettext("{option} is missing. {question}").format(option=option, question=question)
            raise Missing(f"{said} {', '.join(choices)}".rstrip())
        for number, choice in enumerate(choices, 1):
            print(f"  {number} {choice}")
        prompt = f"{question} [{default}] " if default else f"{question} "
        while True:
            answer = self._answer(prompt) or default or ""
            try:
                return check(answer)
            except Refused as refused:
                print(f"  {refused}")

    def _answer(self, prompt: str) -> str:
        with suppress(ImportError):
            import readline  # noqa: F401  # lets one move within the line; not on every system
        try:
            return input(prompt).strip()
        except (EOFError, KeyboardInterrupt):
            print()
            raise Refused(self.words.gettext("Stopped. Nothing is written.")) from None


# -- Issues ------------------------------------------------------------------------------------------------------------


def new_issue(settings: Settings, issue: str, title: str, date: str, *, anyway: bool) -> str:
    """Begin an issue; gives what was done, in words. `anyway`: also in a month in which none comes out."""
    words = Words(settings.lang)
    _ = words.gettext
    asked = Questions(words, at_terminal())
    issues = scaffold.planned(settings, words)
    free = scaffold.next_free(issues, settings)

    id_ = asked.ask(
        "ISSUE", issue, _("Which month?"), lambda text: _month(text, free, settings, words, anyway=anyway), free
    )
    name = words.month(dt.date(int(id_[:4]), int(id_[5:]), 1)).replace(NBSP, " ").capitalize()
    headline = asked.ask("--title", title, _("What is the issue called?"), lambda text: _something(text, words), name)
    proposed = scaffold.release_day(id_, issues, settings.today)
    day = asked.ask(
        "--date", date, _("On which day does it come out?"), lambda text: _day(text, id_, issues, words), str(proposed)
    )
    path = _issue_file(settings, id_)
    scaffold.write_new(path, scaffold.issue_text(headline, day, words), _shown(path), settings, words)
    said = _("{path} is written. The issue comes out on {day}. Begin an article in it with: inv new-article {issue}")
    return said.format(path=_shown(path), day=words.weekday(day), issue=id_).replace(NBSP, " ")


def _month(text: str, free: str, settings: Settings, words: Words, *, anyway: bool) -> str:
    if not FOLDER.fullmatch(text):
        raise Refused(words.gettext("An issue is named by year and month, such as {example}.").format(example=free))
    path = _issue_file(settings, text)
    if path.exists():
        raise Refused(words.gettext("{path} exists already. Nothing is written.").format(path=_shown(path)))
    if int(text[5:]) in settings.months_off and not anyway:
        said = words.gettext(
            "There is no issue in {month} (MONTHS_OFF in the settings). If there is to be one: --anyway"
        )
        raise Refused(said.format(month=words.month_name(int(text[5:]))))
    return text


def _day(text: str, id_: str, issues: Sequence[Planned], words: Words) -> dt.date:
    """A day on which the issue can come out: after those before it, before those after it."""
    try:
        day = parse_day(text)
    except ValueError:
        said = words.gettext("“{value}” is not a day. Write it as 2026-11-02.")
        raise Refused(said.format(value=text)) from None
    for other in issues:
        if other.date == day:
            said = words.gettext("The issue {issue} comes out on that day. Choose another: --date")
            raise Refused(said.format(issue=other.id))
        if (other.id < id_) != (other.date < day):
            said = words.gettext(
                "Issues come out in the order of their names, and {issue} does on {day}. Choose another day: --date"
            )
            raise Refused(said.format(issue=other.id, day=words.day(other.date)).replace(NBSP, " "))
    return day


# -- Articles ----------------------------------------------------------------------------------------------------------


def new_article(settings: Settings, issue: str, title: str, category: str, summary: str, kind: str, slug: str) -> str:
    """Begin an article; gives what was done, in words."""
    words = Words(settings.lang)
    _ = words.gettext
    asked = Questions(words, at_terminal())

    home = _ask_issue(asked, issue, settings)
    headline = asked.ask("--title", title, _("What is the headline?"), lambda text: _something(text, words))
    names = dict(settings.categories)
    by_name = {slug: slug for slug in names} | {name: slug for slug, name in names.items()}
    shelf = asked.ask(
        "--category",
        category,
        _("Which category?"),
        lambda text: _chosen(text, by_name, list(names), list(names.values()), words),
        choices=list(names.values()),
    )
    kinds = list(settings.kinds)
    sort = asked.ask(
        "--kind",
        kind,
        _("Which kind of article?"),
        lambda text: _chosen(text, {kind: kind for kind in kinds}, kinds, kinds, words),
        kinds[0],
        kinds,
    )
    ingress = asked.ask("--summary", summary, _("Ingress? (It can wait.)"), scaffold.clean, "")
    taken = scaffold.taken_slugs(home.id, settings, words)
    free = scaffold.free_slug(headline, taken)
    end = asked.ask(
        "--slug",
        slug,
        _("What is the file to be called? (without .md)"),
        lambda text: _end(text, taken, free, words),
        free if asked.terminal else scaffold.free_slug(headline, set()),  # a script that runs twice writes one file
    )
    path = settings.content / ISSUES / home.id / f"{end}.md"
    kind = "" if sort == kinds[0] else sort
    text = scaffold.article_text(headline, shelf, ingress, kind, end, home.date, settings, words)
    scaffold.write_new(path, text, _shown(path), settings, words)
    return _("{path} is written. Open it and write the text under the header.").format(path=_shown(path))


def _ask_issue(asked: Questions, given: str, settings: Settings) -> Planned:
    words = asked.words
    issues = scaffold.planned(settings, words)
    if not issues:
        raise Refused(words.gettext("There is no issue yet. Begin one with: inv new-issue"))
    coming = [issue for issue in issues if issue.date > settings.today] or issues[-1:]
    by_id = {issue.id: issue for issue in issues}

    def check(text: str) -> Planned:
        if text.isdecimal() and 0 < int(text) <= len(coming):
            return coming[int(text) - 1]
        if text in by_id:
            return by_id[text]
        known = ", ".join(issue.id for issue in coming)
        said = words.gettext("There is no issue “{value}”. Choose among {known}, or begin another with: inv new-issue")
        raise Refused(said.format(value=text, known=known))

    choices = [f"{issue.id} {issue.title}" for issue in coming]
    return asked.ask(
        "ISSUE", given, words.gettext("Which issue?"), check, coming[0].id if asked.terminal else None, choices
    )


def _something(text: str, words: Words) -> str:
    text = scaffold.clean(text)
    if not text:
        raise Refused(words.gettext("Something must stand here."))
    return text


def _chosen(text: str, known: Mapping[str, str], meanings: Sequence[str], shown: Sequence[str], words: Words) -> str:
    """What a number in the list, or one of the `known` names, stands for."""
    folded = {name.casefold(): meaning for name, meaning in known.items()}
    if text.casefold() in folded:
        return folded[text.casefold()]
    if text.isdecimal() and 0 < int(text) <= len(meanings):
        return meanings[int(text) - 1]
    if found := nearest(text, known):
        said = words.gettext("There is no “{value}”. Did you mean “{nearest}”?").format(value=text, nearest=found)
    else:
        said = words.gettext("There is no “{value}”. Choose among: {known}.")
        said = said.format(value=text, known=", ".join(shown))
    raise Refused(said)


def _end(text: str, taken: set[str], free: str, words: Words) -> str:
    """A slug that nothing in the issue has."""
    if not SLUG.fullmatch(text):
        said = words.gettext(
            "A file's name becomes the article's address: only a–z, 0–9 and hyphens. Write {proposal}."
        )
        raise Refused(said.format(proposal=slugify(text)))
    if text in taken:
        said = words.gettext(
            "The issue has {name}.md already. Nothing is written. Take another name: --slug {proposal}"
        )
        raise Refused(said.format(name=text, proposal=free))
    return text


def _issue_file(settings: Settings, issue: str) -> Path:
    return settings.content / ISSUES / issue / ISSUE_FILE


def _shown(path: Path) -> str:
    """A path from where the command was given, if the way leads down."""
    return (path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path).as_posix()
