"""The newsletter's settings: each mistake names its variable."""

from __future__ import annotations

import pytest

from newsletter.config import ConfigError, read

SET = {
    "NEWSLETTER_SMTP_URL": "smtp://user:p%40ss@mail.example:587?tls=starttls",
    "NEWSLETTER_SITE_URL": "https://medverkan.example/",
    "NEWSLETTER_BASE_URL": "https://medverkan.example/nyhetsbrev",
    "NEWSLETTER_SECRET": "a" * 32,
    "NEWSLETTER_FROM": "Medverkan – Sundhamns stad <nyhetsbrev@sundhamn.example>",
}


def test_five_variables_are_enough() -> None:
    config = read(SET)
    assert config.database_url == "sqlite:///var/newsletter.db"
    assert (config.relay.host, config.relay.port, config.relay.security) == ("mail.example", 587, "starttls")
    assert (config.relay.user, config.relay.password) == ("user", "p@ss")
    assert config.site_url == "https://medverkan.example"
    assert config.sender.display_name == "Medverkan – Sundhamns stad"
    assert config.return_address == "nyhetsbrev@sundhamn.example"
    assert config.reply_to == config.sender
    assert config.mailbox == ""
    assert config.rate == 10.0


@pytest.mark.parametrize("key", SET)
def test_what_is_missing_is_named(key: str) -> None:
    with pytest.raises(ConfigError, match=f"^{key}: "):
        read({name: value for name, value in SET.items() if name != key})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("NEWSLETTER_DATABASE_URL", "mysql://somewhere/db"),
        ("NEWSLETTER_DATABASE_URL", "var/newsletter.db"),
        ("NEWSLETTER_SMTP_URL", "mail.example"),
        ("NEWSLETTER_SMTP_URL", "smtp://mail.example:99999"),
        ("NEWSLETTER_SMTP_URL", "smtp://mail.example?tls=perhaps"),
        ("NEWSLETTER_SITE_URL", "medverkan.example"),
        ("NEWSLETTER_BASE_URL", "https://medverkan.example/?a=1"),
        ("NEWSLETTER_SECRET", "short"),
        ("NEWSLETTER_SECRET", "a" * 32 + " short"),
        ("NEWSLETTER_FROM", "Medverkan"),
        ("NEWSLETTER_FROM", "Medverkan <a@b.example>, Another <c@d.example>"),
        ("NEWSLETTER_FROM", "Medverkan\r\nBcc: x@y.example <a@b.example>"),
        ("NEWSLETTER_MAILBOX", "/var/mail/newsletter"),
        ("NEWSLETTER_MAILBOX", "imaps:///INBOX"),
        ("NEWSLETTER_RETURN_ADDRESS", "nobody"),
        ("NEWSLETTER_RATE", "10"),
        ("NEWSLETTER_RATE", "0/s"),
        ("NEWSLETTER_LANG", "fi"),
        ("NEWSLETTER_CONNECTIONS", "0"),
        ("NEWSLETTER_CONNECTIONS", "²"),
        ("NEWSLETTER_HOLD_UNCERTAIN", "maybe"),
        ("NEWSLETTER_PROXIES", "localhost"),
        ("NEWSLETTER_PROXIES", "10.0.0.1/8"),
        ("NEWSLETTER_SIGN_UPS", "many"),
    ],
)
def test_what_is_wrong_is_named(key: str, value: str) -> None:
    with pytest.raises(ConfigError, match=f"^{key}: "):
        read({**SET, key: value})


@pytest.mark.parametrize(("text", "rate"), [("2.5/s", 2.5), ("300/min", 5.0), ("7200/h", 2.0)])
def test_a_rate_has_a_unit(text: str, rate: float) -> None:
    assert read({**SET, "NEWSLETTER_RATE": text}).rate == rate


def test_postgresql_is_reached_by_psycopg_3_whatever_the_address_says() -> None:
    config = read({**SET, "NEWSLETTER_DATABASE_URL": "postgresql://u:p@db.example/newsletter"})
    assert config.database_url == "postgresql+psycopg://u:p@db.example/newsletter"


def test_secrets_rotate_newest_first() -> None:
    assert read({**SET, "NEWSLETTER_SECRET": f"{'b' * 32}, {'a' * 32}"}).secrets == ("b" * 32, "a" * 32)
