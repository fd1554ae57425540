"""Checks and builds a magazine with Pelican. A build happens beside the old one, then takes its place."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pelican
import pelican.log
import pelican.settings

from plugins.magazine import defaults, signals
from plugins.magazine.generator import MagazineGenerator
from plugins.magazine.problems import SEVERITIES, Problem, as_github, as_gitlab, as_json, as_text
from plugins.magazine.settings import SettingsError, cache_folder, from_pelican
from plugins.magazine.site import Site
from plugins.magazine.words import Words

logging.setLoggerClass(logging.Logger)  # Pelican makes its own everybody's: one that raises what it should log

FORMATS = ("text", "json", "github", "gitlab")
ADVICE = ("few", "all", "none")
"""How much advice on plain language a check gives: some on what is still to come, all on everything, none."""

MARK = "magazine.json"
"""A folder with this file in it is a built magazine, which the next build may replace."""


@dataclass(frozen=True, slots=True)
class Built:
    """What a build came to."""

    site: Site
    files: int
    warnings: tuple[Problem, ...]
    seconds: float


def load_settings(
    file: Path, content: Path | None = None, out: Path | None = None, today: str = "", jobs: int = 0, **more: Any
) -> dict[str, Any]:
    """Pelican's settings: the defaults, on top of them those of `file`, on top of these what the command says.

    Paths in the file count from its own folder. Raises `SettingsError`, which names the key or the file's line.
    """
    values = {**_upper(vars(defaults)), "PATH": "content", "OUTPUT_PATH": "output", **_execute(file)}
    for key in ("PATH", "OUTPUT_PATH", "THEME", "CACHE_PATH"):
        values[key] = str((file.parent / str(values[key])).resolve())
    given = {"PATH": content and str(content.resolve()), "OUTPUT_PATH": out and str(out.resolve())}
    values.update({key: value for key, value in {**given, "TODAY": today, "JOBS": jobs, **more}.items() if value})
    if not Path(values["PATH"]).is_dir():
        raise SettingsError("PATH", f"there is no folder {values['PATH']}; name the content's folder with --content")
    if not Path(values["THEME"]).is_dir():
        raise SettingsError("THEME", f"there is no folder {values['THEME']}")
    values["SITEURL"] = from_pelican(values).url  # says what is wrong before Pelican stumbles on it or puts in its own
    settings: Any = pelican.settings.read_settings(override=values)
    return dict(settings)


def check(settings: Mapping[str, Any], advice: str = "none") -> tuple[Problem, ...]:
    """Everything that is wrong with the content, sorted by file and line, with as much of `ADVICE`. Writes nothing."""
    with quiet():
        made = generator(pelican.Pelican(dict(settings)))
        problems = set(made.examine())
        if advice != "none":
            problems |= set(signals.gather(signals.advise, made.site, every=advice == "all"))
        return tuple(sorted(problems))


def build(settings: Mapping[str, Any], *, clean: bool = False) -> Built:
    """Build the magazine into the settings' OUTPUT_PATH. Raises `ContentError` or `SettingsError`; then the old
    output stands as it was."""
    out = Path(settings["OUTPUT_PATH"])
    _refuse_to_replace(out, Path(settings["PATH"]))
    if clean:
        shutil.rmtree(cache_folder(settings), ignore_errors=True)
    _sweep(out)
    beside = out.parent / f".{out.name}.new-{os.getpid()}"
    started = time.monotonic()
    finished: list[Built] = []

    def note(site: Site, files: int, problems: tuple[Problem, ...]) -> None:
        finished.append(Built(site, files, problems, time.monotonic() - started))

    try:
        beside.mkdir(parents=True)
        with quiet(), signals.written.connected_to(note):
            pelican.Pelican({**settings, "OUTPUT_PATH": str(beside)}).run()
        if out.exists():
            out.rename(out.parent / f".{out.name}.old-{os.getpid()}")
        beside.rename(out)
    finally:
        try:
            _sweep(out)
        except KeyboardInterrupt:  # what is left is cleared away even so
            _sweep(out)
            raise
    return finished[0]


def summary(built: Built, out: Path) -> str:
    """One line on what was built, and one on the warnings, if there are any."""
    words, magazine = built.site.words, built.site.magazine
    line = words.gettext("{articles} articles in {issues} issues: {files} files in {seconds} seconds → {out}").format(
        articles=words.number(len(magazine.articles)),
        issues=words.number(len(magazine.issues)),
        files=words.number(built.files),
        seconds=words.number(round(built.seconds, 1)),
        out=out,
    )
    if built.warnings:
        more = words.ngettext("{n} warning: see inv check", "{n} warnings: see inv check", len(built.warnings))
        line += "\n" + more.format(n=len(built.warnings))
    return line


def listing(problems: Sequence[Problem], form: str, lang: str, *, spelt: bool = True) -> str:
    """The problems in one of `FORMATS`; as text with a last line that counts them. `spelt`: spelling has been looked
    at, or was not to be."""
    if form == "json":
        return as_json(problems)
    if form == "github":
        return as_github(problems)
    if form == "gitlab":
        return as_gitlab(problems)
    words = Words(lang)
    wrong, warned, advised = ([p.severity for p in problems].count(severity) for severity in SEVERITIES)
    counts = [
        words.ngettext("{n} error", "{n} errors", wrong).format(n=wrong),
        words.ngettext("{n} warning", "{n} warnings", warned).format(n=warned),
    ]
    if advised:
        counts.append(words.ngettext("{n} piece of advice", "{n} pieces of advice", advised).format(n=advised))
    lines = [as_text(problems, words.gettext("warning"), words.gettext("advice")), f"{', '.join(counts)}."]
    if not spelt:
        lines.append(words.gettext("Nobody has looked at the spelling: hunspell with hunspell-sv is missing."))
    return "\n".join(filter(None, lines))


def generator(made: pelican.Pelican) -> MagazineGenerator:
    settings = made.settings
    return MagazineGenerator(
        context={},
        settings=settings,
        path=settings["PATH"],
        theme=settings["THEME"],
        output_path=settings["OUTPUT_PATH"],
    )


def _upper(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key.isupper()}


def _execute(file: Path) -> dict[str, Any]:
    """Run a settings file. Whatever goes wrong in it is said with its line."""
    path = file.resolve()
    if not path.is_file():
        raise SettingsError("--settings", f"there is no file {file}")
    if path.suffix != ".py":
        raise SettingsError("--settings", f"{file} must be a Python file, with a name that ends in .py")
    with _importing_from(path.parent):
        try:
            return dict(pelican.settings.get_settings_from_file(str(path)))
        except SyntaxError as error:
            raise SettingsError("--settings", f"{error.filename or file}:{error.lineno or 1}: {error.msg}") from None
        except (Exception, SystemExit) as error:
            trace, line = error.__traceback__, 1
            while trace:
                if trace.tb_frame.f_code.co_filename == str(path):
                    line = trace.tb_lineno
                trace = trace.tb_next
            said = f"{type(error).__name__}: {error}".rstrip(": ")
            raise SettingsError("--settings", f"{file}:{line}: {said}") from error


@contextmanager
def _importing_from(folder: Path) -> Iterator[None]:
    """A settings file can import from the one beside it; what it imported is read anew the next time."""
    before = dict(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        for name, module in list(sys.modules.items()):
            source = getattr(module, "__file__", None)
            if before.get(name) is not module and source and Path(source).resolve().parent == folder:
                del sys.modules[name]
        sys.modules.update(before)


@contextmanager
def quiet() -> Iterator[None]:
    """Pelican says only what is wrong, and what is wrong with a plugin stops the build instead of being logged.

    Pelican makes every logger of the process stop at an error: afterwards they only log again.
    """
    fatal = pelican.log.FatalLogger.fatal_lvl
    pelican.log.init(level=logging.WARNING, fatal="errors", name="pelican")
    before, pelican.log.console.quiet = pelican.log.console.quiet, True
    try:
        yield
    finally:
        pelican.log.console.quiet = before
        pelican.log.FatalLogger.fatal_lvl = fatal


def _refuse_to_replace(out: Path, content: Path) -> None:
    if out == content or out in content.parents or content in out.parents:
        raise SettingsError("--out", f"{out} and the content's folder {content} must not lie in each other")
    if out.is_dir() and any(out.iterdir()) and not (out / MARK).is_file():
        raise SettingsError("--out", f"{out} is not a built magazine; name an empty folder, or a new one")
    if out.exists() and not out.is_dir():
        raise SettingsError("--out", f"{out} is a file")


def _sweep(out: Path) -> None:
    """Clear away what this build and killed ones left. An old output on its way out comes back if no new one is in."""
    for left in sorted(out.parent.glob(f".{out.name}.*-*")):
        kind, _, pid = left.name.removeprefix(f".{out.name}.").partition("-")
        if not pid.isdigit() or (int(pid) != os.getpid() and _alive(int(pid))):
            continue
        if kind == "old" and not out.exists():
            left.rename(out)
        elif kind in ("old", "new"):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    if sys.platform == "win32":  # there is no asking: 0 would be Ctrl+C
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
