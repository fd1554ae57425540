"""The catalogues: every text that a person meets is found in the code and the templates, and is there in Swedish."""

from __future__ import annotations

from pathlib import Path

import pytest

from desk import translations
from plugins.magazine.words import Words


def test_nothing_is_untranslated() -> None:
    """Every text of the magazine, the desk and the newsletter has its Swedish."""
    assert translations.missing("sv") == []


def test_texts_are_found_wherever_they_stand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A text is found in a call, in an f-string and over several lines, with its plural; what is no text is not."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "a.py").write_text(
        """gettext("plain") + f"{n} {words.gettext('within')}" + ngettext("{n} bird", "{n} birds", n) + gettext(name)
said = N_("in two "
          "lines")
""",
        encoding="utf-8",
    )
    monkeypatch.setattr(translations, "ROOT", tmp_path)
    monkeypatch.setattr(translations, "ROOMS", {tmp_path: {"plugins": ("*.py",)}})
    (tmp_path / "sv.po").touch()
    assert translations.missing("sv") == [f"sv.po: {text}" for text in ("plain", "within", "{n} bird", "in two lines")]


def test_names_in_a_row() -> None:
    """The last two of several names have a word between them, in each language."""
    assert Words("sv").join(["a", "b", "c"]) == "a, b och c"
    assert Words("en").join(["a", "b"]) == "a and b"
