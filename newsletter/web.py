"""The service that readers meet: signing up, confirming, choosing, leaving.

GET, HEAD and OPTIONS never change anything, for scanners open every link in a mail; POST does. There are no cookies and
no scripts. The service never speaks SMTP: what it has to say waits in the database for `newsletter work`.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from newsletter import database, endpoints, release_endpoint, upkeep
from newsletter import service as services
from newsletter.config import Config

THEME = Path(__file__).resolve().parent.parent / "theme" / "static"
"""The magazine's own stylesheet and fonts: its looks are in one place."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "browsing-topics=(), camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
log = logging.getLogger("newsletter")


def app(config: Config, engine: Engine) -> Starlette:
    """The service as an ASGI application. `engine` has its tables (`database.connect`)."""
    service = services.Service(config, engine)
    made = Starlette(
        routes=[
            *endpoints.routes,
            *release_endpoint.routes,
            Route("/health", health, methods=["GET"]),
            Mount("/static", StaticFiles(directory=THEME)),
        ],
        middleware=[Middleware(_Shell)],
        exception_handlers={HTTPException: _refused, SQLAlchemyError: _out_of_order},
        lifespan=_upkeep,
    )
    made.router.redirect_slashes = False  # it would build an address from the Host header
    made.state.service, made.state.config = service, config
    made.state.engine, made.state.tokens = engine, service.tokens
    return made


async def health(request: Request) -> Response:
    """Whether the service can do its work, for whoever watches over it. No details: everybody can ask."""

    def work(connection: Connection, _: float) -> bool:
        return database.is_current(connection)

    try:
        well = await services.of(request).read(work)
    except SQLAlchemyError:
        well = False
    return JSONResponse({"status": "ok" if well else "out of order"}, 200 if well else 503)


async def _refused(request: Request, error: Exception) -> Response:
    """What cannot be answered is said on a page, in words."""
    assert isinstance(error, HTTPException)
    name = "lost" if error.status_code == 404 and "token" in request.path_params else "refused"
    page = services.of(request).page(name, request, status=error.status_code, code=error.status_code)
    page.headers.update(error.headers or {})
    return page


async def _out_of_order(request: Request, error: Exception) -> Response:
    """The database is away."""
    log.error("the database does not answer (%s)", type(error).__name__)
    page = services.of(request).page("refused", request, status=503, code=503)
    page.headers["Retry-After"] = "60"
    return page


@asynccontextmanager
async def _upkeep(made: Starlette) -> AsyncIterator[None]:
    """While the service runs, it looks after itself once an hour."""

    async def keep_up() -> None:
        while True:
            try:
                await asyncio.to_thread(upkeep.run, made.state.config, made.state.engine)
            except Exception as error:  # noqa: BLE001 -- without its text, which may hold an address; it tries again
                log.error("the upkeep failed (%s); it is tried again", type(error).__name__)
            await asyncio.sleep(upkeep.EVERY)

    task = asyncio.create_task(keep_up())
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


class _Shell:
    """Around every answer: its headers; and an exception that nobody expected is logged without its text, which could
    hold an address, and answered in words."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store" if "etag" not in headers else "public, max-age=3600")
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001  # whatever it is
            place = traceback.extract_tb(error.__traceback__)[-1]
            log.error("%s in %s, line %d", type(error).__name__, place.filename, place.lineno)
            if not started:
                request = Request(scope, receive)
                page = services.of(request).page("refused", request, status=500, code=500)
                await page(scope, receive, send_with_headers)
