"""The search's benchmark measures what it says: quality by kind, bytes, times, and the index of a changed article."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import search_ask, search_sets
from benchmarks.search import ndcg, reciprocal, report


def test_a_small_magazine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every kind of query has its figures, what a reader fetches is counted, and a changed article gives the same bytes
    as building all anew."""
    monkeypatch.setattr(search_sets, "EACH", 5)
    collection = search_sets.made_up(60)
    lines = list(report(collection, tmp_path, alone=True))
    text = "\n".join(lines)
    kinds = {query.kind for query in collection.queries}
    assert kinds >= {"inflected", "mistyped", "without dots", "compound taken apart"}
    for kind in kinds:
        assert re.search(rf"^  {kind} +\d+ +[01]\.\d{{3}} +[01]\.\d{{3}} +[01]\.\d{{3}}$", text, re.MULTILINE), kind
    found = re.search(r"^  all .* ([01]\.\d{3})$", text, re.MULTILINE)
    assert found
    assert float(found[1]) > 0.9
    client = search_ask.sent(search_ask.ROOT / "theme/static/search/engine.js") / 1000
    first = re.search(r"first query, kB +([\d.]+) \(([\d.]+)\)", text)
    assert first
    assert client < float(first[1]) <= float(first[2])
    assert re.search(r"One article changed: .* \d+ files written, the same bytes as building all anew", text)


def test_figures() -> None:
    """nDCG@10 and MRR@10 are what they are by definition."""
    relevant = frozenset({"a", "b"})
    assert ndcg(["a", "b", "c"], relevant) == 1
    assert ndcg(["c", "a"], relevant) == pytest.approx((1 / 1.584963) / (1 + 1 / 1.584963), abs=1e-6)
    assert ndcg([*"cdefghijkl", "a"], relevant) == 0
    assert reciprocal(["c", "a"], relevant) == 0.5
    assert reciprocal(["c"], relevant) == 0
