"""The preview, as those who write meet it: the real command, a real browser, files that are saved."""

from __future__ import annotations

import queue
import re
import shutil
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import quote

import pytest
import watchfiles
from playwright.sync_api import Locator, Page, Response, Route, ViewportSize, expect

from desk.headers import HEADERS
from desk.preview import watch
from tests.building import ROOT, draw, environment, inv, inv_command, write, write_magazine, write_settings

Axe = Callable[..., list[str]]

LONG = "\n\n".join(f"Stycke nummer {number} i en lång text." for number in range(60))
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 320, "height": 640}


@dataclass(frozen=True)
class Shown:
    """A magazine that the command shows."""

    root: Path
    origin: str
    process: subprocess.Popen[str]

    @property
    def issues(self) -> Path:
        return self.root / "content" / "issues"

    def said(self) -> str:
        """The next line at the terminal."""
        assert self.process.stdout
        return self.process.stdout.readline().rstrip("\n")


@contextmanager
def shown(root: Path, *options: str) -> Iterator[Shown]:
    """Start `inv preview` for the magazine in `root`, at a free port; end it as people do, with Ctrl+C."""
    command = inv_command(
        "preview", "--settings", root / "magazine.py", "--today", "2026-11-25", "--port", "0", *options
    )
    process = subprocess.Popen(command, cwd=root, env=environment(), stdout=subprocess.PIPE, encoding="utf-8")
    try:
        assert process.stdout
        url = process.stdout.readline().strip()
        assert url.startswith("http://localhost:"), url
        yield Shown(root, url.rstrip("/"), process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        finally:
            process.kill()


def magazine(root: Path) -> Path:
    """Settings and content: two issues that are out, one to come, a draft."""
    write_settings(root, CACHE_PATH=str(root / "cache"))
    write_magazine(
        root,
        {
            "2026-10/forsta": {"title": "Första artikeln"},
            "2026-11/andra": {"title": "Andra artikeln", "category": "kultur"},
            "2026-11/lang": {"title": "En lång artikel", "body": LONG},
            "2026-11/utkast": {"title": "Ett utkast", "status": "draft"},
            "2026-12/kommande": {"title": "En kommande artikel"},
        },
    )
    return root


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    with shown(magazine(tmp_path_factory.mktemp("preview"))) as running:
        assert running.said() == "5 artiklar i 3 nummer visas."
        yield running


def panel(page: Page) -> Locator:
    return page.get_by_role("dialog")


def ready(page: Page) -> None:
    """The page's script has been told how things stand."""
    expect(page.get_by_role("complementary", name="Förhandsvisning")).to_be_visible()


def test_an_article_is_written_broken_and_mended(preview: Shown, page: Page) -> None:
    """What is saved shows without anybody reloading; a mistake shows with its line, and goes when it is mended."""
    page.goto(f"{preview.origin}/2026-11/")
    ready(page)
    path = preview.issues / "2026-11" / "ny.md"
    write(path, title="Nyskriven artikel", category="nyheter", summary="En ingress.")
    page.get_by_role("link", name="Nyskriven artikel").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nyskriven artikel")

    write(path, title="Nyskriven artikel", category="nyheter", summary="En ingress.", body="Ett stycke till.")
    expect(page.get_by_text("Ett stycke till.")).to_be_visible()

    write(path, title="Nyskriven artikel", category="nyhter", summary="En ingress.", body="Ett helt annat stycke.")
    expect(panel(page)).to_contain_text("content/issues/2026-11/ny.md, rad 3")
    expect(panel(page)).to_contain_text("Kategorin ”nyhter” finns inte. Menade du ”nyheter”?")
    expect(page.get_by_text("Ett stycke till.")).to_be_visible()  # the last whole magazine
    page.reload()
    expect(panel(page)).to_be_visible()

    write(path, title="Nyskriven artikel", category="nyheter", summary="En ingress.", body="Ett helt annat stycke.")
    expect(page.get_by_text("Ett helt annat stycke.")).to_be_visible()
    expect(panel(page)).to_be_hidden()

    path.unlink()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sidan finns inte här")


def test_the_place_is_kept(preview: Shown, page: Page) -> None:
    """After a reload the reader is where he was, also if the pictures above come late."""
    path = preview.issues / "2026-11" / "lang.md"
    draw(preview.issues / "2026-11" / "images" / "ny.png")
    page.set_viewport_size(DESK)
    page.goto(f"{preview.origin}/2026-11/lang/")
    ready(page)
    page.evaluate("scrollTo(0, 900)")
    held: list[Route] = []
    late = True

    def pictures(route: Route) -> None:
        held.append(route)
        if not late:
            route.continue_()

    page.route("**/*.webp", pictures)
    write(path, title="Den långa", category="nyheter", summary="En ingress.", body=f"![Färg](images/ny.png)\n\n{LONG}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Den långa")
    page.wait_for_load_state("domcontentloaded")
    waiting, late = held.copy(), False
    for route in waiting:
        route.continue_()
    page.wait_for_load_state("load")
    page.evaluate("Promise.all([...document.images].map(image => image.decode()))")
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert held
    assert page.evaluate("scrollY") == 900


def test_another_page_stays_as_it_is(preview: Shown, page: Page) -> None:
    """A save that does not change the open page does not reload it: what is typed there is kept."""
    page.goto(f"{preview.origin}/sok/")
    ready(page)
    page.get_by_role("searchbox").first.fill("halvskrivet")
    path = preview.issues / "2026-10" / "forsta.md"

    def of_this_save(response: Response) -> bool:
        """The page asks whether it has changed: now, not for a save that another test made."""
        if response.request.method != "HEAD":
            return False
        with urllib.request.urlopen(f"{preview.origin}/2026-10/forsta/") as answer:
            return "Annan text." in answer.read().decode()

    with page.expect_response(of_this_save):
        write(path, title="Första artikeln", category="nyheter", summary="Det här är ingressen.", body="Annan text.")
    expect(page.get_by_role("searchbox").first).to_have_value("halvskrivet")


def test_what_is_not_out_is_marked(preview: Shown, page: Page) -> None:
    """Drafts and later issues are shown, and marked where they are linked to and on their own pages."""
    page.goto(f"{preview.origin}/")
    ready(page)
    link = page.get_by_role("main").get_by_role("link", name="En kommande artikel").first
    expect(link).to_have_attribute("data-desk-mark", re.compile("Kommer 1.december.2026"))
    link.click()
    expect(page.locator(".bar .mark")).to_have_text(re.compile("Kommer 1.december.2026"))
    page.goto(f"{preview.origin}/2026-11/utkast/")
    expect(page.locator(".bar .mark")).to_have_text("Utkast")
    page.goto(f"{preview.origin}/2026-11/andra/")
    ready(page)
    expect(page.locator(".bar .mark")).to_have_count(0)


def test_the_magazine_of_any_day(preview: Shown, page: Page) -> None:
    """The day is chosen by keyboard; then all is as readers see it on that day, until everything is shown again."""
    page.goto(f"{preview.origin}/nummer/")
    ready(page)
    issues = page.get_by_role("main").get_by_role("link", name=re.compile("^Nummer 2026"))
    expect(issues).to_have_count(3)
    page.get_by_label("Visa en viss dag").fill("2026-10-15")
    page.get_by_label("Visa en viss dag").press("Enter")
    expect(issues).to_have_count(1)
    expect(page.locator(".showing")).to_have_text(re.compile("Som läsarna ser den 15.oktober.2026"))
    page.goto(f"{preview.origin}/2026-11/utkast/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sidan finns inte här")
    page.get_by_role("button", name="Visa allt").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ett utkast")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bar_and_panel_are_accessible(preview: Shown, page: Page, axe: Axe, size: ViewportSize, scheme: Any) -> None:
    """Bar and panel pass axe, make the page no wider, and the panel closes with Esc and comes back with its button."""
    page.set_viewport_size(size)
    page.emulate_media(color_scheme=scheme)
    path = preview.issues / "2026-11" / "trasig.md"
    try:
        path.write_text("---\ntitle: Trasig\n---\n\nText.\n", encoding="utf-8")
        page.goto(f"{preview.origin}/2026-11/andra/")
        expect(panel(page)).to_contain_text("trasig.md")
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        page.keyboard.press("Escape")
        expect(panel(page)).to_be_hidden()
        page.get_by_role("button", name="2 fel").press("Enter")
        expect(panel(page)).to_be_visible()
        page.get_by_role("button", name="Stäng").press("Enter")
        expect(panel(page)).to_be_hidden()
        if size == DESK:
            page.get_by_role("button", name="Fäll ihop").press("Enter")
        expect(page.locator(".showing")).to_have_count(0)  # on a phone it begins so
        page.get_by_role("button", name="Fäll ut").press("Enter")
        expect(page.locator(".showing")).to_be_visible()
        assert axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        path.unlink()


def test_headers_and_addresses_of_the_real_server(preview: Shown) -> None:
    """The headers are those of the published site; an address without its last slash leads to the one with it."""
    with urllib.request.urlopen(f"{preview.origin}/2026-11") as answer:
        assert answer.url == f"{preview.origin}/2026-11/"
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(f"{preview.origin}/-/../../tasks.py")
    attached = preview.issues / "2026-11" / "files" / "en plän.pdf"
    attached.parent.mkdir()
    attached.write_bytes(b"%PDF-1.7")
    files = [{"src": "files/en plän.pdf", "title": "Planen"}]
    address = f"{preview.origin}/2026-11/files/{quote('en plän.pdf')}"
    with urllib.request.urlopen(f"{preview.origin}/-/events", timeout=10) as events:
        write(preview.issues / "2026-11" / "plan.md", title="En plan", category="nyheter", summary="-", files=files)
        for _ in (line for line in events if line.startswith(b"data: ")):  # a proof of the file, one of the text
            with suppress(urllib.error.HTTPError), urllib.request.urlopen(address) as answer:
                assert answer.headers["Content-Type"] == "application/pdf"
                assert answer.read() == b"%PDF-1.7"
                break
    with urllib.request.urlopen(f"{preview.origin}/search/index.json") as answer:
        assert answer.headers["Content-Type"].startswith("application/json")


# -- Other magazines, other ways to start ------------------------------------------------------------------------------


def test_by_looking(tmp_path: Path, page: Page) -> None:
    """Where the system tells nothing: saves by renaming, of many files at once and in two halves are seen too."""
    with shown(magazine(tmp_path), "--poll") as running:
        page.goto(f"{running.origin}/2026-11/")
        ready(page)
        beside, path = running.issues / "2026-11" / ".andra.md.swp", running.issues / "2026-11" / "andra.md"
        write(beside, title="Genom byte av namn", category="kultur", summary="En ingress.")
        beside.replace(path)
        expect(page.get_by_role("link", name="Genom byte av namn").first).to_be_visible()

        for number in range(30):
            write(
                running.issues / "2026-11" / f"fler-{number}.md",
                title=f"Av många {number}",
                category="nyheter",
                summary="-",
            )
        expect(page.get_by_role("link", name="Av många 29").first).to_be_visible()

        text = path.read_text(encoding="utf-8").replace("Genom byte av namn", "I två halvor")
        with path.open("w", encoding="utf-8") as file:
            file.write(text[:20])
            file.flush()
            file.write(text[20:])
        expect(page.get_by_role("link", name="I två halvor").first).to_be_visible()
        expect(panel(page)).to_be_hidden()


def test_faults_of_theme_and_settings(tmp_path: Path, page: Page) -> None:
    """What is wrong with a template or the settings shows in the panel, with file and line, and never as a stack trace;
    what is mended shows."""
    shutil.copytree(ROOT / "theme", tmp_path / "theme")
    magazine(tmp_path)
    write_settings(tmp_path, CACHE_PATH=str(tmp_path / "cache"), THEME=str(tmp_path / "theme"))
    with shown(tmp_path) as running:
        page.goto(f"{running.origin}/2026-11/andra/")
        ready(page)
        template = tmp_path / "theme" / "templates" / "article.html"
        whole = template.read_text(encoding="utf-8")
        before, block, after = whole.partition("{% block main %}")
        template.write_text(f"{before}{block}{{{{ nothing.at.all }}}}{after}", encoding="utf-8")
        line = before.count("\n") + 1
        expect(panel(page)).to_contain_text(f"theme/templates/article.html, rad {line}")
        expect(page.get_by_role("heading", level=1)).to_have_text("Andra artikeln")
        template.write_text(f"{whole}{{% nonsense %}}", encoding="utf-8")
        expect(panel(page)).to_contain_text("nonsense")
        template.write_text(whole, encoding="utf-8")
        expect(panel(page)).to_be_hidden()

        settings = tmp_path / "magazine.py"
        right = settings.read_text(encoding="utf-8")
        settings.write_text(right + "LIVE_ARTICLES = 'många'\n", encoding="utf-8")
        expect(panel(page)).to_contain_text("LIVE_ARTICLES")
        settings.write_text(right + "SITENAME = 'Ett annat namn'\n", encoding="utf-8")
        expect(page.get_by_role("banner").get_by_role("link", name="Ett annat namn")).to_be_visible()
        expect(panel(page)).to_be_hidden()

        (tmp_path / "theme" / "static" / "css" / "magazine.css").write_text("body { color: red }", encoding="utf-8")
        expect(page.locator("body")).to_have_css("color", "rgb(255, 0, 0)")
    assert running.process.stdout
    said = running.process.stdout.read()
    assert f"theme/templates/article.html:{line}: " in said
    assert "nonsense" in said
    assert "LIVE_ARTICLES" in said
    assert "Traceback" not in said


def test_nothing_whole_to_show(tmp_path: Path, page: Page) -> None:
    """With a mistake from the beginning there is a page that says so, and the magazine as soon as it is mended."""
    path = magazine(tmp_path) / "content" / "issues" / "2026-11" / "andra.md"
    whole = path.read_text(encoding="utf-8")
    path.write_text("Bara text.\n", encoding="utf-8")
    with shown(tmp_path) as running:
        assert running.said().startswith("content/issues/2026-11/andra.md:1: ")
        page.goto(f"{running.origin}/2026-11/andra/")
        expect(panel(page)).to_contain_text("content/issues/2026-11/andra.md, rad 1")
        expect(page.get_by_role("heading", level=1)).to_have_text("Tidningen kan inte visas än.")
        path.write_text(whole, encoding="utf-8")
        expect(page.get_by_role("heading", level=1)).to_have_text("Andra artikeln")


def test_ending_and_a_taken_port(tmp_path: Path) -> None:
    """Ctrl+C ends it quietly, also with a page open; a port that is taken is said in a sentence."""
    magazine(tmp_path)
    with shown(tmp_path) as running, urllib.request.urlopen(f"{running.origin}/-/events") as waiting:
        assert waiting.readline().startswith(b"data: ")
        port = running.origin.rpartition(":")[2]
        second = inv("preview", "--settings", tmp_path / "magazine.py", "--port", port)
        assert second.returncode == 1
        assert f"--port: Port {port} är upptagen" in second.stderr + second.stdout
        assert "Traceback" not in second.stderr
    assert running.process.returncode == 0


# -- The newsletter ----------------------------------------------------------------------------------------------------

HOSTILE = b"""From: a@example.se
To: b@example.se
Subject: Ett fientligt mejl
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8

<html><head></head><body><p id="p">Kvar</p><script>document.getElementById("p").textContent = "Borta"</script>
<img src="SPY/theme/img/icon.svg" onerror="document.body.textContent = 'Borta'"></body></html>
"""


def test_the_newsletter_is_tried_out(tmp_path: Path, page: Page, axe: Axe) -> None:
    """One signs up on the page, reads the mail, confirms, releases an issue, gets its digest, leaves, begins again."""
    magazine(tmp_path)
    write_settings(tmp_path, CACHE_PATH=str(tmp_path / "cache"), NEWSLETTER_URL="https://nyhetsbrev.example")
    with shown(tmp_path) as running:
        page.goto(f"{running.origin}/2026-11/")
        ready(page)
        page.get_by_role("button", name="Prova utskicket").click()
        expect(page.get_by_role("status")).to_have_text(re.compile("^Ingen skulle få det"))

        page.goto(f"{running.origin}/prenumerera/")
        page.locator("main input[type=email]").first.fill("anna@example.se")
        page.get_by_role("main").locator("form[method=post]").first.get_by_role("button").click()
        page.goto(f"{running.origin}/mail/")
        page.get_by_role("link", name="Bekräfta").click()
        assert axe(page) == []
        with page.expect_popup() as popup:
            page.frame_locator("iframe").locator("a[href*='/confirm/']").first.click()
        popup.value.get_by_role("button").click()
        expect(popup.value.get_by_role("heading", level=1)).to_be_visible()
        popup.value.close()

        page.goto(f"{running.origin}/mail/")
        ready(page)
        with page.context.new_page() as other:
            other.goto(f"{running.origin}/2026-11/")
            other.get_by_role("button", name="Prova utskicket").click()
            expect(other.get_by_role("status")).to_have_text("Det skickas till 1 läsare.")
        mails = page.locator(".mails a")
        expect(mails).to_have_count(2)
        mails.first.click()
        expect(page.frame_locator("iframe").get_by_role("heading", name="Andra artikeln").first).to_be_visible()
        page.get_by_role("button", name="Avsluta med ett klick").click()

        page.goto(f"{running.origin}/2026-11/")
        page.get_by_role("button", name="Prova utskicket").click()
        expect(page.get_by_role("status")).to_have_text(re.compile("^Ingen skulle få det"))

        spy = running.origin.replace("localhost", "127.0.0.1")  # another host, for a browser
        answered: list[str] = []
        page.on("response", lambda response: answered.append(response.url))
        (tmp_path / "var" / "preview" / "mail" / "9000000000000000000-0.eml").write_bytes(
            HOSTILE.replace(b"SPY", spy.encode())
        )
        page.goto(f"{running.origin}/mail/9000000000000000000-0/")
        expect(page.frame_locator("iframe").get_by_text("Kvar")).to_be_visible()
        page.goto(f"{running.origin}/mail/9000000000000000000-0/html")
        expect(page.get_by_text("Kvar")).to_be_visible()
        assert answered
        assert not any(url.startswith(spy) for url in answered)

        page.goto(f"{running.origin}/mail/")
        assert axe(page) == []
        page.get_by_role("button", name="Börja om").click()
        expect(page.get_by_text("Ingen post har kommit än.")).to_be_visible()


# -- Where one must look -----------------------------------------------------------------------------------------------

MOUNTS = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
40 22 0:40 / /mnt/gemensam\040disk rw - cifs //server/disk rw
41 22 0:41 / /srv rw,relatime master:3 - virtiofs host rw
"""
MAC = """\
/dev/disk3s1 on / (apfs, local, journaled)
//me@server/disk on /Volumes/Gemensam disk (smbfs, nodev, nosuid)
"""


def test_where_the_system_does_not_tell() -> None:
    """Shares and folders of a container's host are known by their file systems, on Windows by their letter or name."""
    assert watch.linux_file_system(PurePosixPath("/home/anna/tidning"), MOUNTS) in watch.TOLD_OF
    assert watch.linux_file_system(PurePosixPath("/mnt/gemensam disk/tidning"), MOUNTS) == "cifs"
    assert watch.linux_file_system(PurePosixPath("/srv"), MOUNTS) not in watch.TOLD_OF
    assert watch.mac_file_system(PurePosixPath("/Volumes/Gemensam disk/tidning"), MAC) in watch.SHARES
    assert watch.mac_file_system(PurePosixPath("/Users/anna"), MAC) not in watch.SHARES
    assert watch.on_windows_share(r"\\server\disk\tidning")
    assert not watch.on_windows_share(r"C:\Users\anna\tidning")


def test_a_system_that_tells_of_no_more_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the system refuses to tell (it has a limit for all programs together), saves are looked for."""
    told = watchfiles.watch

    def refusing(*folders: Path, force_polling: bool | None = None, **options: Any) -> Iterator[Any]:
        if not force_polling:
            raise OSError("OS file watch limit reached")
        yield from told(*folders, force_polling=True, **options)

    monkeypatch.setattr(watchfiles, "watch", refusing)
    seen: queue.Queue[set[Path]] = queue.Queue()
    stop = threading.Event()
    thread = watch.start([tmp_path], seen.put, stop)
    try:
        writing = threading.Event()
        for number in range(100):  # it does not say when it has begun to look
            (tmp_path / f"{number}.md").write_text("Text.", encoding="utf-8")
            if not seen.empty() or writing.wait(0.1):
                break
        assert any(path.parent == tmp_path for path in seen.get(timeout=10))
    finally:
        stop.set()
        thread.join(10)


def test_two_saves_in_one_second_are_seen_by_looking(tmp_path: Path) -> None:
    """Who looks compares whole seconds: the second save looks like the first."""
    path, stop = tmp_path / "a.md", threading.Event()
    seen: queue.Queue[set[Path]] = queue.Queue()
    thread = watch.start([tmp_path], seen.put, stop, polling=True)
    try:
        while seen.empty():  # it does not say when it has begun to look
            while time.time() % 1 > 0.1:
                time.sleep(0.01)
            path.write_text(f"Första gången, {time.time()}", encoding="utf-8")
            with suppress(queue.Empty):
                seen.put(seen.get(timeout=0.8))
        time.sleep(0.05)
        while not seen.empty():
            seen.get()
        path.write_text("Andra gången", encoding="utf-8")
        assert path in seen.get(timeout=10)
    finally:
        stop.set()
        thread.join(10)
