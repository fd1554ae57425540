"""A mail as it arrived: who vouches for it, and whether one click would be believed."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import dkim
import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsletter.received import links, look

MAIL = b"""Received: from relay.sundhamn.example by mx.forening.example; Mon, 2 Nov 2026 06:31:09 +0100
Authentication-Results: mx.forening.example; spf=pass smtp.mailfrom=sundhamn.example
From: Medverkan <nyhetsbrev@sundhamn.example>
To: kansliet@forening.example
Subject: Medverkan nr 10
Date: Mon, 2 Nov 2026 06:31:07 +0100
Message-ID: <2026-11.Zq3fT8mWk1xVb7RcN0yLpA@sundhamn.example>
List-Unsubscribe: <https://medverkan.example/nyhetsbrev/unsubscribe/IlpxM2Zx.abc.def>,
 <mailto:nyhetsbrev@sundhamn.example?subject=unsubscribe%20IlpxM2Zx.abc.def>
List-Unsubscribe-Post: List-Unsubscribe=One-Click
List-Archive: <https://medverkan.example/nummer/>

Hej!
""".replace(b"\n", b"\r\n")
HEADERS = [b"from", b"to", b"subject", b"date", b"message-id", b"list-unsubscribe", b"list-unsubscribe-post"]


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, str]:
    """A private key, and the TXT record that belongs to it."""
    path = tmp_path_factory.mktemp("key") / "key.pem"
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", path, "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", path, "-pubout"], check=True, capture_output=True).stdout
    return path.read_bytes(), "v=DKIM1; k=rsa; p=" + "".join(public.decode().split("\n")[1:-2])


def signed(
    key: bytes, domain: str = "sundhamn.example", headers: Sequence[bytes] = HEADERS, mail: bytes = MAIL
) -> bytes:
    signature = dkim.sign(mail, b"nov", domain.encode(), key, include_headers=list(headers))
    return bytes(signature) + mail


def verdicts(data: bytes, record: str = "") -> dict[str, tuple[str, str]]:
    known = {"nov._domainkey.sundhamn.example": [record], "nov._domainkey.provider.example": [record]}
    return {found.what: (found.verdict, found.text) for found in look(data, lambda name: known.get(name, []))}


def test_all_is_well_with_a_mail_signed_as_rfc_8058_asks(key: tuple[bytes, str]) -> None:
    found = verdicts(signed(key[0]), key[1])
    assert {what: verdict for what, (verdict, _) in found.items()} == {
        "SPF": "good",
        "DKIM": "good",
        "List-Unsubscribe": "good",
    }


def test_an_unsigned_mail_is_found_out() -> None:
    verdict, text = verdicts(MAIL)["DKIM"]
    assert verdict == "bad"
    assert text.startswith("not signed")


def test_a_signature_must_cover_the_headers_of_one_click(key: tuple[bytes, str]) -> None:
    verdict, text = verdicts(signed(key[0], headers=HEADERS[:-1]), key[1])["DKIM"]
    assert verdict == "bad"
    assert text.startswith("list-unsubscribe-post not signed")


def test_a_signature_must_be_the_senders(key: tuple[bytes, str]) -> None:
    verdict, text = verdicts(signed(key[0], domain="provider.example"), key[1])["DKIM"]
    assert verdict == "bad"
    assert text.startswith("signed by provider.example")


def test_one_good_signature_of_two_is_enough(key: tuple[bytes, str]) -> None:
    twice = signed(key[0], mail=signed(key[0], domain="provider.example"))
    assert verdicts(twice, key[1])["DKIM"][0] == "good"


def test_a_mail_changed_on_the_way_is_found_out(key: tuple[bytes, str]) -> None:
    verdict, text = verdicts(signed(key[0]).replace(b"Hej!", b"Hoj!"), key[1])["DKIM"]
    assert verdict == "bad"
    assert text.startswith("its signature")


def test_a_key_that_the_dns_lacks_is_found_out(key: tuple[bytes, str]) -> None:
    verdict, text = verdicts(signed(key[0]), "")["DKIM"]
    assert verdict == "bad"
    assert "its signature" in text


@pytest.mark.parametrize(
    ("header", "verdict"),
    [
        ("Authentication-Results: mx; spf=pass smtp.mailfrom=a", "good"),
        ("Authentication-Results: mx; dkim=pass; spf=softfail", "bad"),
        ("Received-SPF: Pass (mx: ok)", "good"),
        ("Received-SPF: fail (mx: not permitted)", "bad"),
        ("X-Other: x", "warning"),
    ],
)
def test_spf_is_what_the_receiving_server_found(header: str, verdict: str) -> None:
    mail = MAIL.replace(
        b"Authentication-Results: mx.forening.example; spf=pass smtp.mailfrom=sundhamn.example", header.encode()
    )
    assert verdicts(mail)["SPF"][0] == verdict


def test_a_header_lost_on_the_way_is_found_out() -> None:
    verdict, text = verdicts(MAIL.replace(b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""))[
        "List-Unsubscribe"
    ]
    assert verdict == "bad"
    assert text.startswith("List-Unsubscribe-Post is missing")


def test_a_mail_of_somebody_elses_is_found_out() -> None:
    mail = MAIL.replace(b"List-Unsubscribe: <https", b"X-Gone: <https")
    assert verdicts(mail)["List-Unsubscribe"][0] == "bad"


def test_its_links_are_those_of_the_list_headers() -> None:
    assert links(MAIL) == (
        "https://medverkan.example/nyhetsbrev/unsubscribe/IlpxM2Zx.abc.def",
        "https://medverkan.example/nummer/",
    )


def test_a_text_without_headers_is_said_to_be_none() -> None:
    assert verdicts(b"Hej!\n")["message"][0] == "bad"


@given(st.binary(max_size=2000))
def test_no_bytes_are_too_odd(data: bytes) -> None:
    assert isinstance(verdicts(data), dict)
    assert isinstance(links(data), tuple)


@given(st.data())
def test_no_altered_signature_is_too_odd_or_believed(data: st.DataObject) -> None:
    mail = (Path(__file__).parent / "data/reports/person-asks.other.none.sv.eml").read_bytes()
    header = (
        b"DKIM-Signature: v=1; a=rsa-sha256; d=sundhamn.example; s=nov; bh="
        + data.draw(st.binary(max_size=60))
        + b"\r\n"
    )
    assert verdicts(header + mail).get("DKIM", ("bad",))[0] == "bad"
