"""The project's commands: `inv X` here, or `make X` anywhere. Each is a call into one of the rooms."""

from __future__ import annotations

import io
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task

from desk.arguments import AskingTask

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
    "format": "text, json, or github and gitlab (for annotations at the line)",
    "advice": "few (on issues to come), all (on every text) or none: how texts could be plainer",
    "site": "also build the site, for today and for issues to come, and look at it as publishing will",
    "host": "the address to listen on",
    "port": "the port to listen on",
    "issue": "the issue: year and month, such as 2026-12",
    "title": "the headline, or the issue's title",
    "date": "the day on which the issue comes out, such as 2026-12-07",
    "anyway": "also in a month in which there is no issue (MONTHS_OFF)",
    "category": "the category, by its address or its name",
    "summary": "the ingress",
    "kind": "the kind of article, such as notis",
    "slug": "the file's name without .md (else made of the headline)",
    "to": "where readers' server finds the magazine: a folder, or user@host:/path",
    "rollback": "publish nothing: give readers the release before again",
    "ssh": 'how to reach the other machine, such as "ssh -p 2222 -i key"',
    "manifest": "the file with the manifest of what was published",
    "live": "the published address (else SITEURL of the settings)",
    "every": "ask for every file, not only for what readers of the newest issue meet",
    "tries": "how often to try, with a pause between",
    "pause": "how many seconds to wait between two tries",
    "newsletter": "the newsletter's address (else NEWSLETTER_URL of the settings)",
    "days": "not older than this many days",
    "remote": "the name or address of the repository to push to",
    "branch": "the branch that is published",
    "poll": "look for saves instead of being told of them: for network drives that do not tell",
}


def _help(*names: str) -> dict[str, str]:
    return {name: OPTIONS[name] for name in names}


@contextmanager
def _said() -> Iterator[None]:
    """What is wrong with settings, content or the disk is said in words; exit code 1."""
    from desk.scaffold import Refused
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
    except Refused as refused:
        raise Exit(str(refused), code=refused.code) from None
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


@task(help=_help("settings", "content", "format", "today", "advice", "site"))
def check(
    _: Context,
    settings: str = "pelicanconf.py",
    content: str = "",
    format: str = "text",
    today: str = "",
    advice: str = "few",
    site: bool = False,
) -> None:
    """List everything that is wrong with the content, as path:line: text. Exit code 1 if any of it is an error."""
    from desk import build as desk
    from desk import rehearsal
    from plugins.language.spelling import speller
    from plugins.magazine.problems import errors

    if format not in desk.FORMATS:
        raise Exit(f"--format: text, json, github or gitlab, not {format!r}", code=2)
    if advice not in desk.ADVICE:
        raise Exit(f"--advice: few, all or none, not {advice!r}", code=2)
    with _said():
        values = desk.load_settings(Path(settings), _path(content), None, today)
        problems = rehearsal.check(values, advice) if site else desk.check(values, advice)
        lang, spelt = values["DEFAULT_LANG"], advice == "none" or values["DEFAULT_LANG"] != "sv" or bool(speller())
        print(desk.listing(problems, format, lang, spelt=spelt))
        if format == "gitlab":  # the report is for GitLab; who opens the job's log reads this
            print(desk.listing(problems, "text", lang, spelt=spelt), file=sys.stderr)
        if errors(problems):
            raise Exit(code=1)


@task(klass=AskingTask, help=_help("issue", "title", "date", "anyway", "settings", "content", "today"))
def new_issue(
    _: Context,
    issue: str = "",
    title: str = "",
    date: str = "",
    anyway: bool = False,
    settings: str = "pelicanconf.py",
    content: str = "",
    today: str = "",
) -> None:
    """Begin an issue: inv new-issue 2026-12. Asks for what is not said."""
    from desk import scaffold_questions as desk
    from desk.build import load_settings
    from plugins.magazine.settings import from_pelican

    with _said():
        magazine = from_pelican(load_settings(Path(settings), _path(content), None, today))
        print(desk.new_issue(magazine, issue, title, date, anyway=anyway))


