"""The benchmarks' made-up magazine: the same every time, sound, and shaped as a magazine is."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from pelican import Pelican
from pelican.settings import read_settings

from benchmarks.corpus import LAYOUTS, MONTH_OFF, make
from plugins.magazine.generator import MagazineGenerator


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_same_seed_same_bytes(layout: str, tmp_path: Path) -> None:
    """Whoever makes the corpus gets the same files; another seed gives another magazine."""
    for folder, seed in (("one", 1), ("again", 1), ("other", 2)):
        LAYOUTS[layout](make(60, seed), tmp_path / folder)
    assert files(tmp_path / "one") == files(tmp_path / "again")
    assert files(tmp_path / "one").keys() != files(tmp_path / "other").keys()


def test_the_content_check_finds_nothing(tmp_path: Path) -> None:
    """It is a magazine that its makers could publish: no error, and no warning but for the pages it has not written."""
    LAYOUTS["issues"](make(60), tmp_path)
    settings = read_settings(
        str(tmp_path / "settings.py"), override={"OUTPUT_PATH": str(tmp_path / "output"), "JOBS": 1}
    )
    Pelican(settings)  # loads the plugins
    generator = MagazineGenerator({}, settings, settings["PATH"], settings["THEME"], settings["OUTPUT_PATH"])
    assert {problem.text for problem in generator.examine() if problem.code != "no-page"} == set()
    assert len(generator.site.magazine.articles) == 60


def test_all_layouts_hold_the_same_articles(tmp_path: Path) -> None:
    """The peers read as many texts as we do, and none that are lighter."""
    words = {}
    for layout, write in LAYOUTS.items():
        write(make(60), tmp_path / layout)
        texts = [data.decode() for path, data in files(tmp_path / layout).items() if path.endswith(".md")]
        texts = [text for text in texts if "\nlead: " not in text]
        assert len(texts) == 60
        words[layout] = sum(len(text.split()) for text in texts)
    assert max(words.values()) < 1.1 * min(words.values())


def test_it_is_shaped_as_a_magazine() -> None:
    """About 450 words and 10 articles an issue, no issue in July, few tags that most use and many that few do."""
    corpus = make(1000)
    lengths = sorted(len(post.body.split()) for post in corpus.posts)
    assert 420 < sum(lengths) / len(lengths) < 480
    assert lengths[100] < 150
    assert lengths[-10] > 1500
    assert 90 <= len(corpus.issues) <= 110
    assert MONTH_OFF not in {issue.date.month for issue in corpus.issues}
    tags = Counter(tag for post in corpus.posts for tag in post.tags)
    assert len(tags) == 60
    assert max(tags.values()) > 10 * min(tags.values())
    assert 0.07 < sum(post.picture is not None or "‹p" in post.body for post in corpus.posts) / 1000 < 0.14
