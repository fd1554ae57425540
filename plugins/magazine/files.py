"""Pictures and attached files: found below the content folder, measured, and given their addresses."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

from PIL import Image as Pillow

from plugins.magazine.messages import Report
from plugins.magazine.model import Attachment, Image

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_PIXELS = 100_000_000
WIDTHS = (480, 800, 1200, 1600)
"""The widths in pixels in which a picture is offered; a browser takes the smallest that fills its place."""

TYPES = {
    ".pdf": "PDF", ".docx": "Word", ".odt": "OpenDocument", ".xlsx": "Excel", ".ods": "OpenDocument", ".csv": "CSV",
    ".pptx": "PowerPoint", ".odp": "OpenDocument", ".txt": "Text", ".epub": "EPUB", ".ics": "iCalendar",
    ".mp3": "MP3", ".mp4": "MP4", ".vtt": "WebVTT", ".zip": "ZIP",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Files:
    """Looks files up for the texts of one content folder. Nothing outside that folder can be reached."""

    content: Path

    def locate(self, folder: str, src: str) -> str | None:
        """The path below the content folder that `src`, written in a text in `folder`, means. None: outside it."""
        src = src.replace("\\", "/")
        joined = src.lstrip("/") if src.startswith("/") else f"{folder}/{src}"
        path = os.path.normpath(joined).replace(os.sep, "/")
        if path.startswith("../") or path in ("..", ".") or "\0" in path:
            return None
        root = os.path.realpath(self.content)
        real = os.path.realpath(f"{root}/{path}")
        return path if real.startswith(root + os.sep) else None

    def picture(
        self, folder: str, src: str, alt: str, caption: str, credit: str, line: int, report: Report
    ) -> Image | None:
        path = self._found(folder, src, line, report, "missing-picture", "images")
        if path is None:
            return None
        measured = _measure(self.content / path)
        if measured is None:
            report.add("bad-picture", line, src=src)
            return None
        width, height, digest = measured
        return Image(
            source=path, width=width, height=height, digest=digest, alt=alt, caption=caption, credit=credit
        )  # fmt: skip

    def attachment(self, folder: str, src: str, title: str, line: int, report: Report) -> Attachment | None:
        path = self._found(folder, src, line, report, "missing-file", "files")
        if path is None:
            return None
        kind = TYPES.get(PurePosixPath(path).suffix.lower())
        if kind is None:
            report.add("bad-file-type", line, type=PurePosixPath(path).suffix or "?", known=" ".join(TYPES))
            return None
        size = (self.content / path).stat().st_size
        return Attachment(source=path, url=public_path(path), title=title, type=kind, size=size)

    def _found(self, folder: str, src: str, line: int, report: Report, missing: str, home: str) -> str | None:
        path = self.locate(folder, src)
        if path is None:
            report.add("outside-folder", line, src=src)
        elif (self.content / path).is_file():
            return path
        else:
            report.add(missing, line, src=src, folder=f"{folder}/{home}/")
        return None


def public_path(source: str) -> str:
    """Where a file below the content folder is published: issues/2026-11/files/a.pdf → /2026-11/files/a.pdf."""
    return "/" + source.removeprefix("issues/").removeprefix("pages/")


def picture_url(image: Image, width: int) -> str:
    """The address of one rendition. The digest in it lets it be cached for ever."""
    return f"{_stem(image)}-{width}.{image.digest}.webp"


def share_url(image: Image) -> str:
    """The address of the picture's 1200 × 630 crop, for those who share the page."""
    return f"{_stem(image)}-share.{image.digest}.jpg"


def widths(image: Image) -> tuple[int, ...]:
    """The widths that a picture is offered in: never larger than it is."""
    smaller = tuple(width for width in WIDTHS if width < image.width)
    return smaller if len(smaller) == len(WIDTHS) else (*smaller, image.width)


def scaled_height(image: Image, width: int) -> int:
    return max(1, round(image.height * width / image.width))


def _stem(image: Image) -> str:
    return str(PurePosixPath(public_path(image.source)).with_suffix(""))


@cache
def _measure(path: Path) -> tuple[int, int, str] | None:
    """Width and height as shown (a camera's turn applied) and the file's digest, or None if it is no picture."""
    try:
        data = path.read_bytes()
        with Pillow.open(path, formats=PICTURE_FORMATS) as picture:
            width, height = picture.size
            if picture.getexif().get(0x0112, 1) in (5, 6, 7, 8):  # EXIF orientation: lies on its side
                width, height = height, width
    except Exception:  # noqa: BLE001  # a broken picture can make Pillow raise nearly anything
        return None
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        return None
    return width, height, hashlib.sha256(data).hexdigest()[:12]
