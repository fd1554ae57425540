"""The newsletter's commands. Each is a module in `newsletter/commands/` with `register` and `run`.

What is wrong is said in words on the error output. Exit codes: 0 done, 1 the request or a setting is wrong, 2 wrong
usage.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from newsletter import config
from newsletter.commands import Refused, bounces, copy, doctor, operate, release, serve, status, subscribers, work

COMMANDS = (serve, release, work, status, operate, subscribers, bounces, doctor, copy)


def main(arguments: Sequence[str] | None = None, environment: Mapping[str, str] = os.environ) -> int:
    """Run one command. Gives the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m newsletter", description="The newsletter. Its settings are environment variables NEWSLETTER_…"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        command.register(commands)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed, config.read(environment)))
    except (Refused, config.ConfigError) as error:
        return _said(str(error))
    except OperationalError as error:
        return _said(f"NEWSLETTER_DATABASE_URL: the database does not answer: {_first_line(error.orig)}")
    except SQLAlchemyError as error:
        return _said(f"NEWSLETTER_DATABASE_URL: the database refuses ({type(error).__name__})")
    except BrokenPipeError:  # whoever read our output has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return _said(f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except KeyboardInterrupt:
        return 130


def _said(text: str) -> int:
    print(text, file=sys.stderr)
    return 1


def _first_line(error: object) -> str:
    return next(iter(str(error).splitlines()), "")
