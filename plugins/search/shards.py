"""A sorted list cut into files of about the same size, such that a change in one place moves no cut in another."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import Any

DIRECTORY = 600
"""About how many characters a file of a directory has."""


def shelve(files: dict[str, bytes], folder: str, items: Mapping[str, str], most: int) -> list[str]:
    """Write items, JSON by their sorted keys, into files of about `most` characters, and a directory in the same way.

    Of a key counts what stands before a space; the rest decides the order of those alike in this. Gives the directory
    of the directory: where each of its files begins, and their fingerprints in one.
    """
    texts = list(items.values())
    begins, fingerprints = [], []
    for begin, start, end in cut([at.partition(" ")[0] for at in items], list(map(len, texts)), most):
        data = ("[" + ",\n".join(texts[start:end]) + "]\n").encode()
        begins.append(begin)
        fingerprints.append(_write(files, folder, begin, data))
    pages, page_fingerprints = [], []
    for _, start, end in cut(begins, [len(begin) + 5 for begin in begins], DIRECTORY):
        data = as_json([" ".join(begins[start:end]), "".join(fingerprints[start:end])])
        pages.append(begins[start])
        page_fingerprints.append(_write(files, f"{folder}-at", begins[start], data))
    return [" ".join(pages), "".join(page_fingerprints)]


def cut(keys: Sequence[str], sizes: Sequence[int], most: int) -> Iterator[tuple[str, int, int]]:
    """Where to cut: for each file the text that its keys do not come before, and the range of keys in it.

    The keys are sorted. Those that begin alike stay together; if they are too many for a file they part by their next
    letter, and neighbours that are small share a file. So where a file begins depends on the keys that begin as its
    own do, and on no others.
    """
    yield from _cut(keys, [0, *accumulate(sizes)], 0, len(keys), "", most)


def _cut(
    keys: Sequence[str], sums: Sequence[int], start: int, end: int, prefix: str, most: int
) -> Iterator[tuple[str, int, int]]:
    if sums[end] - sums[start] <= most or end - start < 2:
        if end > start or not prefix:
            yield prefix, start, end
        return
    begin, first = prefix, start
    for letter, at, after in _groups(keys, start, end, len(prefix)):
        if sums[after] - sums[at] > most and letter:
            if at > first:
                yield begin, first, at
            yield from _cut(keys, sums, at, after, prefix + letter, most)
            first = after
            continue
        if at > first and sums[after] - sums[first] > most:
            yield begin, first, at
            first = at
        if at == first:
            begin = prefix + letter
    if end > first:
        yield begin, first, end


def _groups(keys: Sequence[str], start: int, end: int, depth: int) -> Iterator[tuple[str, int, int]]:
    """The ranges of keys that have the same letter at a depth."""
    while start < end:
        letter = keys[start][depth : depth + 1]
        after = bisect_left(keys, keys[start][:depth] + chr(ord(letter) + 1), start, end) if letter else start + 1
        yield letter, start, after
        start = after


def _write(files: dict[str, bytes], folder: str, begin: str, data: bytes) -> str:
    """Write a file whose keys begin there; gives its fingerprint."""
    mark = fingerprint(data)
    files[f"{folder}/{_in_path(begin)}.{mark}.json"] = data
    return mark


def _in_path(begin: str) -> str:
    """The beginning of a file's keys as a part of its name: small letters of a to z and digits, others by number."""
    return "".join(c if c in "abcdefghijklmnopqrstuvwxyz0123456789" else f"_{ord(c):x}_" for c in begin)


def fingerprint(data: bytes) -> str:
    """Four characters: with the place in the index they name one version of a file."""
    return urlsafe_b64encode(hashlib.sha256(data).digest()[:3]).decode()


def compact(value: Any) -> str:
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def as_json(value: Any) -> bytes:
    return (compact(value) + "\n").encode()
