"""The pictures of what is released, in every size that the pages offer, and the files that readers can fetch.

Only what a released text uses is published. Pictures are made anew, so that nothing a camera wrote into the file (time,
place, owner) comes along. They are kept in the cache folder under the digest of their source.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import PIL
from PIL import Image as Pillow
from PIL import ImageOps

from plugins.magazine import signals
from plugins.magazine.files import PICTURE_FORMATS, picture_path, public_path, share_path, stamp_path, widths
from plugins.magazine.messages import problem
from plugins.magazine.model import Article, Image, Issue, Page
from plugins.magazine.outputs import Output
from plugins.magazine.problems import ContentError
from plugins.magazine.site import Site

RECIPE = f"2-pillow{PIL.__version__}"
"""Part of the cached files' names. Change the number with anything below that changes the bytes."""
SHARE_SIZE = (1200, 630)
STAMP_SIZE = (300, 200)


def outputs(site: Site) -> Iterator[Output]:
    magazine = site.magazine
    texts: list[Article | Issue | Page] = [
        *magazine.issues,
        *magazine.articles,
        *magazine.translations,
        *magazine.pages,
    ]
    made: set[str] = set()
    for text in texts:
        for image, path, make in _renditions(text):
            if path not in made:
                made.add(path)
                yield Output(path, partial(_cached, site, path, image, make))
        attached = text.attachments if isinstance(text, Article) else ()
        for attachment in (*attached, *text.linked_files):
            path = public_path(attachment.source)
            if path not in made:
                made.add(path)
                yield Output(path, partial((site.settings.content / attachment.source).read_bytes))


def register() -> None:
    signals.publish.connect(outputs)


Maker = Callable[[Pillow.Image], bytes]


def _renditions(text: Article | Issue | Page) -> Iterator[tuple[Image, str, Maker]]:
    """What is made of a text's pictures. The smallest is for the mail about an issue, which names no translations."""
    for image in text.pictures:
        for width in widths(image):
            yield image, picture_path(image, width), partial(_webp, width=width)
        yield image, share_path(image), partial(_crop, size=SHARE_SIZE)
    if isinstance(text, Article) and text.image and not text.translation_of:
        yield text.image, stamp_path(text.image), partial(_crop, size=STAMP_SIZE)


def _cached(site: Site, path: str, image: Image, make: Maker) -> bytes:
    kept = site.settings.cache / "pictures" / RECIPE / f"{image.digest}-{Path(path).name.rsplit('-', 1)[1]}"
    try:
        return kept.read_bytes()
    except OSError:
        pass
    try:
        with Pillow.open(site.settings.content / image.source, formats=PICTURE_FORMATS) as opened:
            picture = _plain(opened)
    except Exception as error:  # a broken file can make Pillow raise nearly anything
        shown = site.content.shown(image.source)
        raise ContentError([problem(site.words, shown, 1, "bad-picture", src=shown)]) from error
    data = make(picture)
    kept.parent.mkdir(parents=True, exist_ok=True)
    beside = kept.with_suffix(f".{os.getpid()}")
    beside.write_bytes(data)
    beside.replace(kept)
    return data


def _plain(opened: Pillow.Image) -> Pillow.Image:
    """The picture the right way up, with its colours and nothing else of what stood in the file."""
    picture = ImageOps.exif_transpose(opened)
    if picture.mode.startswith("I"):  # 16 bits of grey: Pillow would cut them off instead of scaling them
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    picture = picture.convert("RGBA" if _transparent(picture) else "RGB")
    picture.info = {key: value for key, value in picture.info.items() if key == "icc_profile"}
    return picture


def _transparent(picture: Pillow.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _webp(picture: Pillow.Image, width: int) -> bytes:
    height = max(1, round(picture.height * width / picture.width))
    scaled = picture if width == picture.width else picture.resize((width, height), Pillow.Resampling.LANCZOS)
    return _save(scaled, "WEBP", quality=82, method=4)


def _crop(picture: Pillow.Image, size: tuple[int, int]) -> bytes:
    if picture.mode == "RGBA":
        picture = Pillow.alpha_composite(Pillow.new("RGBA", picture.size, "white"), picture)
    return _save(ImageOps.fit(picture.convert("RGB"), size), "JPEG", quality=82, optimize=True)


def _save(picture: Pillow.Image, form: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, form, **options)
    return file.getvalue()
