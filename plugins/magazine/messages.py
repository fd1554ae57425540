"""Every mistake that reading can find: its code, how serious it is, and what is said about it.

The texts are English and stand, translated, in `theme/translations`; `{…}` are facts of the single case. Each says
what is wrong and what to do. docs/handbok.md explains every code.
"""

from __future__ import annotations

from dataclasses import dataclass

from plugins.magazine.problems import Problem, Severity
from plugins.magazine.words import NBSP, Words

LONGEST_FACT = 300
"""How many characters of what was written a message repeats."""


def N_(text: str) -> str:
    """Mark a text for the catalogues."""
    return text


ERRORS = {
    # The file itself
    "not-utf8": N_("The file is not UTF-8 text. Open it in your editor and save it with the encoding UTF-8."),
    "empty-file": N_("The file is empty. Write the article, or remove the file."),
    "too-large": N_("The file is larger than {limit}. Divide the text, or move tables and lists to an attached file."),
    "control-character": N_("There is an invisible control character ({character}) here. Remove it."),
    "too-tangled": N_("The text cannot be read: it is nested too deep or takes too long. Simplify lists and quotes."),
    "unreadable": N_("The file cannot be read: {reason}."),
    "outside-issues": N_("Articles lie in an issue's folder. Move the file to issues/{issue}/."),
    "bad-folder": N_("“{folder}” is not an issue: a folder here is named by year and month, such as {example}."),
    "no-issue-file": N_("The issue has no issue.md. Write one with title and date (the day the issue comes out)."),
    "bad-file-name": N_(
        "The file's name becomes the article's address: only a–z, 0–9 and hyphens. Name it {proposal}."
    ),
    "other-format": N_(
        "Nothing reads {name}: a text is a Markdown file whose name ends in .md. Save it as {proposal}."
    ),
    "no-content": N_(
        "There is not one text in this folder. Articles lie in issues/{issue}/, each in a file of its own."
    ),
    # The header
    "no-header": N_(
        "The file does not start with a header. Begin with a line ---, then title:, category: and summary:, then a line ---."
    ),
    "open-header": N_("The header that starts with --- never ends. Put a line with only --- after it."),
    "bad-yaml": N_("The header cannot be read here: {reason}."),
    "unknown-key": N_("There is no “{key}” in the header. These exist: {known}."),
    "misspelt-key": N_("There is no “{key}” in the header. Did you mean “{nearest}”?"),
    "repeated-key": N_("“{key}” stands twice in the header. Keep one of them."),
    "article-date": N_(
        "An article has no date of its own: it gets its issue's. Remove this line; if the text has changed since, write modified: {date}."
    ),
    "missing-key": N_("“{key}” is missing in the header. Add a line {own}: …"),
    "empty-key": N_("“{key}” is empty. Write something after the colon, or remove the line."),
    "not-text": N_("“{key}” should be a text on the same line, not a list or a group of lines."),
    "not-list": N_("“{key}” should be a list: [one, two], or a line with a hyphen for each."),
    "not-file-list": N_("“files” should be a list of files, each with src and title."),
    "not-group": N_("“{key}” should be a group of indented lines: {known}."),
    "not-number": N_("“{key}” should be a whole number, not “{value}”."),
    "not-yes-no": N_("“{key}” should be true or false, not “{value}”."),
    "bad-date": N_("“{value}” is not a date. Write year-month-day, such as 2026-11-02."),
    "bad-time": N_("“{value}” is not a date or time. Write 2026-11-02, or 2026-11-02 13:00."),
    "impossible-date": N_("{value} does not exist in the calendar. Correct the date."),
    "event-ends-early": N_("The event ends ({end}) before it starts ({start}). Correct one of them."),
    "registers-late": N_(
        "The last day to register ({day}) is after the event has begun ({start}). Correct one of them."
    ),
    "unknown-category": N_("There is no category “{value}”. These exist: {known}."),
    "misspelt-category": N_("There is no category “{value}”. Did you mean “{nearest}”?"),
    "unknown-kind": N_("There is no kind “{value}”. These exist: {known}."),
    "misspelt-kind": N_("There is no kind “{value}”. Did you mean “{nearest}”?"),
    "unknown-status": N_("There is no status “{value}”. These exist: {known}."),
    "misspelt-status": N_("There is no status “{value}”. Did you mean “{nearest}”?"),
    "bad-slug": N_("“{value}” cannot be an address: only a–z, 0–9 and hyphens. Write {proposal}."),
    "bad-language": N_("“{value}” is not a language code. Write for example sv, en or ar."),
    "bad-address": N_(
        "“{value}” is not an address on this site. Write it from the first slash, such as /2026-11/name/."
    ),
    # Pictures and files
    "missing-picture": N_("The picture {src} does not exist. It should lie in {folder}."),
    "missing-file": N_("The file {src} does not exist. It should lie in {folder}."),
    "outside-folder": N_("{src} lies outside the content folder. Put the file in the issue's folder."),
    "bad-picture": N_("{src} is not a picture that can be shown. Save it as JPEG, PNG or WebP."),
    "bad-file-type": N_("Files of the type {type} cannot be attached. These can: {known}."),
    "no-alt": N_(
        "The picture {src} has no alt text. Describe what it shows, for those who do not see it. If it is only decoration, write {decoration}."
    ),
    # The text
    "skipped-heading": N_("The heading “{text}” skips a level. Use {level} here."),
    "top-heading": N_("The heading “{text}” has one #. That level belongs to the title: use ##."),
    "empty-heading": N_("The heading has no text. Write one, or remove the line."),
    "script": N_("The text contains a script or something that acts by itself ({what}). Remove it."),
    "bad-html": N_("The HTML {what} cannot be used in an article. Write it in Markdown, or remove it."),
    "unbalanced-html": N_(
        "The HTML element {what} is not closed where it should be. Close it, or write it in Markdown."
    ),
    "mark-without-note": N_("There is no note {mark}. Write it at the end, on a line of its own: {mark}: …"),
    "unmarked-note": N_(
        "Nothing in the text leads to the note {mark}. Put {mark} where it belongs, or remove the note."
    ),
    "repeated-note": N_("There are two notes {mark}, and only the last would be shown. Give one of them another name."),
    "repeated-id": N_(
        "The id “{id}” stands twice in the text, and a link can lead to one place only. Change one of them."
    ),
    "dead-link": N_("The link to {target} leads nowhere. Correct the address, or remove the link."),
    "dead-anchor": N_(
        "The link to {target} leads to a heading that does not exist on that page. Those on it: {known}."
    ),
    "early-link": N_(
        "The link to {target} leads to an article that is not public when this one is ({date}). Remove it, or wait."
    ),
    "early-file": N_(
        "{src} belongs to an issue that is not public when this text is ({date}). Put a copy in the text's own folder, or wait."
    ),
    "draft-link": N_("The link to {target} leads to a draft. Publish that one too, or remove the link."),
    "own-site-link": N_(
        "The link to {target} goes to our own site by its whole address. Write {proposal}, so that it works everywhere."
    ),
    "no-scheme": N_("The link to {target} lacks its beginning. Write https://{target}."),
    "bad-scheme": N_(
        "The link to {target} cannot be opened by readers. Links begin with https:, mailto: or tel:, or lead to a file here."
    ),
    "vague-link": N_(
        "The link text “{text}” does not say where the link leads. Write what the reader will find there."
    ),
    "empty-link": N_("The link to {target} has no text. Write what the reader will find there."),
    "foreign-picture": N_(
        "The picture {src} lies on another site. Put it in the issue's folder images/: readers' browsers ask nobody else."
    ),
    # The magazine as a whole
    "duplicate-slug": N_(
        "Two articles of the issue have the address {url}: the other is {other}. Change slug in one of them, or the name of a file that has none."
    ),
    "duplicate-page": N_("Two pages have the address {url}: the other is {other}. Rename one of the files."),
    "taken-address": N_("The address {url} belongs to the magazine itself. Rename the file."),
    # Addresses that readers have
    "lost-address": N_(
        "Readers have the address {url}, and it is gone. Write moved_from: [{url}] in the text that they should come to, or write here where it leads: {url} /…/ (or {url} gone)."
    ),
    "moved-address": N_(
        "Readers have the address {url}, and it is gone. Has it become {nearest}? Then write moved_from: [{url}] in {source}. Otherwise write here where it leads: {url} /…/ (or {url} gone)."
    ),
    "moved-from-in-use": N_("{url} has not moved: it is the address of {other}. Remove it from moved_from."),
    "moved-from-twice": N_("{url} cannot lead to two places: {other} has it in moved_from too. Remove one of them."),
    "moved-too-early": N_(
        "Readers have the address {url}, and this text, which is to take its place, is not out yet. Let the old one stand until then."
    ),
    "bad-ledger-line": N_(
        "“{written}” is not a line of this file: an address such as /2026-11/name/, and after it, at most, where it leads or the word gone."
    ),
    "two-ledger-lines": N_("{url} leads to {other} in another line. Remove one of them."),
    "ledger-nowhere": N_("{url} leads to {target}, which does not exist. Write an address that does, or gone."),
    "ledger-circle": N_("{url} leads in a circle, by way of {target}. Write an address that exists."),
    # The issues
    "unknown-lead": N_("The issue's lead, “{value}”, is not an article of the issue. These are: {known}."),
    "misspelt-lead": N_("The issue's lead, “{value}”, is not an article of the issue. Did you mean “{nearest}”?"),
    "draft-lead": N_("The issue's lead, “{value}”, is a draft. Publish it, or choose another."),
    "same-release-date": N_("Two issues come out on {date}: the other is {other}. Give one of them another date."),
    "issues-out-of-order": N_(
        "The issue comes out {date}, before the issue {other} although it is later. Correct the date."
    ),
    "unknown-original": N_(
        "The article is a translation of “{value}”, which is not in the issue. Write the original's file name without .md."
    ),
    "translated-twice": N_("{other} is a translation of the same article into the same language. Remove one of them."),
    "same-language": N_(
        "The translation has the same language as its original. Write lang: with the language of this text."
    ),
}

