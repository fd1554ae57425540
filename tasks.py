"""The project's commands: `inv X` here, or `make X` anywhere. Each is a call into one of the rooms."""

from __future__ import annotations

import io
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

ROOT = Path(__file__).parent


def _run(*commands: list[str]) -> None:
    """Runs modules of this Python in the project's folder, all of them; a failure of any is the task's."""
    codes = [subprocess.run([sys.executable, "-m", *command], cwd=ROOT, check=False).returncode for command in commands]
    if any(codes):
        raise Exit(code=next(filter(None, codes)))


OPTIONS = {
    "settings": "the magazine's settings file",
    "content": "the folder with the content (else what the settings say)",
    "out": "the folder for the finished site (else what the settings say)",
    "today": "build as of this day, such as 2026-12-07",
    "jobs": "how many processes",
    "clean": "forget what earlier builds kept",
    "format": "text, json or github (annotations in a pull request)",
    "host": "the address to listen on",
    "port": "the port to listen on",
}


def _help(*names: str) -> dict[str, str]:
    return {name: OPTIONS[name] for name in names}


@contextmanager
def _said() -> Iterator[None]:
    """What is wrong with settings, content or the disk is said in words; exit code 1."""
    from plugins.magazine.problems import ContentError, as_text, errors
    from plugins.magazine.settings import SettingsError

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal may have no å
    try:
        yield
    except ContentError as error:
        raise Exit(as_text(errors(error.problems)), code=1) from None
    except SettingsError as error:
        raise Exit(str(error), code=1) from None
    except OSError as error:
        raise Exit(f"{error.filename}: {error.strerror}" if error.filename else str(error), code=1) from None


@task(help=_help("settings", "content", "out", "today", "jobs", "clean"))
def build(
    _: Context,
    settings: str = "pelicanconf.py",
    content: str = "",
    out: str = "",
    today: str = "",
    jobs: str = "",
    clean: bool = False,
) -> None:
    """Build the site: content → output. Refuses, and leaves the old output alone, if the content has an error."""
    from desk import build as desk

    with _said():
        values = desk.load_settings(Path(settings), _path(content), _path(out), today, _count("jobs", jobs, 1))
        print(desk.summary(desk.build(values, clean=clean), Path(values["OUTPUT_PATH"])))


@task(help=_help("settings", "content", "format", "today"))
def check(
    _: Context, settings: str = "pelicanconf.py", content: str = "", format: str = "text", today: str = ""
) -> None:
    """List everything that is wrong with the content, as path:line: text. Exit code 1 if any of it is an error."""
    from desk import build as desk
    from plugins.magazine.problems import errors

    if format not in desk.FORMATS:
        raise Exit(f"--format: text, json or github, not {format!r}", code=2)
    with _said():
        values = desk.load_settings(Path(settings), _path(content), None, today)
        problems = desk.check(values)
        print(desk.listing(problems, format, values["DEFAULT_LANG"]))
        if errors(problems):
            raise Exit(code=1)


@task(help=_help("settings", "content", "out", "today", "jobs", "host", "port"))
def preview(
    _: Context,
    settings: str = "pelicanconf.py",
    content: str = "",
    out: str = "",
    today: str = "",
    jobs: str = "",
    host: str = "localhost",
    port: str = "8000",
) -> None:
    """Build the magazine, show it at http://localhost:8000, and build it again after every save."""
    from desk import preview as desk
    from desk.build import load_settings

    with _said():
        desk.preview(
            lambda: load_settings(Path(settings), _path(content), _path(out), today, _count("jobs", jobs, 1)),
            Path(settings),
            host,
            _count("port", port),
        )


def _count(option: str, text: str, least: int = 0) -> int:
    """A number given as an option; 0 if it was not. Anything else is wrong usage."""
    if text and not (text.isdecimal() and len(text) < 10 and int(text) >= least):
        raise Exit(f"--{option}: a whole number from {least}, not {text!r}", code=2)
    return int(text or 0)


def _path(name: str) -> Path | None:
    return Path(name) if name else None


@task(help={"k": "only tests whose names match, as pytest's -k", "args": 'more for pytest, as in --args "-x -n0"'})
def test(_: Context, k: str = "", args: str = "") -> None:
    """Run all tests; gets a browser for them first, where there is none."""
    from tests import browser

    browser.find() or browser.install()
    _run(["pytest", *(["-k", k] if k else []), *shlex.split(args)])


@task
def lint(_: Context) -> None:
    """Check style, formatting and types."""
    typed = [name for name in ("plugins", "newsletter") if (ROOT / name).exists()]
    _run(["ruff", "check"], ["ruff", "format", "--check"], ["mypy", *typed])


@task(name="format")
def format_(_: Context) -> None:
    """Format the code, and mend what can be mended by itself."""
    _run(["ruff", "check", "--fix", "--exit-zero", "--quiet"], ["ruff", "format"])


@task(help={"upgrade": "take the newest version of everything, not only of what is new in the .in files"})
def requirements(_: Context, upgrade: bool = False) -> None:
    """Pin requirements*.in in requirements*.txt: every platform, with hashes."""
    command = ["uv", "pip", "compile", "--no-config", "--quiet", "--universal", "--python-version=3.11"]
    command += ["--generate-hashes", "--custom-compile-command=make requirements", *(["--upgrade"] if upgrade else [])]
    for name in ("requirements", "requirements-dev"):
        _run([*command, f"{name}.in", f"--output-file={name}.txt"])


@task(help={"what": "build (whole sites, beside the peers) or search", "args": 'more for it, as in --args "--runs 5"'})
def bench(_: Context, what: str = "build", args: str = "") -> None:
    """Measure again what is claimed about speed, size and search."""
    if what not in ("build", "search"):
        raise Exit(f"--what: build or search, not {what!r}", code=2)
    _run([f"benchmarks.{what}", *shlex.split(args)])


@task
def translations(_: Context) -> None:
    """Bring the catalogues up to date with the texts in code and templates; list what is to be translated."""
    from desk.translations import update

    lacking = update("sv")
    if lacking:
        raise Exit("\n".join(lacking), code=1)
