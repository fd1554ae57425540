"""The pictures and files of a site: right sizes, nothing of the camera's, made once and made anew when they change."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from plugins import media
from plugins.magazine.problems import ContentError
from tests.building import PDF, ROOT, build, draw, inv, shade, snapshot, write_magazine, write_settings

PLUGINS = ("plugins.magazine", "plugins.media")
RENDITION = re.compile(r"(?P<name>.+)-(?P<kind>\d+|share|stamp)\.(?P<digest>[0-9a-f]{12})\.(?P<type>webp|jpg)")
CANARY = b"kanariefagelns kamera"


def publish(root: Path, name: str = "bild.png", **more: Any) -> Path:
    """Build a magazine whose one article shows `images/<name>`; gives the folder that the pictures are published in."""
    article = {"image": {"src": f"images/{name}", "alt": "En bild"}}
    write_magazine(root, {"2026-11/artikel": article})
    return build(root, plugins=PLUGINS, **more) / "2026-11" / "images"


def source(root: Path, name: str = "bild.png") -> Path:
    path = root / "content" / "issues" / "2026-11" / "images" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def renditions(folder: Path) -> Mapping[str, Path]:
    """The published pictures by what they are: "480", "share", "stamp"."""
    found = {}
    for path in folder.iterdir():
        match = RENDITION.fullmatch(path.name)
        assert match, path.name
        found[match["kind"]] = path
    return found


def opened(path: Path) -> Image.Image:
    with Image.open(path) as picture:
        picture.load()
        return picture.copy()


@pytest.mark.parametrize(
    ("width", "height", "offered"),
    [
        (2000, 1000, {480, 800, 1200, 1600}),
        (1600, 1000, {480, 800, 1200, 1600}),
        (900, 600, {480, 800, 900}),
        (480, 300, {480}),
        (300, 2000, {300}),
        (1, 1, {1}),
    ],
)
def test_widths(tmp_path: Path, width: int, height: int, offered: set[int]) -> None:
    """A picture is offered in several widths, as large as it says, in its own proportions, never larger than it is."""
    shade(source(tmp_path), width, height)
    made = renditions(publish(tmp_path))
    assert {int(kind) for kind in made if kind.isdecimal()} == offered
    for kind, path in made.items():
        if kind.isdecimal():
            picture = opened(path)
            assert picture.format in (None, "WEBP")
            assert picture.size == (int(kind), max(1, round(height * int(kind) / width)))


@pytest.mark.parametrize("size", [(2000, 1000), (300, 900), (1200, 630), (1, 1)])
def test_share_picture(tmp_path: Path, size: tuple[int, int]) -> None:
    """Whoever shares a page gets a JPEG of 1200 × 630 pixels, whatever the picture's own size."""
    shade(source(tmp_path), *size)
    with Image.open(renditions(publish(tmp_path))["share"]) as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", (1200, 630), "RGB")


def test_picture_for_mails(tmp_path: Path) -> None:
    """An article's own picture has a small JPEG too, 300 × 200: mail programs that know no WebP show it."""
    shade(source(tmp_path), 1700, 900)
    path = renditions(publish(tmp_path))["stamp"]
    with Image.open(path) as picture:
        assert (picture.format, picture.size, picture.mode) == ("JPEG", (300, 200), "RGB")
    assert path.stat().st_size < 25_000


def test_share_picture_of_a_transparent_one(tmp_path: Path) -> None:
    """Where a picture is transparent, its share picture is white: a JPEG cannot be transparent."""
    picture = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((250, 150, 350, 250), fill="teal")
    picture.save(source(tmp_path))
    shared = opened(renditions(publish(tmp_path))["share"])
    corner, middle = shared.getpixel((5, 5)), shared.getpixel((600, 315))
    assert isinstance(corner, tuple)
    assert isinstance(middle, tuple)
    assert min(corner) > 245
    assert max(abs(a - b) for a, b in zip(middle, (0, 128, 128), strict=True)) < 20


def _photograph(path: Path, form: str, orientation: int = 1) -> None:
    """A picture as a camera leaves it: red at the left, blue at the right, and full of what the camera knows."""
    picture = Image.new("RGB", (400, 200), "red")
    ImageDraw.Draw(picture).rectangle((200, 0, 400, 200), fill="blue")
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x013B] = exif[0x010F] = CANARY.decode()  # artist, make
    exif.get_ifd(0x8825).update({1: "N", 2: (55.0, 42.0, 11.0), 29: CANARY.decode()})  # GPS
    xmp = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>" + CANARY + b"</x:xmpmeta>"
    options: dict[str, Any] = {"exif": exif}
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", CANARY.decode())
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options["pnginfo"] = text
    else:
        options["xmp"] = xmp
    if form == "JPEG":
        options["comment"] = CANARY
    picture.save(path, form, **options)
    assert CANARY in path.read_bytes()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_of_the_camera(tmp_path: Path, form: str) -> None:
    """Time, place and owner that a camera or a program wrote into a picture are not published with it."""
    _photograph(source(tmp_path), form)
    for path in renditions(publish(tmp_path)).values():
        data = path.read_bytes()
        assert CANARY not in data, path.name
        assert not {b"Exif", b"EXIF", b"XMP ", b"xmpmeta", b"GPS"} & {
            m for m in (b"Exif", b"EXIF", b"XMP ", b"xmpmeta", b"GPS") if m in data
        }
        picture = opened(path)
        assert not picture.getexif()
        assert not {"exif", "xmp", "comment", "Author"} & picture.info.keys()