WARNINGS = {
    "month-off": N_("There is no issue in {month} (MONTHS_OFF in the settings). Move the folder, or change the setting."),
    "empty-issue": N_("The issue has no articles yet. It comes out only when it has one."),
    "too-many-pins": N_("The category {category} has {count} pinned articles but room for {room}. This one, the oldest, falls off all the same."),
    "crowded-issue": N_("The issue has {count} articles in the category {category}, which has room for {room} of them. The last ones are archived at once."),
    "cut-by-hash": N_("Everything from {text} on is left out, because # begins a comment. Put quotation marks around the value."),
    "modified-later": N_("The article says that it was changed on {day}, a day that has not come. Correct the date."),
    "two-spellings": N_("“{name}” is also written “{other}”. They share the page {url}: choose one spelling."),
    "fill-in": N_("Something is left to fill in here: {text}"),
    "no-page": N_("The magazine uses the built-in page {url}, where something is left to fill in. Copy {source} to {target} and complete it."),
    "no-lang": N_("The article is a translation but does not say its language. Add a line lang: …"),
}  # fmt: skip


ADVICE = {
    "hard-text": N_("The text has LIX {lix}; from {limit} on, texts are hard to read. Make sentences shorter, and take shorter words."),
    "long-sentence": N_("The sentence “{beginning} …” has {count} words. Divide it: beyond {limit} readers lose the thread."),
    "passive": N_("“{word}” does not say who does it. Say who, with “{active}”."),
    "jargon": N_("“{word}” is official jargon. Better: {better}."),
    "avoided-word": N_("“{word}” is a word that the magazine avoids. Better: {better}."),
    "misspelt-word": N_("“{word}” is not in the dictionary. Did you mean {proposals}? If it is right, write it into {list}."),
    "unknown-word": N_("“{word}” is not in the dictionary. If it is right, write it into {list}."),
    "more-advice": N_("There are {count} more pieces of advice on this text. See them with: inv check --advice all"),
}  # fmt: skip
"""Not mistakes: what could be said more plainly. `inv check` gives it, and a build does not ask for it."""


@dataclass(slots=True)
class Report:
    """Collects the problems of one file, in the magazine's language."""

    path: str
    words: Words
    problems: list[Problem]

    def add(self, code: str, line: int = 1, **facts: object) -> None:
        self.problems.append(problem(self.words, self.path, line, code, **facts))


def problem(words: Words, path: str, line: int, code: str, **facts: object) -> Problem:
    """Say one mistake. `facts` are what the text of `code` has in braces."""
    severity: Severity = "error" if code in ERRORS else "warning" if code in WARNINGS else "advice"
    text = words.gettext(ERRORS.get(code) or WARNINGS.get(code) or ADVICE[code])
    text = text.format(**{name: _short(str(fact)) for name, fact in facts.items()})
    return Problem(path=path, line=max(line, 1), text=printable(text), code=code, severity=severity)


def _short(fact: str) -> str:
    return fact if len(fact) <= LONGEST_FACT else fact[: LONGEST_FACT - 1] + "…"


def printable(text: str) -> str:
    """Text on one line that any terminal can show; what is not, as Python would write it: a line end becomes \\n."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == NBSP else c.encode("unicode_escape").decode() for c in text)
