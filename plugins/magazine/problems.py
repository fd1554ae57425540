"""What is wrong with the content, said to the one who can mend it: where, what, and what to do."""

from __future__ import annotations

import difflib
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "advice"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "advice")


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """One mistake. `path` is relative to where the command was given a folder; `line` counts from 1."""

    path: str
    line: int
    text: str
    """What is wrong and what to do, in the magazine's language."""
    code: str
    """A short name for the kind of mistake, the same in every language; the handbook has an entry for each."""
    severity: Severity = "error"


class ContentError(Exception):
    """The content cannot be built as it is. Holds every problem found, warnings too."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        super().__init__("\n" + as_text(errors(self.problems)))

    def __reduce__(self) -> tuple[type[ContentError], tuple[tuple[Problem, ...]]]:
        """So that it can be raised in another process: by itself, it would be made anew from its text."""
        return ContentError, (self.problems,)


def errors(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    return tuple(problem for problem in problems if problem.severity == "error")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The one among `known` that `word` most likely was meant to be, or None if nothing is near."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def as_text(problems: Sequence[Problem], warning: str = "warning", advice: str = "advice") -> str:
    """`path:line: text`, a line each: errors, then warnings, then advice; these say so (in the reader's words)."""
    signs = {"error": "", "warning": f"{warning}: ", "advice": f"{advice}: "}
    apart = sorted(problems, key=lambda p: SEVERITIES.index(p.severity))
    return "\n".join(f"{p.path}:{p.line}: {signs[p.severity]}{p.text}" for p in apart)


def as_json(problems: Sequence[Problem]) -> str:
    return json.dumps([asdict(problem) for problem in problems], ensure_ascii=False, indent=2)


def as_github(problems: Sequence[Problem]) -> str:
    """GitHub's workflow commands, which annotate the line in a pull request."""
    return "\n".join(
        f"::{_LEVELS[p.severity]} file={_property(p.path)},line={p.line},title={_property(p.code)}::{_message(p.text)}"
        for p in problems
    )


_LEVELS = {"error": "error", "warning": "warning", "advice": "notice"}
_GRAVITY = {"error": "major", "warning": "minor", "advice": "info"}


def as_gitlab(problems: Sequence[Problem]) -> str:
    """GitLab's code quality report, which is shown at the line in a merge request."""
    seen: Counter[tuple[str, str, str]] = Counter()
    rows = []
    for p in problems:
        which = (p.path, p.code, p.text)
        seen[which] += 1
        rows.append(
            {
                "description": p.text,
                "check_name": p.code,
                "fingerprint": hashlib.sha256(repr((which, seen[which])).encode()).hexdigest(),
                "severity": _GRAVITY[p.severity],
                "location": {"path": p.path, "lines": {"begin": p.line}},
            }
        )
    return json.dumps(rows, ensure_ascii=False, indent=2)


def _message(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
