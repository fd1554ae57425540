"""The mail catcher: takes all mail that the newsletter sends in the preview, and shows it at /mail/. Nothing gets out.

What is shown is other people's HTML: it stands in a frame that may run nothing and fetch nothing but the magazine's own
pictures; its links open beside it.
"""

from __future__ import annotations

import asyncio
import email
import email.policy
import itertools
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

import jinja2
from aiosmtpd.smtp import SMTP
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from desk.headers import HEADERS, POLICY
from desk.preview.state import State

ADDRESS = "/mail/"
FRAMED = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src {origin}; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
"""The policy of a mail's HTML: pictures of the magazine, nothing else, and no scripts."""
SHOWN = ("From", "To", "Reply-To", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post")
"""Headers that are shown first; the others stand below."""


@dataclass(frozen=True)
class Mail:
    """One mail as it was handed over. `name` is its file's, without an ending: the time it came."""

    name: str
    data: bytes

    @cached_property
    def message(self) -> EmailMessage:
        return email.message_from_bytes(self.data, policy=email.policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"] or "")

    @property
    def to(self) -> str:
        return str(self.message["To"] or "")

    @property
    def clock(self) -> str:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(int(self.name.partition("-")[0]) / 1e9))

    def part(self, kind: str) -> str:
        """The text of its "plain" or "html" part; "" if it has none."""
        found = self.message.get_body((kind,))
        return str(found.get_content()) if found else ""

    @property
    def headers(self) -> list[tuple[str, str]]:
        all_of_them = [(name, str(value)) for name, value in self.message.items()]
        first = [pair for name in SHOWN for pair in all_of_them if pair[0].lower() == name.lower()]
        return first + [pair for pair in all_of_them if pair not in first]

    @property
    def one_click(self) -> str:
        """Where a mail program posts when its reader wants to leave (RFC 8058)."""
        addresses = str(self.message["List-Unsubscribe"] or "").replace("<", " ").replace(">", " ").replace(",", " ")
        web = [address for address in addresses.split() if address.startswith(("http://", "https://"))]
        return web[0] if web and self.message["List-Unsubscribe-Post"] else ""


class Box:
    """The mails that came, in a folder, a file each: they outlive the preview."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()

    def put(self, data: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        name = f"{time.time_ns()}-{next(self._numbers)}"
        beside = self._folder / f".{name}"
        beside.write_bytes(data)
        beside.rename(self._folder / f"{name}.eml")

    def names(self) -> list[str]:
        """The newest first."""
        return sorted((path.stem for path in self._folder.glob("*.eml")), reverse=True)

    def get(self, name: str) -> Mail | None:
        return Mail(name, (self._folder / f"{name}.eml").read_bytes()) if name in self.names() else None

    def mails(self) -> list[Mail]:
        return [mail for name in self.names() if (mail := self.get(name))]


class Catcher:
    """A mail server on this machine alone, in the loop of the web server. Its port is known before it listens."""

    def __init__(self, box: Box, state: State) -> None:
        self.box, self._state = box, state
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        state.mails = len(box.names())

    async def begin(self) -> None:
        await asyncio.get_running_loop().create_server(
            lambda: SMTP(self, hostname="localhost", enable_SMTPUTF8=True), sock=self._socket
        )

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:  # noqa: N802  # aiosmtpd's name
        self.box.put(envelope.original_content)
        self.count()
        return "250 OK"

    def count(self) -> None:
        self._state.mails = len(self.box.names())
        self._state.wake()


def routes(box: Box, state: State, answer: Callable[[bytes, str, str, Request], Response]) -> list[Route]:
    """The pages at /mail/. `answer` makes a page of bytes as the server does."""
    env: Any = jinja2.Environment(  # an extension adds a method that no type knows of
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )

    def page(request: Request, template: str, context: Mapping[str, Any]) -> Response:
        env.install_gettext_translations(state.words.catalogue, newstyle=True)
        data = env.get_template(template).render(lang=state.words.lang, address=ADDRESS, **context).encode()
        response = answer(data, template, "", request)
        response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
        return response

    def index(request: Request) -> Response:
        return page(request, "mails.html", {"mails": box.mails()})

    def one(request: Request) -> Response:
        mail = box.get(request.path_params["name"])
        return page(request, "mail.html", {"mail": mail}) if mail else PlainTextResponse("", 404)

    def html(request: Request) -> Response:
        mail = box.get(request.path_params["name"])
        if mail is None:
            return PlainTextResponse("", 404)
        origin = f"{request.url.scheme}://{request.url.netloc}"
        text = mail.part("html").replace("<head>", '<head><base target="_blank">', 1)
        headers = {**HEADERS, "Content-Security-Policy": FRAMED.format(origin=origin), "Cache-Control": "no-store"}
        return Response(text, headers=headers, media_type="text/html; charset=utf-8")

    def source(request: Request) -> Response:
        mail = box.get(request.path_params["name"])
        return PlainTextResponse(mail.data, headers=dict(HEADERS)) if mail else PlainTextResponse("", 404)

    return [
        Route(ADDRESS, index),
        Route(f"{ADDRESS}{{name}}/", one),
        Route(f"{ADDRESS}{{name}}/html", html),
        Route(f"{ADDRESS}{{name}}/source", source),
    ]
