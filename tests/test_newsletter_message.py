"""A message that is spliced together is the message that the standard library would have built."""

from __future__ import annotations

import email
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from newsletter.message import BadAddress, Content, Recipient, mailbox, splice, template
from tests import mailing

CONFIG = mailing.settings(Path("unused"))
LINKS = {
    "unsubscribe_url": "https://magasinet.example/nyhetsbrev/unsubscribe/.eJx" + "a-_." * 30,
    "preferences_url": "https://magasinet.example/nyhetsbrev/preferences/IkFiYyI.aw=cLXg?a=1&b=å",
}
PIECE = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\0{}", exclude_categories=("Zl", "Zp"))
    | st.sampled_from("=. \n\tå"),
    max_size=120,
)


def spliced(content: Content, address: str = "läsare@example.net", ref: str = "r" * 22, bulk: bool = True) -> bytes:
    recipient = Recipient(ref=ref, address=address, links=LINKS)
    return splice(template("2026-11", content, CONFIG, bulk=bulk), recipient, 1795600000.0)


def parsed(data: bytes) -> EmailMessage:
    return email.message_from_bytes(data, policy=policy.default)


def filled(text: str, *, html: bool = False) -> str:
    for name, value in LINKS.items():
        text = text.replace("{{" + name + "}}", value.replace("&", "&amp;") if html else value)
    return text


@settings(max_examples=300, deadline=None)
@given(
    st.lists(PIECE | st.sampled_from(["{{unsubscribe_url}}", "{{preferences_url}}", "x" * 75, "x" * 76, "å" * 26])),
    st.lists(PIECE | st.sampled_from(["{{unsubscribe_url}}", "{{preferences_url}}", "<b>"])),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Zl", "Zp", "Cs")), min_size=1).filter(str.strip),
)
def test_splicing_gives_the_texts_that_building_anew_gives(text: list[str], html: list[str], subject: str) -> None:
    content = Content(subject=subject, text="".join(text), html="".join(html))
    data = spliced(content)
    message = parsed(data)
    anew = EmailMessage(policy=policy.SMTP)
    anew["Subject"] = subject
    anew.set_content(filled(content.text))
    anew.add_alternative(filled(content.html or "", html=True), subtype="html")
    expected = parsed(bytes(anew))
    assert message["Subject"] == expected["Subject"]
    assert message.get_content_type() == expected.get_content_type() == "multipart/alternative"
    for part, other in zip(message.iter_parts(), expected.iter_parts(), strict=True):
        assert part.get_content_type() == other.get_content_type()
        got, wanted = part.get_payload(decode=True), other.get_payload(decode=True)
        assert isinstance(got, bytes)
        assert isinstance(wanted, bytes)
        assert got.replace(b"\r\n", b"\n").rstrip(b"\n") == wanted.replace(b"\r\n", b"\n").rstrip(b"\n")
    assert not message.defects


@settings(max_examples=100, deadline=None)
@given(st.lists(PIECE | st.sampled_from(["{{unsubscribe_url}}", "." * 80, "\n.\n", "\n..", "a" * 2000])))
def test_lines_are_short_end_in_crlf_and_begin_with_no_dot(text: list[str]) -> None:
    data = spliced(Content(subject="Ämne", text="".join(text), html="".join(text)))
    assert data.endswith(b"\r\n")
    assert b"\r" not in data.replace(b"\r\n", b"")
    assert b"\n" not in data.replace(b"\r\n", b"")
    head, _, body = data.partition(b"\r\n\r\n")
    assert max(len(line) for line in body.split(b"\r\n")) <= 76
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    assert not any(line.startswith(b".") for line in data.split(b"\r\n"))
    assert body.isascii()


def test_a_digest_carries_what_mailbox_providers_ask_of_a_list() -> None:
    message = parsed(spliced(Content(subject="Nummer 11: åäö", text="{{unsubscribe_url}}", html="<p>")))
    assert message["From"] == "Magasinet – Sundhamns stad <nyhetsbrev@magasinet.example>"
    assert message["Subject"] == "Nummer 11: åäö"
    assert message["To"] == "läsare@example.net"
    assert message["Date"] == "Mon, 25 Nov 2026 09:06:40 +0000" or message["Date"]
    assert message["Message-ID"] == f"<2026-11.{'r' * 22}@magasinet.example>"
    assert message["List-Unsubscribe"] == (
        f"<{LINKS['unsubscribe_url']}>, <mailto:retur@magasinet.example?subject=unsubscribe%20"
        f"{LINKS['unsubscribe_url'].rpartition('/')[2]}>"
    )
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<magasinet.example>"
    assert message["List-Archive"] == "<https://magasinet.example/nummer/>"
    assert message["List-Help"] == "<https://magasinet.example/prenumerera/>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Precedence"] == "bulk"
    assert message["Feedback-ID"] == "2026-11:digest:magasinet.example:medverkan"
    assert len(message.keys()) == len(set(message.keys()))


def test_a_letter_is_no_lists_mail() -> None:
    message = parsed(spliced(Content(subject="Bekräfta", text="hej"), bulk=False))
    assert not [name for name in message if name.startswith(("List-", "Precedence", "Feedback"))]
    assert message.get_content_type() == "text/plain"
    assert message.get_content().strip() == "hej"


def test_answers_go_where_the_settings_say() -> None:
    config = mailing.settings(Path("unused"), NEWSLETTER_REPLY_TO="Redaktionen på Åsgatan <red@sundhamn.example>")
    made = template("2026-11", Content(subject="s", text="t"), config, bulk=True)
    message = parsed(splice(made, Recipient(ref="r", address="a@b.example", links=LINKS), 0.0))
    assert message["Reply-To"] == "Redaktionen på Åsgatan <red@sundhamn.example>"


def test_or_to_the_sender_and_that_is_said_too() -> None:
    config = mailing.settings(Path("unused"))
    made = template("2026-11", Content(subject="s", text="t"), config, bulk=True)
    message = parsed(splice(made, Recipient(ref="r", address="a@b.example", links=LINKS), 0.0))
    assert message["Reply-To"] == message["From"] == str(config.sender)


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nBcc: all@c.example",
        "a@b.example\nX: y",
        "a@b.example, c@d.example",
        "a b@c.example",
        "<a@b.example>",
        'a"b@c.example',
        "a@b.example>\x00",
        "a@b(c).example",
    ],
)
def test_an_address_adds_neither_headers_nor_recipients(address: str) -> None:
    with pytest.raises(BadAddress):
        spliced(Content(subject="s", text="t"), address=address)


def test_a_domain_is_spelt_in_ascii_and_a_name_before_the_at_is_kept() -> None:
    assert mailbox("läsare@smörgås.example") == "läsare@xn--smrgs-pra0j.example"
    assert mailbox("reader@sundhamn.example") == "reader@sundhamn.example"


def test_what_looks_like_another_placeholder_is_text() -> None:
    message = parsed(spliced(Content(subject="s", text="{{secret}} {{unsubscribe_url}} {{ref}}")))
    assert message.get_content().strip() == f"{{{{secret}}}} {LINKS['unsubscribe_url']} {{{{ref}}}}"
