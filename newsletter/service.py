"""What every answer of the service needs: settings, database, tokens, pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse

from newsletter import database, limits, magazine
from newsletter.config import Config
from newsletter.pages import Pages
from newsletter.tokens import Tokens

T = TypeVar("T")
Work = Callable[[Connection, float], T]
"""Something to do in one transaction; it is told the database's time."""


class Service:
    """One for each application."""

    def __init__(self, config: Config, engine: Engine) -> None:
        self.config = config
        self.engine = engine
        self.tokens = Tokens(config.secrets)
        self.pages = Pages(config)
        self.magazine = magazine.told(config)
        """As it was last seen in the database: pages are made from it also when the database is away."""

    async def read(self, work: Work[T]) -> T:
        """Look something up. Raises SQLAlchemyError if the database is away."""
        return await run_in_threadpool(self._do, database.reading, work)

    async def write(self, work: Work[T]) -> T:
        """Change something, in one transaction. Raises SQLAlchemyError if the database is away."""
        return await run_in_threadpool(self._do, database.writing, work)

    def _do(self, transaction: Any, work: Work[T]) -> T:
        with transaction(self.engine) as connection:
            self.magazine = magazine.kept(connection, self.config)
            return work(connection, database.now(connection))

    def network(self, request: Request) -> str:
        """The network that a request comes from."""
        peer = request.client.host if request.client else ""
        forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
        return limits.network(limits.client(peer, forwarded, self.config.proxies))

    def page(self, name: str, request: Request, **context: Any) -> HTMLResponse:
        return self.pages.make(name, request, self.magazine, **context)


def of(request: Request) -> Service:
    found: Service = request.app.state.service
    return found
