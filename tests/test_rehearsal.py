"""The check of a merge request says all that publishing would refuse: today, and on the days of the issues to come."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from desk import rehearsal
from desk.build import check, load_settings
from desk.publish import Unfit, publish
from plugins.magazine.problems import errors
from tests.building import TODAY, inv, snapshot, write, write_magazine, write_settings

COMING = "content/issues/2026-12/ny.md"


@pytest.fixture
def magazine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a small magazine, an issue to come in it, and one after that."""
    monkeypatch.chdir(tmp_path)
    write_magazine(tmp_path, {"2026-11/en": {}, "2026-12/ny": {}, "2027-01/sen": {}})
    write_settings(tmp_path, JOBS=1, CACHE_PATH=str(tmp_path / "cache"))
    return tmp_path


def settings(magazine: Path, **changed: Any) -> dict[str, Any]:
    return {**load_settings(magazine / "magazine.py", today=TODAY), **changed}


def found(magazine: Path, **changed: Any) -> list[tuple[str, int, str]]:
    return [(p.path, p.line, p.code) for p in errors(rehearsal.check(settings(magazine, **changed)))]


def test_a_sound_magazine_passes_and_nothing_is_written(magazine: Path) -> None:
    """But for the cache of pictures."""
    before = snapshot(magazine / "content")
    assert found(magazine) == []
    assert snapshot(magazine / "content") == before
    assert sorted(path.name for path in magazine.iterdir()) == ["cache", "content", "magazine.py"]


FAULTS = {
    "[Dit](/2026-11/#finns-inte)": "site-anchor",
    "[Och dit](../2026-11/issue.md#borta)": "site-anchor",
    "[Också dit](/kategori/nyheter/#inget)": "site-anchor",
    "[Först](/#finns-inte)": "site-anchor",
    '<p id="m-main">Två.</p>': "site-twice",
}
"""What only the built site shows."""


def test_what_shows_only_on_the_built_site_is_said_at_its_line(magazine: Path) -> None:
    """Of an issue that is out, and of two to come: the morning on which it comes out is too late."""
    names = ["content/issues/2026-11/en.md", COMING, "content/issues/2027-01/sen.md"]
    for name in names:
        write(magazine / name, "\n\n".join(FAULTS), title="En", category="nyheter", summary="Kort.")
    expected = {(name, 7 + 2 * number, code) for name in names for number, code in enumerate(FAULTS.values())}
    assert set(found(magazine)) == expected


def test_a_text_that_is_too_large_is_said_at_its_file(magazine: Path) -> None:
    """With the day from which on it would stop publishing."""
    write(magazine / COMING, "Ord. " * 5000, title="Ny", category="nyheter", summary="Kort.")
    problems = errors(rehearsal.check(settings(magazine, BUDGET={"page": 20_000})))
    large = [problem for problem in problems if problem.code == "site-large"]
    assert {problem.path for problem in large} == {COMING}
    assert all(problem.text.startswith("Från 2026-12-01: /2026-12/ny/") for problem in large)


def test_what_the_check_of_a_later_day_finds_counts_too(magazine: Path) -> None:
    """Here a text of an issue to come that takes an address."""
    (magazine / "content/addresses.txt").write_text(
        "# Every address that was ever published. `inv publish` adds new ones, as it did on 2026-11-30\n/2026-11/en/\n",
        encoding="utf-8",
    )
    write(magazine / COMING, title="Ny", category="nyheter", summary="Kort.", moved_from=["/plats/hamnen/"])
    write(
        magazine / "content/issues/2027-01/sen.md",
        title="Sen",
        category="nyheter",
        summary="Kort.",
        places=["Hamnen"],
    )
    assert errors(check(settings(magazine))) == ()
    assert found(magazine) == [(COMING, 5, "moved-from-in-use")]


def test_publishing_names_the_same_place(magazine: Path) -> None:
    """File and line, then the page."""
    write(magazine / "content/issues/2026-11/en.md", "[Dit](/#borta)", title="En", category="nyheter", summary="Kort.")
    with pytest.raises(Unfit, match=r"\ncontent/issues/2026-11/en\.md:7: /2026-11/en/: ”/#borta” \(a href\)") as caught:
        publish(settings(magazine), str(magazine / "dest"))
    assert len(str(caught.value).splitlines()) == 2
    done = inv("check", "--site", "--settings", "magazine.py", "--today", TODAY, "--advice", "none", cwd=magazine)
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, str(caught.value).splitlines()[1])


def test_the_same_id_twice_is_found_before_building(magazine: Path) -> None:
    """By every check, at the second of them."""
    body = 'En text.\n\n<p id="tva">Ett.</p>\n\n<p id="tva">Två.</p>\n\n## Ett {#tre}\n\n## Två {#tre}'
    write(magazine / COMING, body, title="Ny", category="nyheter", summary="Kort.")
    problems = errors(check(settings(magazine)))
    assert [(p.path, p.line, p.code) for p in problems] == [(COMING, 11, "repeated-id"), (COMING, 15, "repeated-id")]


def test_an_address_among_contacts_is_percent_encoded(magazine: Path) -> None:
    """What a person pasted is made what a browser takes."""
    event = {"start": "2026-12-20 13:00", "contact": "https://x.example/a|b{c}?d=^ eller a@magasinet.example"}
    write(magazine / COMING, title="Ny", category="nyheter", summary="Kort.", event=event)
    assert found(magazine) == []
