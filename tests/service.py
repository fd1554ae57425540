"""The newsletter's service as its users reach it: requests, a running server, and what its database then holds."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import Connection, Engine, text
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.staticfiles import StaticFiles

from desk.headers import HEADERS
from newsletter import database, magazine
from newsletter.config import Config, read
from newsletter.magazine import Magazine
from newsletter.tables import metadata
from newsletter.tokens import Purpose

MAGAZINE = Magazine(
    name="Medverkan",
    lang="sv",
    url="https://medverkan.example",
    categories=(("nyheter", "Nyheter"), ("kultur", "Kultur & fritid"), ("tankar", "Tankar")),
)
ENVIRONMENT = {
    "NEWSLETTER_SMTP_URL": "smtp://mail.example:25",
    "NEWSLETTER_SITE_URL": "https://medverkan.example",
    "NEWSLETTER_BASE_URL": "https://medverkan.example/nyhetsbrev",
    "NEWSLETTER_SECRET": "a" * 32,
    "NEWSLETTER_FROM": "Medverkan <nyhetsbrev@sundhamn.example>",
}
FORM = {"consent": "2026-11", "lang": "sv"}


def config(**more: str) -> Config:
    """Settings; `secret="…"` is NEWSLETTER_SECRET."""
    return read(ENVIRONMENT | {f"NEWSLETTER_{name.upper()}": value for name, value in more.items()})


def prepare(engine: Engine) -> None:
    """A database in which the site has been asked what it says of itself."""
    with database.writing(engine) as connection:
        magazine.keep(connection, MAGAZINE)


@dataclass
class Client:
    """Asks the service without a network. Paths are the service's own."""

    app: Starlette
    peer: str = "192.0.2.1"
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self._ask(method, path, more))

    async def _ask(self, method: str, path: str, more: dict[str, Any]) -> httpx.Response:
        transport = httpx.ASGITransport(self.app, client=(self.peer, 1), raise_app_exceptions=True)
        async with httpx.AsyncClient(transport=transport, base_url="https://medverkan.example") as client:
            return await client.request(method, path, **more)

    def knock(self, method: str, path: str, times: int) -> set[int]:
        """Ask the same again and again, with as little around it as can be. Gives the statuses."""
        return self.runner.run(self._knock(method, path, times))

    async def _knock(self, method: str, path: str, times: int) -> set[int]:
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "scheme": "https",
            "headers": [(b"host", b"medverkan.example")],
            "client": (self.peer, 1),
            "server": ("medverkan.example", 443),
        }
        statuses: set[int] = set()

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                statuses.add(message["status"])

        for _ in range(times):
            await self.app(dict(scope), receive, send)
        return statuses

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.ask("GET", path, **more)

    def post(self, path: str, data: Any = None, **more: Any) -> httpx.Response:
        return self.ask("POST", path, data=data, **more)

    def sign_up(self, email: str, **more: Any) -> httpx.Response:
        return self.post("/subscribe", FORM | {"email": email} | more)

    def link(self, purpose: Purpose, ref: str) -> str:
        return f"/{purpose}/{self.app.state.tokens.make(purpose, ref)}"

    @property
    def engine(self) -> Engine:
        engine: Engine = self.app.state.engine
        return engine

    def row(self, key: str) -> Any:
        """A subscriber, by its address in small letters; None if there is none."""
        with database.reading(self.engine) as connection:
            found = connection.execute(text("SELECT * FROM subscriber WHERE address_key = :key"), {"key": key})
            return found.one_or_none()

    @staticmethod
    def ref(connection: Connection, key: str) -> str:
        found = connection.execute(text("SELECT ref FROM subscriber WHERE address_key = :key"), {"key": key})
        return str(found.scalar_one())

    def everything(self) -> str:
        with database.reading(self.engine) as connection:
            return dump(connection)


def dump(connection: Connection) -> str:
    """All that the database holds."""
    return "\n".join(
        str(sorted(map(str, connection.execute(text(f"SELECT * FROM {name}"))))) for name in sorted(metadata.tables)
    )


class Files(StaticFiles):
    """A built site with the headers of the real server."""

    def __init__(self, folder: Path) -> None:
        super().__init__(directory=folder, html=True)

    def file_response(self, *arguments: Any, **more: Any) -> Response:
        response = super().file_response(*arguments, **more)
        response.headers.update(HEADERS)
        return response


@contextmanager
def running(app: Any) -> Iterator[str]:
    """The application on a port of this machine. Gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", proxy_headers=False, lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