@task(
    klass=AskingTask,
    help=_help("issue", "title", "category", "summary", "kind", "slug", "settings", "content", "today"),
)
def new_article(
    _: Context,
    issue: str = "",
    title: str = "",
    category: str = "",
    summary: str = "",
    kind: str = "",
    slug: str = "",
    settings: str = "pelicanconf.py",
    content: str = "",
    today: str = "",
) -> None:
    """Begin an article: inv new-article 2026-12 --title … --category …. Asks for what is not said."""
    from desk import scaffold_questions as desk
    from desk.build import load_settings
    from plugins.magazine.settings import from_pelican

    with _said():
        magazine = from_pelican(load_settings(Path(settings), _path(content), None, today))
        print(desk.new_article(magazine, issue, title, category, summary, kind, slug))


@task(
    help=_help("settings", "content", "today")
    | {"format": "text, json or markdown", "json": "the same as --format json"}
)
def forecast(
    _: Context,
    settings: str = "pelicanconf.py",
    content: str = "",
    today: str = "",
    format: str = "text",
    json: bool = False,
) -> None:
    """Tell what the next issue brings, and what falls off each category."""
    from desk import forecast as desk
    from desk.build import load_settings

    form = "json" if json else format
    if form not in desk.FORMATS:
        raise Exit(f"--format: text, json or markdown, not {form!r}", code=2)
    with _said():
        values = load_settings(Path(settings), _path(content), None, today)
        print(desk.tell(values, form, shutil.get_terminal_size().columns))


@task(help=_help("settings", "content", "today", "jobs", "host", "port", "poll"))
def preview(
    _: Context,
    settings: str = "pelicanconf.py",
    content: str = "",
    today: str = "",
    jobs: str = "",
    host: str = "localhost",
    port: str = "8000",
    poll: bool = False,
) -> None:
    """Show the magazine at http://localhost:8000 as it is written: every save shows at once in the open browser."""
    from desk.build import load_settings
    from desk.preview import preview as show

    with _said():
        count = _count("jobs", jobs, 1)
        show(
            lambda url: load_settings(Path(settings), _path(content), None, today, count, SITEURL=url),
            Path(settings),
            host,
            _count("port", port),
            polling=poll or None,
        )


@task(help=_help("to", "settings", "content", "today", "jobs", "rollback", "ssh", "manifest"))
def publish(
    _: Context,
    to: str,
    settings: str = "publishconf.py",
    content: str = "",
    today: str = "",
    jobs: str = "",
    rollback: bool = False,
    ssh: str = "",
    manifest: str = "",
) -> None:
    """Publish the magazine: check, build beside, look at every file, swap in one step; the last five are kept."""
    from desk import publish as desk
    from desk.build import load_settings
    from plugins.magazine.words import Words

    if to.startswith("-"):  # a place is given first, so invoke would take an option for it
        raise Exit(
            f"inv publish: a folder or user@host:/path, not {to!r}. About its options: inv --help publish", code=2
        )
    with _said():
        values = load_settings(Path(settings), _path(content), None, today, _count("jobs", jobs, 1))
        words = Words(values["DEFAULT_LANG"])
        try:
            if rollback:
                print(desk.gone_back(*desk.rollback(to, words, ssh), words))
                return
            done = desk.publish(values, to, ssh)
        except desk.Unfit as unfit:
            raise Exit(str(unfit), code=1) from None
        if manifest:
            desk.keep(Path(manifest), done.manifest)
        print(desk.summary(done, to, words))


