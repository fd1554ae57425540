"""The form on the site and the service behind it agree; without a newsletter the site has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag

from newsletter import database, upkeep, web
from newsletter.endpoints import HONEYPOT
from plugins.magazine.settings import SettingsError
from tests import reading, service
from tests.building import build, write_magazine
from tests.service import Client

PAGES = ("prenumerera/index.html", "index.html")
CONSENT = {
    "sv": "När du anmäler dig går du med på att vi sparar din adress och ditt val för att skicka tidningen till dig, "
    "tills du avslutar. Personuppgifter",
    "en": "By signing up you agree that we keep your address and what you choose, to send you the magazine, until you "
    "leave. Personal data",
}


def form(output: Path, page: str) -> Tag | None:
    soup = BeautifulSoup((output / page).read_text(encoding="utf-8"), "lxml")
    found = soup.select_one("main form[method=post]")
    return found if isinstance(found, Tag) else None


def field(form: Tag, name: str) -> Tag:
    found = form.select_one(f"[name={name}]")
    assert isinstance(found, Tag), name
    return found


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    engine = database.connect(f"sqlite:///{tmp_path}/newsletter.db")
    client = Client(web.app(service.config(), engine))
    yield client
    client.runner.close()
    engine.dispose()


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_what_the_form_posts_is_what_the_service_takes(tmp_path: Path, client: Client, lang: str) -> None:
    write_magazine(tmp_path)
    output = build(tmp_path, NEWSLETTER_URL="/nyhetsbrev", DEFAULT_LANG=lang)
    with service.running(service.Files(output)) as address:
        upkeep.run(service.config(site_url=address), client.engine)
    for number, page in enumerate(PAGES):
        found = form(output, page)
        assert found is not None
        assert found["action"] == "/nyhetsbrev/subscribe"
        fields = {str(field["name"]): str(field.get("value", "")) for field in found.select("input[type=hidden]")}
        answer = client.post("/subscribe", fields | {"email": f"{number}@x.example", HONEYPOT: ""})
        assert answer.status_code == 200
        assert f'<html lang="{lang}">' in answer.text
        assert client.row(f"{number}@x.example").consent_version == fields["consent"]
        assert f"confirm/{lang}" in client.everything()
        assert field(found, HONEYPOT)["tabindex"] == "-1"
    boxes = form(output, PAGES[0]).select("[name=category]")  # type: ignore[union-attr]
    assert [box["value"] for box in boxes] == ["nyheter", "kultur", "tomt"]
    client.sign_up("chosen@x.example", category="kultur")
    assert client.row("chosen@x.example").choice == "kultur"


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_consent_has_another_name_when_its_text_is_another(tmp_path: Path, lang: str) -> None:
    """Each sign-up keeps the name of what was agreed to. Is the text changed? Then change its name, and both here."""
    write_magazine(tmp_path)
    found = form(build(tmp_path, NEWSLETTER_URL="/nyhetsbrev", DEFAULT_LANG=lang), PAGES[0])
    assert found is not None
    said = [" ".join(hint.get_text().split()) for hint in found.select(".hint")]
    assert (CONSENT[lang] in said, field(found, "consent")["value"]) == (True, "2026-11")


def test_without_a_newsletter_there_is_no_form_and_nobody_speaks_of_mail(tmp_path: Path) -> None:
    write_magazine(tmp_path)
    output = build(tmp_path)
    for page in PAGES:
        assert form(output, page) is None
        assert "mejl" not in BeautifulSoup((output / page).read_text(encoding="utf-8"), "lxml").main.get_text()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("value", "action"),
    [
        ("", ""),
        ("/nyhetsbrev", "/nyhetsbrev"),
        ("/nyhetsbrev/", "/nyhetsbrev"),
        ("https://magasinet.example/brev/", "/brev"),
        ("https://magasinet.example.evil/brev", "https://magasinet.example.evil/brev"),
        ("https://nyhetsbrev.example:8443", "https://nyhetsbrev.example:8443"),
    ],
)
def test_the_service_is_a_path_where_it_can_be(tmp_path: Path, value: str, action: str) -> None:
    """So the form works on every host that shows the site, and the site's policy allows it."""
    assert reading.settings(tmp_path, NEWSLETTER_URL=value, SITEURL="https://magasinet.example").newsletter == action


@pytest.mark.parametrize("value", ["nyhetsbrev", "ftp://x.example", "https://x.example/?a=1", "//x.example", 7, "/a b"])
def test_what_is_no_address_of_a_service_is_refused(tmp_path: Path, value: Any) -> None:
    with pytest.raises(SettingsError, match=r"^NEWSLETTER_URL: "):
        reading.settings(tmp_path, NEWSLETTER_URL=value)
