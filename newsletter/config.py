"""The newsletter's settings: environment variables, read here and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.headerregistry import Address, HeaderRegistry
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

SECRET_LENGTH = 32
"""Characters that a secret has at least: 16 bytes in hexadecimal."""

LANGUAGES = ("sv", "en")
Network = IPv4Network | IPv6Network
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
_YES, _NO = ("1", "yes", "true", "on"), ("0", "no", "false", "off", "")


class ConfigError(Exception):
    """A setting is missing or wrong. The text begins with its name."""

    def __init__(self, key: str, text: str) -> None:
        self.key = key
        super().__init__(f"{key}: {text}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Relay:
    """The mail server that takes our mail. `security` is "none", "starttls" or "tls" (RFC 8314)."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    security: str = "none"


@dataclass(frozen=True, kw_only=True, slots=True)
class Config:
    """All that an operator decides. Times are in seconds, `rate` is in messages a second."""

    database_url: str
    relay: Relay
    site_url: str
    """Where the magazine is published, without a slash at the end."""
    base_url: str
    """Where readers reach the service, without a slash at the end."""
    secrets: tuple[str, ...]
    """Keys of links and hashes, newest first: the first signs, all are accepted."""
    sender: Address
    reply_to: Address
    return_address: str
    """The envelope's sender: where delivery reports go, and where List-Unsubscribe's mailto points."""
    mailbox: str
    """Where `newsletter bounces` finds what came to `return_address`: maildir:/path or imaps://user:password@host/INBOX."""
    rate: float
    release_token: str
    lang: str
    state: Path
    """A folder of this machine's own, outside the database: it notices that a database was restored."""
    connections: int
    """How many connections to the relay one worker holds."""
    confirm_within: float
    """How long a sign-up waits to be confirmed before it vanishes."""
    issue_age: float
    """How old an issue may be when it is released; an older one needs an operator's yes."""
    proxies: tuple[Network, ...]
    """Reverse proxies whose X-Forwarded-For is believed."""
    sign_ups: int
    """How often one network may sign up in an hour."""
    hold_uncertain: bool
    """Whether messages that a crash left in flight wait for an operator instead of being sent again."""


def read(environment: Mapping[str, str]) -> Config:
    """The settings in an environment (`os.environ`). Raises `ConfigError`, which names the variable."""
    env = _Environment(environment)
    sender = env.mailbox("NEWSLETTER_FROM")
    return Config(
        database_url=database_url(
            "NEWSLETTER_DATABASE_URL", env.text("NEWSLETTER_DATABASE_URL", "sqlite:///var/newsletter.db")
        ),
        relay=env.relay("NEWSLETTER_SMTP_URL"),
        site_url=env.url("NEWSLETTER_SITE_URL"),
        base_url=env.url("NEWSLETTER_BASE_URL"),
        secrets=env.secrets("NEWSLETTER_SECRET"),
        sender=sender,
        reply_to=env.mailbox("NEWSLETTER_REPLY_TO", sender),
        return_address=env.mailbox("NEWSLETTER_RETURN_ADDRESS", sender).addr_spec,
        mailbox=env.mail_folder("NEWSLETTER_MAILBOX"),
        rate=env.rate("NEWSLETTER_RATE", "10/s"),
        release_token=env.text("NEWSLETTER_RELEASE_TOKEN", ""),
        lang=env.choice("NEWSLETTER_LANG", "sv", LANGUAGES),
        state=Path(env.text("NEWSLETTER_STATE", "var/newsletter-state")),
        connections=env.count("NEWSLETTER_CONNECTIONS", 4),
        confirm_within=env.count("NEWSLETTER_CONFIRM_DAYS", 7) * 86_400.0,
        issue_age=env.count("NEWSLETTER_ISSUE_DAYS", 14) * 86_400.0,
        proxies=env.networks("NEWSLETTER_PROXIES", "127.0.0.1 ::1"),
        sign_ups=env.count("NEWSLETTER_SIGN_UPS", 60),
        hold_uncertain=env.flag("NEWSLETTER_HOLD_UNCERTAIN"),
    )


