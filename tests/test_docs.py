"""The manuals say what is true: every message, setting, header and command in them is that of the code."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import shlex
import signal
import string
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from invoke.collection import Collection

import tasks
from desk import build as desk
from desk.headers import FOR_EVER, HEADERS, POLICY
from desk.verify import FAULTS, HINTS
from plugins.magazine import content, defaults, schema, signals
from plugins.magazine.files import TYPES
from plugins.magazine.frontmatter import take_apart
from plugins.magazine.messages import ADVICE, ERRORS, WARNINGS, Report
from plugins.magazine.problems import errors
from plugins.magazine.settings import KINDS, from_pelican
from plugins.magazine.words import Words
from tests.building import ROOT, build, draw, environment, inv, inv_command, write, write_magazine, write_settings
from tests.terminal import Terminal

HANDBOOK, OPERATIONS, ARCHITECTURE = "docs/handbok.md", "docs/operations.md", "docs/architecture.md"
MANUALS = ("README.md", "CHANGELOG.md", HANDBOOK, OPERATIONS, ARCHITECTURE, "docs/decisions.md")
PAGES = ("om", "personuppgifter", "prenumerera", "tillganglighet")
MESSAGES = ERRORS | WARNINGS | ADVICE | {f"site-{code}": text for code, text in (FAULTS | HINTS).items()}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
WHOLE_FILE = re.compile(
    r"filen\s+`(issues/[^`]+)`:\n\n```markdown\n(.*?)^```$", re.IGNORECASE | re.DOTALL | re.MULTILINE
)


def manual(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def flat(text: str) -> str:
    """Text without line ends and quotation signs at their beginning, as it is read."""
    return " ".join(re.sub(r"^> ?", "", text, flags=re.MULTILINE).split())


def fences(text: str, language: str) -> list[str]:
    return [code for named, code in FENCE.findall(text) if named == language]


# -- The handbook ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", MESSAGES)
def test_the_handbook_explains_every_message(code: str) -> None:
    """Each code has an entry of its own, which quotes the message and says more."""
    entry = re.search(rf"^#### {code}\n(.*?)(?=^##|\Z)", manual(HANDBOOK), re.DOTALL | re.MULTILINE)
    assert entry, f"docs/handbok.md lacks “#### {code}”"
    parts = string.Formatter().parse(Words("sv").gettext(MESSAGES[code]))
    said = "".join(text + ("…" if field is not None else "") for text, field, _, _ in parts)
    quote, _, explanation = entry[1].strip().partition("\n\n")
    assert flat(quote).replace("\\<", "<") == said
    assert len(explanation) > 40


def test_the_handbook_has_no_entry_for_what_is_never_said() -> None:
    """Entries of messages that are gone are gone too."""
    assert set(re.findall(r"^#### (.+)$", manual(HANDBOOK), re.MULTILINE)) == set(MESSAGES)


def handbook_files() -> dict[str, str]:
    """The examples that are whole files, by their names."""
    return dict(WHOLE_FILE.findall(manual(HANDBOOK)))


def test_the_examples_of_the_handbook_pass_the_check(tmp_path: Path) -> None:
    """An article, a translation and an issue, copied from the handbook, make a magazine without a remark."""
    files = handbook_files()
    assert {Path(name).stem for name in files} >= {"issue", "oppet-hus-i-ekbacken", "open-house-in-ekbacken"}
    root = tmp_path / "content"
    for name, text in files.items():
        folder = root / Path(name).parent
        folder.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
        for picture in re.findall(r"images/[\w-]+\.\w+", text):
            draw(folder / picture)
        for file in re.findall(r"files/[\w-]+\.\w+", text):
            (folder / file).parent.mkdir(exist_ok=True)
            (folder / file).write_bytes(b"%PDF-1.7")
        for issue, slug in re.findall(r"\]\(\.\./(\d{4}-\d{2})/([\w-]+)\.md\)", text):
            write_magazine(tmp_path, {f"{issue}/{slug}": {}})
    given = write_settings(tmp_path, CATEGORIES=[("nyheter", "Nyheter"), ("pa-gang", "På gång")])
    values = desk.load_settings(given, root, today="2026-12-31")

    read = content.read(from_pelican(values), Words("sv"))

    assert read.problems == ()
    assert {entry.source for entries in (read.articles, read.issues) for entry in entries} >= set(files)
    assert errors(desk.check(values)) == ()


@pytest.mark.parametrize("keys", [schema.ARTICLE_KEYS, schema.ISSUE_KEYS, schema.IMAGE_KEYS, schema.EVENT_KEYS])
def test_the_handbook_names_every_key_of_the_header(keys: tuple[str, ...]) -> None:
    """Whoever looks for a key finds what it does."""
    assert [key for key in keys if f"`{key}`" not in manual(HANDBOOK)] == []


def test_the_handbook_lists_what_there_is_to_choose_from() -> None:
    """The kinds of article, and the types of files, are those of the code."""
    text = manual(HANDBOOK)
    kinds = re.search(r"^### Artikeltyper\n(.*?)^###", text, re.DOTALL | re.MULTILINE)
    assert kinds
    rows = re.findall(r"^\| .+? \| (.+?) \|$", kinds[1], re.MULTILINE)[1:]
    by_form: dict[str, list[str]] = {}
    for kind, form in KINDS["sv"].items():
        by_form.setdefault(form, []).append(kind)
    assert sorted(rows) == sorted(", ".join(names) for names in by_form.values())
    types = re.search(r"De här filtyperna går: (.+?)\.\n", text)
    assert types
    assert re.split(r", | och ", types[1]) == [suffix.lstrip(".") for suffix in TYPES]


def test_the_handbook_is_for_people_who_do_not_program() -> None:
    """Nothing is said of the tools underneath."""
    assert re.findall(r"\b(?:python|pelican|jinja|git|commit|branch)\b", manual(HANDBOOK), re.IGNORECASE) == []


# -- The commands of the handbook --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Dialogue:
    """What the handbook shows of a terminal: a command, its questions with the answers, what is said at the end."""

    command: tuple[str, ...]
    exchange: tuple[tuple[str, str | None], ...]
    """What is shown, and what is typed then; None for what asks nothing."""


def handbook_commands() -> set[str]:
    """Every command that the handbook tells people to give, as they write it."""
    text = manual(HANDBOOK)
    shown = [line.removeprefix("$ ") for code in fences(text, "text") for line in code.splitlines()]
    messages = re.findall(r"(?:Se dem|Börja ett) med: (make [^\n]+)", text)
    return {
        line for line in (*re.findall(r"`(make\b[^`\n]*)`", text), *messages, *shown) if re.match(r"make(?: |$)", line)
    }


def arguments(command: str) -> list[str]:
    """A command for make as the arguments of inv: `make check ARGS="--advice all"` is `inv check --advice all`."""
    _, *words = shlex.split(command)
    goal = next((word for word in words if "=" not in word), "preview")
    options = next((word.removeprefix("ARGS=") for word in words if word.startswith("ARGS=")), "")
    return [goal, *shlex.split(options)]


def dialogues() -> list[Dialogue]:
    found = []
    for code in fences(manual(HANDBOOK), "text"):
        first, *lines = code.splitlines()
        if first.startswith("$ "):
            exchange = []
            for line in lines:
                asked = re.fullmatch(r"(\S.*?\?(?: \([^)]*\))?(?: \[[^\]]*\])?)(?: (.*))?", line)
                exchange.append((asked[1], asked[2] or "") if asked else (line, None))
            found.append(Dialogue(tuple(arguments(first.removeprefix("$ "))), tuple(exchange)))
    return found


def handbook_magazine(root: Path) -> tuple[str, ...]:
    """The magazine of the handbook's examples, small; gives the options that lead to it."""
    issues = {
        "2026-11/issue": {"date": "2026-11-02"},
        "2026-12/issue": {"title": "Från ord till plan", "date": "2026-12-07"},
    }
    write_magazine(root, issues | {"2026-11/en": {}, "2026-12/tva": {}})
    categories = [("nyheter", "Nyheter"), ("pa-gang", "På gång")]
    given = {"CATEGORIES": categories, "KINDS": ["nyhet", "notis", "inbjudan"], "CACHE_PATH": str(root / "cache")}
    write_settings(root, **given)
    return "--settings", "magazine.py"


