"""Signing up in a browser: on the built site, through the service's pages, and what a scanner's browser cannot do."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import Receive, Scope, Send

from newsletter import addresses, cli, database, letters, magazine, subscribers, upkeep, web
from tests import mailing, service
from tests.sample import Look, Sample, sample_in, wear
from tests.service import Client
from tests.smtp_sink import Sink


@dataclass
class Host:
    """The magazine and, under a path of it, its newsletter."""

    address: str
    client: Client

    def link(self, purpose: Any, ref: str) -> str:
        return self.address + "/nyhetsbrev" + self.client.link(purpose, ref)

    def letter(self, key: str) -> str:
        """The address in the letter that waits for somebody."""
        config, row = self.client.app.state.config, self.client.row(key)
        with database.reading(self.client.engine) as connection:
            known = magazine.kept(connection, config)
        link = letters.link(config, self.client.app.state.tokens, row.ref)
        text = letters.compose("confirm/sv", link=link, magazine=known, choice=row.choice, days=7).text
        return next(line for line in text.splitlines() if line.startswith(config.base_url))

    def subscriber(self, key: str, standing: str = "active") -> str:
        """Somebody of a standing. Gives the ref."""
        tokens = self.client.app.state.tokens
        with database.writing(self.client.engine) as connection:
            mailbox = addresses.parse(key)
            subscribers.sign_up(connection, tokens, mailbox, choice="", version="1", lang="sv", now=1.0)
            ref = self.client.ref(connection, key)
            if standing != "pending":
                subscribers.confirm(connection, ref, 1.0)
            if standing == "left":
                subscribers.leave(connection, ref, 1.0)
        return ref


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return sample_in(tmp_path_factory.getbasetemp())


@pytest.fixture
def host(sample: Sample, tmp_path: Path) -> Iterator[Host]:
    engine = database.connect(f"sqlite:///{tmp_path}/newsletter.db")
    inside: list[Any] = []

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        await inside[0](scope, receive, send)

    with service.running(outer) as address:
        config = service.config(site_url=address, base_url=f"{address}/nyhetsbrev", sign_ups="1000")
        app = web.app(config, engine)
        files = service.Files(sample.out)
        inside.append(Starlette(routes=[Mount("/nyhetsbrev", app), Mount("/", files)]))
        upkeep.run(config, engine)
        with database.writing(engine) as connection:
            known = magazine.kept(connection, config)  # its own address is the one that it is built for
            facts = {"name": known.name, "lang": known.lang, "categories": known.categories}
            magazine.keep(connection, magazine.Magazine(url=address, **facts))  # type: ignore[arg-type]
        client = Client(app)
        yield Host(address, client)
        client.runner.close()
    engine.dispose()


def test_from_the_site_to_leaving_without_scripts(browser: Browser, host: Host) -> None:
    with browser.new_context(java_script_enabled=False, locale="sv-SE") as context:
        page = context.new_page()
        page.goto(f"{host.address}/prenumerera/")
        form = page.locator("main form", has=page.get_by_label("E-postadress"))
        form.get_by_label("E-postadress").fill("Anna@x.example")
        form.get_by_label("Tankar").check()
        form.get_by_label("Nyheter").check()
        form.get_by_role("button", name="Anmäl dig").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Ett steg återstår"
        row = host.client.row("anna@x.example")
        assert (row.standing, row.choice) == ("pending", "nyheter tankar")

        page.goto(host.letter("anna@x.example"))
        assert host.client.row("anna@x.example").standing == "pending"
        assert "Nyheter och Tankar" in page.get_by_role("main").inner_text()
        page.get_by_role("button").click()
        assert host.client.row("anna@x.example").standing == "active"

        page.goto(host.link("preferences", row.ref))
        page.get_by_label("Tankar").uncheck()
        page.get_by_role("button", name="Spara").click()
        assert "Sparat" in page.get_by_role("status").inner_text()
        assert host.client.row("anna@x.example").choice == "nyheter"

        page.goto(host.link("unsubscribe", row.ref))
        page.get_by_role("button").click()
        assert host.client.row("anna@x.example").standing == "left"


def test_the_front_page_has_a_form_too(page: Page, host: Host) -> None:
    page.goto(host.address)
    form = page.locator("main form", has=page.get_by_label("E-postadress"))
    form.get_by_label("E-postadress").fill("anna@x.example")
    form.get_by_label("E-postadress").press("Enter")
    page.get_by_role("heading", name="Ett steg återstår").wait_for()
    assert host.client.row("anna@x.example").choice == ""


def test_a_wrong_address_comes_back_with_what_was_filled_in(page: Page, host: Host) -> None:
    page.goto(f"{host.address}/prenumerera/")
    page.locator("main form[method=post]").evaluate("form => form.noValidate = true")
    page.get_by_label("E-postadress").fill("anna@")
    page.get_by_label("Tankar").check()
    page.get_by_role("button", name="Anmäl dig").click()
    field = page.get_by_label("E-postadress")
    assert field.input_value() == "anna@"
    assert page.get_by_label("Tankar").is_checked()
    field.fill("anna@x.example")
    page.get_by_role("button", name="Anmäl dig").click()
    page.get_by_role("heading", name="Ett steg återstår").wait_for()
    assert host.client.row("anna@x.example").choice == "tankar"


def test_a_browser_that_opens_links_and_runs_scripts_changes_nothing(page: Page, host: Host) -> None:
    """As a mail scanner does; it looks at the page, scrolls, and points at what is there."""
    refs = [host.subscriber(f"{standing}@x.example", standing) for standing in ("pending", "active", "left")]
    before = host.client.everything()
    for ref in refs:
        for purpose in ("confirm", "unsubscribe", "preferences"):
            page.goto(host.link(purpose, ref), wait_until="networkidle")
            page.mouse.wheel(0, 2000)
            for button in page.get_by_role("button").all():
                button.hover()
                button.focus()
    assert host.client.everything() == before


def _every_page(page: Page, host: Host) -> Iterator[str]:
    """Each page that the service has, in turn. Gives what it is."""
    pending, active = host.subscriber("p@x.example", "pending"), host.subscriber("a@x.example")
    left = host.subscriber("l@x.example", "left")
    for name, address in {
        "confirm": host.link("confirm", pending),
        "confirmed": host.link("confirm", active),
        "preferences": host.link("preferences", active),
        "preferences in English": host.link("preferences", active) + "?lang=en",
        "leave": host.link("unsubscribe", active),
        "left": host.link("unsubscribe", left),
        "lost": f"{host.address}/nyhetsbrev/confirm/x",
        "404": f"{host.address}/nyhetsbrev/x",
    }.items():
        page.goto(address)
        yield name
    page.goto(host.link("preferences", active))
    page.get_by_role("button", name="Spara").click()
    yield "saved"
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="Spara").click()
    yield "nothing chosen"
    for address, name in (("new@x.example", "signed up"), ("nonsense", "wrong address")):
        page.goto(f"{host.address}/prenumerera/")
        page.locator("main form[method=post]").evaluate("form => form.noValidate = true")
        page.get_by_label("E-postadress").fill(address)
        page.get_by_role("button", name="Anmäl dig").click()
        yield name


@pytest.mark.parametrize(("size", "look"), [((320, 640), "light"), ((1280, 800), "dark")], ids=["phone", "dark"])
def test_every_page_is_for_everyone(
    page: Page, host: Host, axe: Callable[..., list[str]], size: tuple[int, int], look: Look
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    wear(page, look)
    faults = {}
    for name in _every_page(page, host):
        page.wait_for_load_state()  # a click is done when the next page begins
        page.evaluate("async () => { await document.fonts.ready; }")
        wide = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found = [*axe(page), *([f"{wide}px too wide"] if wide > 0 else [])]
        if found:
            faults[name] = found
    assert faults == {}


def test_the_whole_way_from_signing_up_to_the_issue_that_is_not_sent_any_more(
    page: Page, host: Host, sample: Sample, tmp_path: Path
) -> None:
    """Sign up on the site, confirm by mail, get the digest of the chosen category, leave by one click (RFC 8058)."""
    earlier, issue = sorted(each.id for each in sample.site.magazine.issues[:2])
    chosen = "nyheter"
    host.subscriber("stays@x.example")
    with Sink(keep=True) as sink:
        environment = mailing.environment(
            tmp_path,
            sink.url,
            NEWSLETTER_SITE_URL=host.address,
            NEWSLETTER_BASE_URL=f"{host.address}/nyhetsbrev",
            NEWSLETTER_SECRET=host.client.app.state.config.secrets[0],
        )

        def mails() -> dict[str, EmailMessage]:
            """What a worker sends, by whom it is for."""
            sink.messages.clear()
            worker = mailing.start(["work", "--once"], environment)
            worker.join(60)
            assert worker.exitcode == 0
            return {who: message_from_bytes(data, policy=policy.default) for who, data in sink.messages}

        page.goto(f"{host.address}/prenumerera/")
        page.get_by_label("E-postadress").first.fill("anna@x.example")
        page.locator(f"main form input[value={chosen}]").check()
        page.get_by_role("button", name="Anmäl dig").first.click()
        page.get_by_role("heading", name="Ett steg återstår").wait_for()

        letter = mails()["anna@x.example"]
        page.goto(re.search(r"^http\S+/confirm/\S+", _part(letter, "plain"), re.MULTILINE)[0])  # type: ignore[index]
        page.get_by_role("button").click()
        assert host.client.row("anna@x.example").standing == "active"

        assert cli.main(["release", earlier, "--yes-old"], environment) == 0
        got = mails()
        assert set(got) == {"anna@x.example", "stays@x.example"}
        digest = json.loads((sample.out / "utskick" / f"{earlier}.json").read_bytes())
        sections = {section["category"]: section["text"].strip() for section in digest["text"]["sections"]}
        for category, text in sections.items():
            assert (text in _part(got["anna@x.example"], "plain")) is (category == chosen)
            assert text in _part(got["stays@x.example"], "plain")

        link = got["anna@x.example"]["List-Unsubscribe"].split(">")[0].lstrip("<")
        assert httpx.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert host.client.row("anna@x.example").standing == "left"

        assert cli.main(["release", issue, "--yes-old"], environment) == 0
        assert set(mails()) == {"stays@x.example"}


def _part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")