def database_url(key: str, value: str) -> str:
    """The address of a database as SQLAlchemy wants it, with our driver. Raises `ConfigError` in the name of `key`."""
    try:
        url = make_url(value)
    except ArgumentError:
        raise ConfigError(key, "is no database address such as sqlite:///var/newsletter.db") from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    if url.get_backend_name() != "sqlite":
        raise ConfigError(key, f"{url.get_backend_name()} is neither sqlite nor postgresql")
    return value


class _Environment:
    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values

    def text(self, key: str, default: str | None = None) -> str:
        value = self.values.get(key, "").strip() or default
        if value is None:
            raise ConfigError(key, "is not set")
        return value

    def url(self, key: str) -> str:
        value = self.text(key).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ConfigError(key, f"{value!r} is no web address such as https://medverkan.sundhamn.example")
        return value

    def relay(self, key: str) -> Relay:
        """smtp://host:25, smtp://user:password@host:587?tls=starttls or smtps://user:password@host:465."""
        parts = urlsplit(self.text(key))
        port = _port(key, parts)
        security = "tls" if parts.scheme == "smtps" else parse_qs(parts.query).get("tls", ["none"])[0]
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname or security not in ("none", "starttls", "tls"):
            raise ConfigError(key, "is no relay such as smtp://user:password@mail.example:587?tls=starttls")
        return Relay(
            host=parts.hostname,
            port=port or {"none": 25, "starttls": 587, "tls": 465}[security],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            security=security,
        )

    def secrets(self, key: str) -> tuple[str, ...]:
        values = tuple(self.text(key).replace(",", " ").split())
        if any(len(value) < SECRET_LENGTH for value in values):
            raise ConfigError(
                key, f"each secret has at least {SECRET_LENGTH} characters; `openssl rand -hex 32` makes one"
            )
        return values

    def mailbox(self, key: str, default: Address | None = None) -> Address:
        """`Medverkan <nyhetsbrev@sundhamn.example>`"""
        if default and not self.text(key, ""):
            return default
        value = self.text(key)
        if "\r" not in value and "\n" not in value:
            header: Any = HeaderRegistry()("from", value)  # typed as any header; it is one with addresses
            if len(header.addresses) == 1 and not header.defects and header.addresses[0].domain:
                return Address(header.addresses[0].display_name, addr_spec=header.addresses[0].addr_spec)
        raise ConfigError(key, f"{value!r} is no sender such as Medverkan <nyhetsbrev@sundhamn.example>")

    def mail_folder(self, key: str) -> str:
        value = self.text(key, "")
        parts = urlsplit(value)
        if parts.scheme == "maildir" and parts.path:
            return value
        if value:
            _port(key, parts)
            if parts.scheme not in ("imap", "imaps") or not parts.hostname:
                raise ConfigError(key, "is neither maildir:/path nor imaps://user:password@host/INBOX")
        return value

    def rate(self, key: str, default: str) -> float:
        value = self.text(key, default)
        match = re.fullmatch(r"(\d+(?:\.\d+)?)/(s|min|h)", value)
        if match is None or not float(match[1]):
            raise ConfigError(key, f"{value!r} is no rate such as 10/s, 300/min or 5000/h")
        return float(match[1]) / _SECONDS[match[2]]

    def count(self, key: str, default: int) -> int:
        value = self.text(key, str(default))
        if not (value.isascii() and value.isdecimal() and len(value) < 10 and int(value) > 0):
            raise ConfigError(key, f"{value!r} is no whole number from 1")
        return int(value)

    def networks(self, key: str, default: str) -> tuple[Network, ...]:
        try:
            return tuple(ip_network(part) for part in self.text(key, default).replace(",", " ").split())
        except ValueError:
            raise ConfigError(key, "is no list of addresses or networks such as 127.0.0.1 10.1.0.0/16") from None

    def choice(self, key: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(key, default)
        if value not in allowed:
            raise ConfigError(key, f"{value!r} is none of {', '.join(allowed)}")
        return value

    def flag(self, key: str) -> bool:
        value = self.values.get(key, "").strip().lower()
        if value not in (*_YES, *_NO):
            raise ConfigError(key, f"{value!r} is neither yes nor no")
        return value in _YES


def _port(key: str, parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError:
        hint = "in a user's name or password, write %2F for / and %40 for @"
        raise ConfigError(key, f"the port is no number from 1 to 65535 ({hint})") from None
