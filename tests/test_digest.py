"""The digest of an issue: the contract with the newsletter, the mail in HTML and text, and its page."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.building import build, write_everything

PLUGINS = ("plugins.magazine", "plugins.media", "plugins.digest")


def data_of(out: Path, issue: str = "2026-11") -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "utskick" / f"{issue}.json").read_bytes())
    return found


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A magazine in which everything occurs, built."""
    root = tmp_path_factory.mktemp("everything")
    write_everything(root)
    return build(root, plugins=PLUGINS, PUBLISHER="Sundhamns stad", CONTACT="red@magasinet.example")


def test_form(everything: Path) -> None:
    """The data has the keys of the contract; HTML and text have the same sections, in the order of the categories."""
    data = data_of(everything)
    assert data.keys() == {"issue", "subject", "preheader", "web_url", "hash", "html", "text"}
    assert data["issue"] == "2026-11"
    assert data["subject"] == "Magasinet nr 2: Vem får plats?"
    assert data["preheader"].startswith("Huvudsaken om bryggan · ")
    assert data["web_url"] == "https://magasinet.example/utskick/2026-11/"
    for form in ("html", "text"):
        assert data[form].keys() == {"head", "sections", "foot"}
        assert [section["category"] for section in data[form]["sections"]] == ["nyheter", "kultur"]
        assert all(section.keys() == {"category", form} for section in data[form]["sections"])


def test_hash(everything: Path) -> None:
    """The hash can be reckoned from the rest alone: SHA-256 of JSON with sorted keys, no spaces, in UTF-8."""
    data = data_of(everything)
    told = data.pop("hash")
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")
    assert told == hashlib.sha256(canonical).hexdigest()


def test_placeholders_stand_in_the_foot(everything: Path) -> None:
    """Both placeholders are in the foot, in HTML as whole addresses of links, and nowhere else."""
    data = data_of(everything)
    for form in ("html", "text"):
        parts = data[form]
        assert "{{" not in parts["head"] + "".join(section[form] for section in parts["sections"])
        assert parts["foot"].count("{{") == 2
        for name in ("{{unsubscribe_url}}", "{{preferences_url}}"):
            assert (f'href="{name}"' if form == "html" else f"\n{name}\n") in parts["foot"]
