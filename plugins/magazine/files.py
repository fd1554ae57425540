"""Pictures and attached files: found below the content folder, measured, and given their addresses."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from PIL import Image as Pillow

from plugins.magazine.messages import Report
from plugins.magazine.model import Attachment, Image
from plugins.magazine.words import Words

PICTURE_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
MAX_PIXELS = 100_000_000
WIDTHS = (480, 800, 1200, 1600)
"""The widths in pixels in which a picture is offered; a browser takes the smallest that fills its place."""

SHOWN_WIDTH = 800
"""The width that serves where a browser cannot choose: in feeds, and in browsers that know no `srcset`."""

TYPES = {
    ".pdf": "PDF", ".docx": "Word", ".odt": "OpenDocument", ".xlsx": "Excel", ".ods": "OpenDocument", ".csv": "CSV",
    ".pptx": "PowerPoint", ".odp": "OpenDocument", ".txt": "Text", ".epub": "EPUB", ".ics": "iCalendar",
    ".mp3": "MP3", ".mp4": "MP4", ".vtt": "WebVTT", ".zip": "ZIP",
}  # fmt: skip

_Size = tuple[int, int, str]
"""Width, height, digest."""

HOMES = ("issues/", "pages/")
"""Where pictures and files lie that are published: elsewhere, one could take the place of a file of the site's own."""


@dataclass(frozen=True, slots=True)
class Files:
    """Looks files up for the texts of one content folder. Nothing outside that folder can be reached."""

    content: Path
    _measured: dict[Path, _Size | None] = field(default_factory=dict, repr=False, compare=False)
    _real_folders: dict[str, str] = field(default_factory=dict, repr=False, compare=False)

    def locate(self, folder: str, src: str) -> str | None:
        """The path below the content folder that `src`, written in a text in `folder`, means. None: outside it."""
        src = src.replace("\\", "/")
        joined = src.lstrip("/") if src.startswith("/") else f"{folder}/{src}"
        path = os.path.normpath(joined).replace(os.sep, "/")
        if path.startswith("../") or path in ("..", ".") or "\0" in path:
            return None
        return path if self._real(path).startswith(self._real_folder("") + os.sep) else None

    def _real(self, path: str) -> str:
        """Where a path below the content folder leads when all links are followed."""
        folder, _, name = path.rpartition("/")
        real = f"{self._real_folder(folder)}/{name}"
        return os.path.realpath(real) if os.path.islink(real) else real  # noqa: PTH114  # the path's own may raise

    def _real_folder(self, folder: str) -> str:
        """The same for a folder, looked up once: many files lie in it."""
        if folder not in self._real_folders:
            self._real_folders[folder] = os.path.realpath(f"{self.content}/{folder}")
        return self._real_folders[folder]

    def read(self, source: str, most: int, report: Report) -> bytes | None:
        """The first `most` bytes of a text, or None after reporting why there are none."""
        if self.locate("", source) is None:
            report.add("outside-folder", src=source.rpartition("/")[2])
            return None
        try:
            path = self.content / source
            if not stat.S_ISREG(path.stat().st_mode):  # a pipe or a device might never end
                report.add("unreadable", reason=report.words.gettext("it is not a file of text"))
                return None
            with path.open("rb") as file:
                return file.read(most)
        except OSError as error:
            report.add("unreadable", reason=refusal(error, report.words))
            return None

    def picture(
        self, folder: str, src: str, alt: str, caption: str, credit: str, line: int, report: Report
    ) -> Image | None:
        path = self._found(folder, src, line, report, "missing-picture", "images")
        if path is None:
            return None
        measured = self._measure(self.content / path)
        if measured is None:
            report.add("bad-picture", line, src=src)
            return None
        width, height, digest = measured
        return Image(
            source=path, width=width, height=height, digest=digest, alt=alt, caption=caption, credit=credit
        )  # fmt: skip

    def _measure(self, path: Path) -> _Size | None:
        """A picture that several texts show is measured once. The next build measures anew: it may have changed."""
        if path not in self._measured:
            self._measured[path] = _measure(path)
        return self._measured[path]

    def attachment(self, folder: str, src: str, title: str, line: int, report: Report) -> Attachment | None:
        path = self._found(folder, src, line, report, "missing-file", "files")
        if path is None:
            return None
        kind = TYPES.get(PurePosixPath(path).suffix.lower())
        if kind is None:
            report.add("bad-file-type", line, type=PurePosixPath(path).suffix or "?", known=" ".join(TYPES))
            return None
        size = (self.content / path).stat().st_size
        return Attachment(source=path, url=_address(public_path(path)), title=title, type=kind, size=size)

    def _found(self, folder: str, src: str, line: int, report: Report, missing: str, home: str) -> str | None:
        path = self.locate(folder, src)
        if path is None or not path.startswith(HOMES):
            report.add("outside-folder", line, src=src)
        elif is_file(self.content / path):
            return path
        else:
            report.add(missing, line, src=src, folder=f"{report.path.rpartition('/')[0]}/{home}/")
        return None