def test_comment_of_a_gif(tmp_path: Path) -> None:
    """A comment in a GIF is not published."""
    Image.new("P", (40, 30)).save(source(tmp_path), "GIF", comment=CANARY)
    assert CANARY in source(tmp_path).read_bytes()
    assert all(CANARY not in path.read_bytes() for path in renditions(publish(tmp_path)).values())


@pytest.mark.parametrize(
    ("orientation", "size", "red"),
    [
        (1, (400, 200), (100, 100)),
        (3, (400, 200), (300, 100)),
        (6, (200, 400), (100, 100)),
        (8, (200, 400), (100, 300)),
    ],
)
def test_orientation(tmp_path: Path, orientation: int, size: tuple[int, int], red: tuple[int, int]) -> None:
    """A photograph that the camera has marked as turned is shown the right way up, with the size that it then has."""
    _photograph(source(tmp_path, "foto.jpg"), "JPEG", orientation)
    made = renditions(publish(tmp_path, "foto.jpg"))
    assert made.keys() == {str(size[0]), "share", "stamp"}
    picture = opened(made[str(size[0])]).convert("RGB")
    assert picture.size == size
    pixel = picture.getpixel(red)
    assert isinstance(pixel, tuple)
    assert pixel[0] > 200
    assert pixel[2] < 60


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency(tmp_path: Path, mode: str) -> None:
    """What is transparent in a picture stays so in every size."""
    picture = Image.new("RGBA", (600, 400), (0, 0, 0, 0))
    ImageDraw.Draw(picture).rectangle((200, 100, 400, 300), fill=(0, 0, 0, 255))
    if mode == "P":
        picture.quantize(4).save(source(tmp_path))
    else:
        picture.convert(mode).save(source(tmp_path))
    made = renditions(publish(tmp_path))
    for kind in ("480", "600"):
        alpha = opened(made[kind]).convert("RGBA").getchannel("A")
        assert alpha.getpixel((2, 2)) == 0
        assert alpha.getpixel((alpha.width // 2, alpha.height // 2)) == 255


@pytest.mark.parametrize("mode", ["L", "CMYK", "1", "P", "I;16"])
def test_colours(tmp_path: Path, mode: str) -> None:
    """Grey, printer's and palette pictures, also with 16 bits, come out as light and as dark as they are."""
    name = "bild.jpg" if mode == "CMYK" else "bild.png"
    grey = Image.new("L", (200, 100), 255)
    ImageDraw.Draw(grey).rectangle((0, 0, 99, 99), fill=0)
    if mode == "I;16":
        row = [0] * 100 + [65535] * 80 + [16384] * 20
        deep = b"".join(value.to_bytes(2, "little") for value in row * 100)
        Image.frombytes("I;16", (200, 100), deep).save(source(tmp_path, name))
    else:
        grey.convert("RGB").convert(mode).save(source(tmp_path, name))
    picture = opened(renditions(publish(tmp_path, name))["200"]).convert("L")
    dark, light = picture.getpixel((50, 50)), picture.getpixel((150, 50))
    assert isinstance(dark, (int, float))
    assert isinstance(light, (int, float))
    assert dark < 15
    assert light > 240
    if mode == "I;16":
        quarter = picture.getpixel((190, 50))
        assert isinstance(quarter, (int, float))
        assert 50 < quarter < 80


def test_moving_gif(tmp_path: Path) -> None:
    """Of a moving GIF the first picture is shown, and it stands still."""
    frames = [Image.new("RGB", (120, 80), colour) for colour in ("red", "green", "blue")]
    frames[0].save(source(tmp_path, "film.gif"), save_all=True, append_images=frames[1:], duration=50, loop=0)
    for path in renditions(publish(tmp_path, "film.gif")).values():
        with Image.open(path) as picture:
            assert getattr(picture, "n_frames", 1) == 1
            pixel = picture.convert("RGB").getpixel((20, 20))
        assert isinstance(pixel, tuple)
        assert pixel[0] > 200
        assert pixel[1] < 60
        assert pixel[2] < 60


def test_only_what_is_used(tmp_path: Path) -> None:
    """Pictures and files that no text uses are not published; those that two texts use are published once."""
    for name in ("bild.png", "kladd.png"):
        draw(source(tmp_path, name))
    files = source(tmp_path).parents[1] / "files"
    files.mkdir()
    (files / "plan.pdf").write_bytes(PDF)
    (files / "lankad.pdf").write_bytes(PDF)
    (files / "kladd.pdf").write_bytes(PDF)
    article = {
        "image": {"src": "images/bild.png", "alt": "En bild"},
        "files": [{"src": "files/plan.pdf", "title": "Planen"}],
        "body": "![Samma](images/bild.png)\n\n[En plan](files/lankad.pdf)",
    }
    write_magazine(tmp_path, {"2026-11/ett": article, "2026-11/tva": article})
    published = snapshot(build(tmp_path, plugins=PLUGINS) / "2026-11")
    assert published["files/plan.pdf"] == published["files/lankad.pdf"] == PDF
    assert not [name for name in published if "kladd" in name]
    assert sorted(RENDITION.sub(r"\g<kind>", name) for name in published if name.startswith("images/b")) == [
        "480", "800", "900", "share", "stamp",
    ]  # fmt: skip


def test_names_of_files(tmp_path: Path) -> None:
    """A picture or a file may be called what people call files."""
    name = 'Bro över ån, nr #1? 100% "klar" & <ny>\'s.png'
    draw(source(tmp_path, name))
    made = publish(tmp_path, name)
    assert {path.name.rpartition("-")[0] for path in made.iterdir()} == {name.removesuffix(".png")}


def _pictures(root: Path) -> dict[str, bytes]:
    return snapshot(root / "output" / "2026-11" / "images")


def test_cache_is_used(tmp_path: Path) -> None:
    """A picture that was made once is taken from the cache, also when the output is built elsewhere."""
    draw(source(tmp_path))
    publish(tmp_path)
    kept = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(kept) == 5
    for path in kept:
        path.write_bytes(b"from the cache")
    publish(tmp_path, OUTPUT_PATH=str(tmp_path / "elsewhere"))
    assert set(snapshot(tmp_path / "elsewhere" / "2026-11" / "images").values()) == {b"from the cache"}


@pytest.mark.parametrize("cache", ["cache", "cache-{}"])
def test_changed_picture(tmp_path: Path, cache: str) -> None:
    """A changed picture gets new addresses and is made anew, also when neither its size nor its time has changed."""
    path = source(tmp_path, "bild.gif")
    published = []
    for colour in ("red", "lime"):
        draw(path, 60, 40, colour)
        os.utime(path, (1, 1))
        publish(
            tmp_path, path.name, OUTPUT_PATH=str(tmp_path / colour), CACHE_PATH=str(tmp_path / cache.format(colour))
        )
        published.append((path.stat().st_size, snapshot(tmp_path / colour / "2026-11" / "images")))
    (old_size, old), (new_size, new) = published
    assert old_size == new_size
    assert not old.keys() & new.keys()
    assert not set(old.values()) & set(new.values())


def test_another_version_of_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another version of the picture library made is not used."""
    draw(source(tmp_path))
    publish(tmp_path)
    for path in (tmp_path / "cache").rglob("*"):
        if path.is_file():
            path.write_bytes(b"made by another")
    monkeypatch.setattr(media, "RECIPE", "1-pillow99")
    publish(tmp_path)
    assert b"made by another" not in _pictures(tmp_path).values()


def _cut_off(path: Path) -> None:
    """A JPEG that says what it is, and then ends."""
    Image.effect_noise((300, 200), 90).convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[:6000])


def test_broken_picture(tmp_path: Path) -> None:
    """A picture that turns out to be broken when it is made smaller is named in words."""
    _cut_off(source(tmp_path, "foto.jpg"))
    with pytest.raises(ContentError) as caught:
        publish(tmp_path, "foto.jpg")
    assert [(problem.path, problem.code) for problem in caught.value.problems] == [
        (source(tmp_path, "foto.jpg").as_posix(), "bad-picture")
    ]


def test_broken_picture_in_another_process(tmp_path: Path) -> None:
    """A picture that turns out to be broken in one of several processes is named in the same words."""
    _cut_off(source(tmp_path, "foto.jpg"))
    articles = {f"2026-11/artikel-{n}": {"tags": [f"ord {n}"]} for n in range(110)}
    write_magazine(tmp_path, {**articles, "2026-11/sist": {"image": {"src": "images/foto.jpg", "alt": "En bild"}}})
    done = inv("build", "--settings", write_settings(tmp_path), "--today", "2026-11-30", "--jobs", "2", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("content/issues/2026-11/images/foto.jpg:1: ")
    assert "Traceback" not in done.stdout + done.stderr
    assert not (tmp_path / "output").exists()
    assert ROOT not in tmp_path.parents