@task(help=_help("settings", "today", "live", "manifest", "every", "tries", "pause"))
def verify_live(
    _: Context,
    settings: str = "publishconf.py",
    today: str = "",
    live: str = "",
    manifest: str = "",
    every: bool = False,
    tries: str = "1",
    pause: str = "20",
) -> None:
    """Ask the published address, as readers do, whether it sends what was published."""
    from desk import live as desk
    from desk.build import load_settings
    from desk.manifest import read_file
    from plugins.magazine.settings import from_pelican
    from plugins.magazine.words import Words

    with _said():
        magazine = from_pelican(load_settings(Path(settings), today=today))
        words, wanted = Words(magazine.lang), read_file(Path(manifest)) if manifest else None
        try:
            count = desk.verify(
                live or magazine.url,
                wanted,
                str(magazine.today),
                words,
                every=every,
                tries=_count("tries", tries, 1),
                pause=_count("pause", pause),
            )
        except desk.NotLive as fault:
            raise Exit(str(fault), code=1) from None
        print(words.gettext(desk.LIVE).format(n=words.number(count), url=live or magazine.url))


@task(help=_help("settings", "today", "live", "newsletter", "days", "tries", "pause"))
def release(
    _: Context,
    settings: str = "publishconf.py",
    today: str = "",
    live: str = "",
    newsletter: str = "",
    days: str = "14",
    tries: str = "1",
    pause: str = "20",
) -> None:
    """Let the newsletter mail what has come out in the last days; an issue once, however often this is run."""
    from desk import release as desk
    from desk.build import load_settings
    from plugins.magazine.settings import from_pelican
    from plugins.magazine.words import Words

    with _said():
        magazine = from_pelican(load_settings(Path(settings), today=today))
        words = Words(magazine.lang)
        try:
            said = desk.release(
                live or magazine.url,
                desk.service(magazine, newsletter),
                desk.token(),
                magazine.today,
                words,
                days=_count("days", days, 1),
                tries=_count("tries", tries, 1),
                pause=_count("pause", pause),
            )
        except desk.NotReleased as error:
            raise Exit(str(error), code=1) from None
        print(said)


@task(help=_help("settings", "content", "remote", "branch"))
def keep_ledger(
    _: Context, settings: str = "publishconf.py", content: str = "", remote: str = "origin", branch: str = "main"
) -> None:
    """Commit the ledger of addresses to the branch that is published: nothing else, and joined with what is there."""
    from desk import keep_ledger as desk
    from desk.build import load_settings
    from plugins.magazine.settings import from_pelican
    from plugins.magazine.words import Words

    with _said():
        magazine = from_pelican(load_settings(Path(settings), _path(content)))
        words = Words(magazine.lang)
        print(desk.summary(desk.keep(magazine, remote, branch, words), branch, words))


@task(help=_help("settings", "content", "today"))
def comment(_: Context, settings: str = "publishconf.py", content: str = "", today: str = "") -> None:
    """Write the forecast as a comment on the merge request that CI looks at."""
    from desk import comment as desk
    from desk.build import load_settings
    from desk.forecast import tell
    from plugins.magazine.words import Words

    with _said():
        values = load_settings(Path(settings), _path(content), None, today)
        print(desk.write(tell(values, "markdown", 80), os.environ, Words(values["DEFAULT_LANG"])))


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


TYPED = ("plugins", "newsletter", "desk", "benchmarks", "tests", "tasks.py")


@task
def lint(_: Context) -> None:
    """Check style, formatting and types."""
    _run(["ruff", "check"], ["ruff", "format", "--check"], ["mypy", *TYPED])


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


BENCHMARKS = ("build", "newsletter", "preview", "search")


@task(
    klass=AskingTask,
    help={
        "what": "build (whole sites, beside the peers), newsletter, preview or search; build if not said",
        "args": 'more for it, as in --args "--runs 5"',
    },
)
def bench(_: Context, what: str = "", args: str = "") -> None:
    """Measure again what is claimed about speed, size and search: inv bench search."""
    if what not in ("", *BENCHMARKS):
        raise Exit(f"inv bench: {', '.join(BENCHMARKS)}, not {what!r}", code=2)
    _run([f"benchmarks.{what or 'build'}", *shlex.split(args)])


@task
def translations(_: Context) -> None:
    """Bring the catalogues up to date with the texts in code and templates; list what is to be translated."""
    from desk.translations import update

    lacking = update("sv")
    if lacking:
        raise Exit("\n".join(lacking), code=1)
