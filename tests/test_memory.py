"""Reading with a memory: only what has changed is read, and what comes of it is what reading everything would give."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from plugins.magazine import content, source
from plugins.magazine.memory import Memory
from plugins.magazine.settings import Settings
from plugins.magazine.words import Words
from tests.reading import article, issue, picture, settings, write

A, B, OLD = "issues/2026-11/a.md", "issues/2026-11/b.md", "issues/2026-10/c.md"
VERSIONS: dict[str, Sequence[str | bytes]] = {
    A: [
        article(),
        article("Texten, [annan](b.md) och [äldre](../2026-10/c.md)."),
        article("![Ett torg](images/torg.png)\n\n[Plan](files/plan.pdf)"),
        article(header="slug: helt-annan"),
        article(header="moved_from: [/2025-01/flyttad/]"),
        article(header="image:\n  src: images/torg.png\n  alt: Ett torg"),
        article(header="files:\n  - src: files/plan.pdf\n    title: Planen"),
        article(header="status: draft\nkind: krönnika"),
        "ingen början",
    ],
    B: [article("[Ett a](a.md)"), article("[Ett a](a.md#rubrik)\n\n[Plan](../2026-10/files/plan.pdf)"), article("##")],
    OLD: [article(), article("[Nya](../2026-11/a.md), [numret](../2026-11/issue.md)"), ""],
    "issues/2026-11/issue.md": [issue("2026-11-02"), issue("2026-11-09", "lead: a"), issue("snart")],
    "issues/2026-10/issue.md": [issue("2026-10-05"), issue("2026-10-06", body="[Första](c.md)")],
    "issues/2026-11/images/torg.png": [picture(size=(4, 3)), picture(size=(40, 30)), b"ingen bild"],
    "issues/2026-11/files/plan.pdf": [b"%PDF-1", b"%PDF-1 med mer"],
    "issues/2026-10/files/plan.pdf": [b"%PDF-1"],
    "issues/2026-11/annat.docx": [b"PK"],
    "pages/om.md": ["---\ntitle: Om oss\n---\n\n[Numret](../issues/2026-11/issue.md)\n", "---\n---\n"],
    "vilse.md": [article()],
    "addresses.txt": ["/2025-01/flyttad/\n", "/2026-11/a/\n", "inte en adress\n"],
}
FIRST = {
    path: versions[0] for path, versions in VERSIONS.items() if path not in ("vilse.md", "issues/2026-11/annat.docx")
}
"""What is there at the beginning: all of it right."""

MOVES = [("issues/2026-10", "issues/2026-09"), ("issues/2026-09", "issues/2026-10"), ("issues/2026-11/images", "bort")]

steps = st.one_of(
    st.sampled_from(sorted(VERSIONS)).flatmap(
        lambda path: st.tuples(st.just(path), st.sampled_from([None, *VERSIONS[path]]))
    ),
    st.sampled_from(MOVES),
)


def read(made: Settings, memory: Memory | None = None) -> tuple[object, ...]:
    """Everything that came of reading, but for the function that shows paths."""
    found = content.read(made, Words(made.lang), memory)
    return found.articles, found.issues, found.pages, found.problems, found.ledger


def take(root: Path, step: tuple[str, str | bytes | None]) -> set[str]:
    """Do one thing to the content: write a file, remove one, or move a folder. Gives what has changed."""
    name, what = step
    if step in MOVES:
        source, target = root / "content" / name, root / "content" / str(what)
        if source.is_dir() and not target.exists():
            source.rename(target)
        return {name, str(what)}
    if what is None:
        (root / "content" / name).unlink(missing_ok=True)
    else:
        write(root, {name: what})
    return {name}


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.lists(steps, min_size=1, max_size=3), min_size=1, max_size=6))
def test_the_same_as_reading_everything(saves: list[list[tuple[str, str | bytes | None]]]) -> None:
    """Whatever is written, removed, renamed and moved: reading what has changed gives what reading everything gives."""
    with TemporaryDirectory() as name:
        root = Path(name)
        write(root, FIRST)
        made = settings(root)
        memory = Memory()
        assert read(made, memory) == read(made)
        for save in saves:
            changed = {path for step in save for path in take(root, step)}
            memory.forget(changed, made.content)
            assert read(made, memory) == read(made)


def test_only_what_has_changed_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a save one file is opened; after a change of address also those that link to it."""
    write(tmp_path, {path: FIRST[path] for path in FIRST if path.startswith("issues/") and path.endswith(".md")})
    made, memory = settings(tmp_path), Memory()
    opened: list[str] = []
    taken_in = source.take_in

    def take_in(path: str, *rest: Any) -> Any:
        opened.append(path)
        return taken_in(path, *rest)

    monkeypatch.setattr(source, "take_in", take_in)
    read(made, memory)
    assert sorted(opened) == sorted([A, B, OLD, "issues/2026-10/issue.md", "issues/2026-11/issue.md"])

    def after(path: str, text: str | bytes) -> list[str]:
        opened.clear()
        write(tmp_path, {path: text})
        memory.forget({path}, made.content)
        read(made, memory)
        return sorted(opened)

    assert after(OLD, article("Ny text.")) == [OLD]
    assert after(A, article("Ny text.", header="slug: ny-adress")) == [A, B]
    assert after("issues/2026-10/issue.md", issue("2026-10-06")) == [OLD, "issues/2026-10/issue.md"]


@pytest.mark.parametrize(
    ("path", "text", "changed", "to"),
    [
        (A, VERSIONS[A][2], "issues/2026-11/images/torg.png", VERSIONS["issues/2026-11/images/torg.png"][1]),
        (A, VERSIONS[A][5], "issues/2026-11/images/torg.png", b"ingen bild"),
        (A, VERSIONS[A][6], "issues/2026-11/files/plan.pdf", b"%PDF-1 med mer"),
        (A, VERSIONS[A][6], "issues/2026-11/files/plan.pdf", None),
        (A, VERSIONS[A][4], "addresses.txt", "/2026-11/a/\n"),
        (A, VERSIONS[A][1], B, None),
        (A, VERSIONS[A][1], OLD, article(header="slug: flyttad")),
        (A, VERSIONS[A][1], "issues/2026-11/issue.md", issue("2026-11-09")),
        (OLD, VERSIONS[OLD][1], "issues/2026-11/issue.md", None),
    ],
)
def test_what_a_text_depends_on(tmp_path: Path, path: str, text: str, changed: str, to: str | bytes | None) -> None:
    """A text is read anew when what it shows, offers, links to or is dated by changes, though it did not itself."""
    write(tmp_path, {**FIRST, path: text})
    made, memory = settings(tmp_path), Memory()
    read(made, memory)
    memory.forget(take(tmp_path, (changed, to)), made.content)
    assert read(made, memory) == read(made)


def test_other_settings_are_another_magazine(tmp_path: Path) -> None:
    """A setting that decides how texts are read makes everything be read anew; one that does not, does not."""
    write(tmp_path, {A: article("[Hem](https://gammal.example/)"), "issues/2026-11/issue.md": issue("2026-11-02")})
    memory = Memory()
    assert not read(settings(tmp_path), memory)[3]
    changed = settings(tmp_path, OWN_HOSTS=["gammal.example"])
    assert read(changed, memory) == read(changed)
    entries = dict(memory.entries)
    read(settings(tmp_path, OWN_HOSTS=["gammal.example"], LIVE_ARTICLES=3), memory)
    assert all(memory.entries[path] is entry for path, entry in entries.items())
