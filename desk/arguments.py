"""An argument given by its place that may be left out: `inv new-issue 2026-12`, and `inv new-issue`, which asks.

invoke knows only arguments that must be given by place, and options that may be left out.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from invoke.parser.argument import Argument
from invoke.parser.context import ParserContext
from invoke.parser.parser import ParseMachine
from invoke.tasks import Task


class _MayBeLeftOut(Argument):
    """As long as it lacks a value, the next word is taken for it; at the end "" will do."""


class AskingTask(Task[Any]):
    """A command whose first argument may be given by place or left out; its value is then ""."""

    def get_arguments(self, ignore_unknown_help: bool | None = None) -> list[Argument]:
        first, *others = super().get_arguments(ignore_unknown_help)
        return [_MayBeLeftOut(names=first.names, help=first.help, positional=True), *others]


def _forgiving(complete: Callable[[ParseMachine], None]) -> Callable[[ParseMachine], None]:
    @wraps(complete)
    def wrapped(machine: ParseMachine) -> None:
        context = cast("ParserContext | None", machine.context)  # None before the first command
        for argument in context.missing_positional_args if context else ():
            if isinstance(argument, _MayBeLeftOut):
                argument.set_value("")
        complete(machine)

    return wrapped


ParseMachine.complete_context = _forgiving(ParseMachine.complete_context)  # type: ignore[method-assign, assignment]