@pytest.mark.parametrize("command", sorted(handbook_commands()))
def test_every_command_of_the_handbook_works(tmp_path: Path, command: str) -> None:
    """Given as it is written, it does what it should: it ends with 0, or shows the magazine until it is stopped."""
    options = handbook_magazine(tmp_path)
    goal, *given = arguments(command)
    today = () if "--today" in given else ("--today", "2026-11-25")
    if goal == "preview":
        given = ["0" if word.isdecimal() else word for word in given]  # port 8001 may be taken here
        with running(tmp_path, goal, *given, *(() if "--port" in given else ("--port", "0")), *options, *today) as url:
            assert url.startswith("http://localhost:")
    elif goal in ("new-issue", "new-article") and not given:
        assert [dialogue for dialogue in dialogues() if dialogue.command == (goal,)], f"{command} is not shown"
    else:
        done = inv(goal, *given, *options, *today, cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[str]:
    """A command that goes on until Ctrl+C; gives its first line."""
    process = subprocess.Popen(
        inv_command(*arguments), cwd=folder, env=environment(), stdout=subprocess.PIPE, encoding="utf-8"
    )
    try:
        assert process.stdout
        yield process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.wait(30)
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("dialogue", dialogues(), ids=lambda dialogue: dialogue.command[0])
def test_the_dialogues_of_the_handbook_go_as_they_are_shown(tmp_path: Path, dialogue: Dialogue) -> None:
    """With the answers of the handbook come the questions of the handbook, and the sentence at the end."""
    options = handbook_magazine(tmp_path)
    with Terminal(tmp_path, *dialogue.command, *options, "--today", "2026-11-25") as terminal:
        for said, typed in dialogue.exchange:
            terminal.wait_for(said)
            if typed is not None:
                terminal.type(f"{typed}\n".encode())
        assert terminal.end() == 0
    name = re.match(r"content/\S+\.md", dialogue.exchange[-1][0])
    assert name
    assert (tmp_path / name[0]).is_file()


def test_the_forecast_of_the_handbook_is_what_is_forecast(tmp_path: Path) -> None:
    """A magazine with just these articles gives just this table, with what is said under it."""
    (shown,) = [code for code in fences(manual(HANDBOOK), "text") if "Faller bort" in code]
    news: dict[str, dict[str, Any]] = {"2025-12/rad": {"title": "Åtta råd till bordsvärden", "pinned": True}}
    news |= {"2026-05/skolsalar": {"title": "Sex skolsalar öppnar"}}
    news |= {f"2026-{month}/nyhet-{month}": {} for month in ("06", "08", "09", "10")}
    news |= {f"2026-11/nyhet-{number}": {} for number in range(14)}
    news |= {f"2026-11/hander-{number}": {"category": "pa-gang"} for number in range(13)}
    news |= {
        "2026-12/issue": {"title": "Från ord till plan", "date": "2026-12-07"},
        "2026-12/fritidsbanken": {"title": "Fritidsbanken flyttar"},
        "2026-12/oppet-hus": {"title": "Öppet hus i Ekbacken", "category": "pa-gang"},
        "2026-12/summering": {"title": "Föreningsrådet summerar året", "status": "draft"},
    }
    write_magazine(tmp_path, news)
    given = write_settings(tmp_path, CATEGORIES=[("nyheter", "Nyheter"), ("pa-gang", "På gång")])

    told = inv("forecast", "--settings", given, "--today", "2026-11-25", COLUMNS="90")

    assert told.stdout == shown


# -- The manual for operations -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_the_servers_are_set_up_to_send_our_headers(server: str) -> None:
    """The configurations send every header of `desk/headers.py` with exactly its value."""
    (configuration,) = fences(manual(OPERATIONS), server)
    assert re.findall(r'Content-Security-Policy "([^"]*)"', configuration) == [POLICY]
    for name, value in HEADERS.items():
        assert f'{name} "{value}"' in configuration
    assert f'"{FOR_EVER}"' in configuration
    assert "404.html" in configuration


@pytest.mark.parametrize("suffix", ["css", "js"])
def test_the_servers_know_the_names_that_carry_a_fingerprint(suffix: str) -> None:
    """What they keep for ever is what gets a new name with every change, and nothing else."""
    for server in ("nginx", "caddy"):
        (configuration,) = fences(manual(OPERATIONS), server)
        patterns = [
            pattern for pattern in re.findall(r'(?:"~|path_regexp )([^"\s]+)', configuration) if "fonts" not in pattern
        ]
        kept = re.compile("|".join(patterns))
        assert kept.search(f"/magasin/theme/a/b.0123456789.{suffix}")
        assert not kept.search(f"/theme/a/b.{suffix}")
        assert kept.search("/2026-11/images/ett-foto-800.0123456789ab.webp")
        assert kept.search("/2026-11/images/ett-foto-share.0123456789ab.jpg")
        assert not kept.search("/2026-11/")
        assert not kept.search("/feed.xml")


def settings_keys() -> set[str]:
    """Every key that the settings are read from, and every one that the defaults give."""
    source = (ROOT / "plugins/magazine/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'\b(?:values|environ)(?:\.get\(|\[|, )"([A-Z_]+)"', source))
    assert {"SITENAME", "CATEGORIES", "PATH", "MAGAZINE_TODAY"} <= read
    return read | {key for key in vars(defaults) if key.isupper()} - {"ROOT"}


def test_every_setting_is_explained() -> None:
    """The manual has each key that the software reads, and none that it does not."""
    text = manual(OPERATIONS)
    section = text[text.index("## Settings") : text.index("## Another magazine")]
    first_cells = "".join(re.findall(r"^\| (`.+?) \|", section, re.MULTILINE))
    named = set(re.findall(r"`([A-Z_]+)`", first_cells))
    assert named | {"MAGAZINE_TODAY"} == settings_keys()
    assert "`MAGAZINE_TODAY`" in section


def test_every_setting_of_the_newsletter_is_explained() -> None:
    """The manual has each variable that `newsletter/config.py` reads, and none that it does not."""
    text = manual(OPERATIONS)
    named = re.findall(r"^\| `(NEWSLETTER_[A-Z_]+)` \| ", text[text.index("### Its settings") :], re.MULTILINE)
    source = (ROOT / "newsletter/config.py").read_text(encoding="utf-8")
    assert sorted(named) == sorted(set(re.findall(r'"(NEWSLETTER_[A-Z_]+)"', source)))


def test_every_command_is_there_and_every_option_explained() -> None:
    """Commands in the manuals exist, and the manual for operations has all options of those for the desk."""
    commands = Collection.from_module(tasks)
    for name in MANUALS:
        text = manual(name)
        code = "\n".join([*re.findall(r"`([^`\n]+)`", text), *(code for _, code in FENCE.findall(text))])
        for command in re.findall(r"(?:^|[/\s])(?:inv|make) ([a-z][a-z-]*)", code, re.MULTILINE):
            assert command in commands.task_names or command == "help", f"{name}: {command}"
    options = manual(OPERATIONS)
    for name in (
        "build",
        "check",
        "preview",
        "new-issue",
        "new-article",
        "forecast",
        "publish",
        "verify-live",
        "release",
        "keep-ledger",
        "comment",
    ):
        (row,) = re.findall(rf"^\| `inv {name}[ `].*$", options, re.MULTILINE)
        for argument in commands[name].get_arguments():
            if argument.positional:
                continue
            assert f"`--{argument.name}" in row


# -- All manuals -------------------------------------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The names that a heading has on the web, where the manuals are read."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", MANUALS)
def test_links_between_the_manuals_lead_somewhere(name: str) -> None:
    """Files and headings that are linked to exist. (The front page's picture is added last.)"""
    text = re.sub(r"`[^`\n]+`", "", FENCE.sub("", manual(name)))
    for target in re.findall(r"\]\(([^)\s]+)", text):
        path, _, anchor = target.partition("#")
        if ":" in path or path.endswith("front.png"):
            continue
        file = (ROOT / name).parent / path if path else ROOT / name
        assert file.exists(), target
        if anchor:
            assert anchor in anchors(file.read_text(encoding="utf-8")), target


# -- The built-in pages ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_the_built_in_pages_exist_in_every_language(lang: str) -> None:
    """The same pages under the same names, so that addresses do not depend on the language."""
    assert tuple(sorted(path.stem for path in (ROOT / "theme/pages" / lang).iterdir())) == PAGES


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize(
    ("name", "publisher", "contact"),
    [("Grannbladet", "Staden", "post@stad.example"), ('Vi: "bladet" #1', "", ""), ("'A' & B", "C: D", "0123-45")],
)
def test_the_built_in_pages_are_sound(tmp_path: Path, lang: str, name: str, publisher: str, contact: str) -> None:
    """Whatever the settings say, each page has a title and an ingress, and there is nothing to remark on."""
    write(tmp_path / "content/issues/2026-11/issue.md", title="Ett nummer", date="2026-11-02")
    given = write_settings(tmp_path, SITENAME=name, DEFAULT_LANG=lang, PUBLISHER=publisher, CONTACT=contact)
    values = desk.load_settings(given)
    settings = from_pelican(values)

    read = content.read(settings, Words(lang))

    assert tuple(sorted(entry.record.slug for entry in read.pages)) == PAGES
    assert all(entry.record.title and entry.record.summary and entry.record.body for entry in read.pages)
    assert read.problems == ()
    assert not any(re.search(r"<(?:name|publisher|contact)>|&lt;", entry.record.body) for entry in read.pages)
    assert {problem.code for problem in desk.check(values)} <= {"no-page", "empty-issue"}


def test_the_headers_of_the_built_in_pages_say_what_is_shown() -> None:
    """Each has a title and an ingress, and nothing else: its name decides its address, its folder its language."""
    for path in (ROOT / "theme/pages").rglob("*.md"):
        report = Report(path.name, Words("sv"), [])
        document = take_apart(path.read_text(encoding="utf-8"), report)
        assert document
        assert set(document.header.entries) == {"title", "summary"}
        assert report.problems == []


def test_the_built_in_pages_name_no_city() -> None:
    """They are for any magazine, not only for the sample."""
    texts = [path.read_text(encoding="utf-8") for path in (ROOT / "theme/pages").rglob("*.md")]
    assert not [text for text in texts if re.search(r"Medverkan|Sundhamn|Göteborg", text)]


# -- The code in the manual for those who change the software ----------------------------------------------------------


def test_the_hash_of_a_digest_is_reckoned_as_the_manual_says(tmp_path: Path) -> None:
    """Copied from the manual, it gives the hash that stands in the digest."""
    recipe, _ = fences(manual(ARCHITECTURE), "python")
    write_magazine(tmp_path)
    output = build(tmp_path, plugins=["plugins.magazine", "plugins.digest"])
    document = json.loads((output / "utskick/2026-11.json").read_bytes())
    names: dict[str, Any] = {"json": json, "hashlib": hashlib}
    exec(recipe, names)
    assert names["reckoned"](document) == document["hash"]


def test_the_example_of_a_plugin_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied from the manual and named in the settings, it makes the file that it says."""
    _, example = fences(manual(ARCHITECTURE), "python")
    assert len(example.strip().splitlines()) <= 16
    (tmp_path / "counts_of_the_manual.py").write_text(example, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    write_magazine(tmp_path)

    try:
        output = build(tmp_path, plugins=["plugins.magazine", "counts_of_the_manual"])
    finally:  # the tests that follow in this process must not get the file too
        signals.publish.disconnect(importlib.import_module("counts_of_the_manual").outputs)

    assert (output / "counts.txt").read_text(encoding="utf-8") == "Nyheter: 1\nKultur & nöje: 1\nTomt: 0\n"


def test_the_smallest_magazine_of_the_manuals_builds(tmp_path: Path) -> None:
    """The settings that the README and the manual for operations show are enough for a magazine."""
    for name in ("README.md", "docs/operations.md"):
        (settings,) = fences(manual(name), "python")
        file = tmp_path / name.replace("/", "-") / "magazine.py"
        write_magazine(file.parent)
        file.write_text(settings, encoding="utf-8")
        built = desk.build(desk.load_settings(file, today="2026-11-30"))
        assert (built.site.settings.name, len(built.site.magazine.articles)) == ("Grannbladet", 2)
