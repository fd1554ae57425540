"""What is wrong with a template or a plugin, said in a sentence instead of a stack trace."""

from __future__ import annotations

import traceback
from pathlib import Path

from jinja2 import TemplateSyntaxError

from plugins.magazine.defaults import ROOT
from plugins.magazine.messages import printable
from plugins.magazine.problems import Problem
from plugins.magazine.settings import Settings
from plugins.magazine.words import Words


def fault(error: Exception, settings: Settings | None) -> Problem:
    """What happened, and where in the theme or the code: in the theme, if both are in it, for that is being edited."""
    words = Words(settings.lang if settings else "sv")
    places = [(Path(frame.filename), frame.lineno or 1) for frame in traceback.extract_tb(error.__traceback__)]
    if isinstance(error, TemplateSyntaxError) and error.filename:
        places.append((Path(error.filename), error.lineno))
    ours = [place for place in places if place[0].is_relative_to(ROOT) and "site-packages" not in place[0].parts]
    theme = [place for place in places if settings and place[0].is_relative_to(settings.theme)]
    path, line = (theme or ours or places or [(Path(), 0)])[-1]
    reason = printable(f"{type(error).__name__}: {error}".rstrip(": "))
    text = words.gettext("This stops the magazine: {reason}. Mend it, or undo the last change.").format(reason=reason)
    return Problem(path=shown(path), line=line, text=text, code="fault")


def shown(path: Path) -> str:
    """A path as people are shown it: from where the command was given, if it leads down."""
    return (path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path).as_posix()