def is_file(path: Path) -> bool:
    """Like the path's own `is_file`, which raises where permission is missing or a name is too long."""
    try:
        return path.is_file()
    except OSError:
        return False


def refusal(error: OSError, words: Words) -> str:
    """Why the system does not let us read something."""
    if error.errno in (errno.ENOENT, errno.ELOOP):
        return words.gettext("it is a link that leads nowhere")
    if error.errno in (errno.EACCES, errno.EPERM):
        return words.gettext("permission is missing")
    return error.strerror or str(error)


def public_path(source: str) -> str:
    """Where in the site a file of the content folder lies: issues/2026-11/files/a.pdf → 2026-11/files/a.pdf.

    A page's files keep their folder, so that none can take the place of /robots.txt.
    """
    return source.removeprefix("issues/")


def picture_path(image: Image, width: int) -> str:
    """Where in the site one rendition lies. The digest in its name lets it be cached for ever."""
    return f"{_stem(image.source)}-{width}.{image.digest}.webp"


def share_path(image: Image) -> str:
    """Where in the site the picture's 1200 × 630 crop lies, for those who share the page."""
    return f"{_stem(image.source)}-share.{image.digest}.jpg"


def stamp_path(image: Image) -> str:
    """Where in the site the picture's 300 × 200 crop lies, for mails: not all programs that show them read WebP."""
    return f"{_stem(image.source)}-stamp.{image.digest}.jpg"


def picture_url(image: Image, width: int) -> str:
    return _address(picture_path(image, width))


def share_url(image: Image) -> str:
    return _address(share_path(image))


def stamp_url(image: Image) -> str:
    return _address(stamp_path(image))


def _address(path: str) -> str:
    """Files may have spaces and any letters in their names; in an address these are percent-encoded."""
    return "/" + quote(path)


def widths(image: Image) -> tuple[int, ...]:
    """The widths that a picture is offered in: never larger than it is."""
    smaller = tuple(width for width in WIDTHS if width < image.width)
    return smaller if len(smaller) == len(WIDTHS) else (*smaller, image.width)


def scaled_height(image: Image, width: int) -> int:
    return max(1, round(image.height * width / image.width))


@dataclass(frozen=True, slots=True)
class Rendition:
    """What an <img> says of a picture: addresses to choose from, and the size in pixels of the one that `src` names."""

    src: str
    srcset: str
    width: int
    height: int


def rendition(image: Image, base: str) -> Rendition:
    """How a picture is shown on a page of a site that lies under the path `base`."""
    offered = widths(image)
    shown = next((width for width in offered if width >= SHOWN_WIDTH), offered[-1])
    return Rendition(
        src=base + picture_url(image, shown),
        srcset=", ".join(f"{base}{picture_url(image, width)} {width}w" for width in offered),
        width=shown,
        height=scaled_height(image, shown),
    )


@lru_cache(maxsize=65536)
def _stem(source: str) -> str:
    return str(PurePosixPath(public_path(source)).with_suffix(""))


def _measure(path: Path) -> _Size | None:
    """Width and height as shown (a camera's turn applied) and the file's digest, or None if it is no picture."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        with Pillow.open(path, formats=PICTURE_FORMATS) as picture:
            width, height = picture.size
            if picture.getexif().get(0x0112, 1) in (5, 6, 7, 8):  # EXIF orientation: lies on its side
                width, height = height, width
    except Exception:  # noqa: BLE001  # a broken picture can make Pillow raise nearly anything
        return None
    if width < 1 or height < 1 or width * height > MAX_PIXELS:
        return None
    return width, height, digest[:12]
