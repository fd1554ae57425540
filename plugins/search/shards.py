"""A sorted list cut into files of about the same size, such that a change in one place moves no cut in another."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any

Files = dict[str, Callable[[], bytes]]
"""Paths, with what makes each."""

DIRECTORY = 600
"""About how many characters a file of a directory has."""


Shelf = dict[str, tuple[int, str]]
"""The files of a folder: where each begins, with how many keys it has, and its fingerprint."""


@dataclass(frozen=True, slots=True)
class Items:
    """What is to be written: sorted keys, how many characters each takes, and the JSON of those from one to another."""

    keys: Sequence[str]
    sizes: Sequence[int]
    json: Callable[[int, int], Iterable[str]]

    def data(self, start: int, end: int) -> bytes:
        return ("[" + ",\n".join(self.json(start, end)) + "]\n").encode()


def shelve(
    files: Files, folder: str, items: Items, most: int, before: Shelf, changed: Iterable[str]
) -> tuple[list[str], Shelf]:
    """Add files of about `most` characters, and their directory in the same way.

    Those where no key has `changed` since there were the files `before` are not looked into. Gives the directory of the
    directory: where each of its files begins, and their fingerprints in one; and the files that there are now.
    """
    ranges = list(cut(items.keys, items.sizes, most))
    starts = [start for _, start, _ in ranges]
    touched = {bisect_right(starts, bisect_left(items.keys, at)) - 1 for at in changed} if before else set()
    shelf: Shelf = {}
    for i, (begin, start, end) in enumerate(ranges):
        count, mark = before.get(begin, (-1, ""))
        make = partial(items.data, start, end)
        if i in touched or count != end - start:
            data = make()
            mark, make = fingerprint(data), partial(bytes, data)
        shelf[begin] = (end - start, mark)
        files[_path(folder, begin, mark)] = make
    begins = list(shelf)
    pages, marks = [], []
    for _, start, end in cut(begins, [len(begin) + 5 for begin in begins], DIRECTORY):
        own = begins[start:end]
        data = as_json([" ".join(own), "".join(shelf[begin][1] for begin in own)])
        pages.append(own[0])
        marks.append(fingerprint(data))
        files[_path(f"{folder}-at", own[0], marks[-1])] = partial(bytes, data)
    return [" ".join(pages), "".join(marks)], shelf


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


def _path(folder: str, begin: str, mark: str) -> str:
    return f"{folder}/{_in_path(begin)}.{mark}.json"


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
