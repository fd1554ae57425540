"""Shows the proof in a browser: each file made when it is asked for, with the headers of the real server."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import hashlib
import json
import mimetypes
import socket
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from desk.headers import HEADERS, TYPES
from desk.preview import mail
from desk.preview.faults import fault
from desk.preview.hosts import OwnHosts
from desk.preview.proof import Proof
from desk.preview.state import State
from plugins.magazine.addresses import NOT_FOUND
from plugins.magazine.outputs import page_path
from plugins.magazine.settings import SettingsError, parse_day
from plugins.magazine.words import Words

if TYPE_CHECKING:  # its libraries take a while to load, and it may not be asked for
    from desk.preview.trial import Trial

OWN = "/-/"
"""Where the desk's own files lie: no text of a magazine has such an address."""
STATIC = Path(__file__).parent / "static"

EMPTY = """<!doctype html>
<html lang="{lang}">
<head><meta charset="utf-8"><title>{title}</title><meta name="viewport" content="width=device-width"></head>
<body><main><h1>{title}</h1></main></body>
</html>
"""


@dataclass(frozen=True)
class Newsletter:
    """What is there to try the newsletter out: its service at `path`, begun when first asked for, and its mail."""

    path: str
    catcher: mail.Catcher
    make: Callable[[], Trial]
    _made: list[Trial] = field(default_factory=list)
    _making: threading.Lock = field(default_factory=threading.Lock)

    def trial(self) -> Trial:
        with self._making:
            if not self._made:
                self._made.append(self.make())
            return self._made[0]

    def end(self) -> None:
        for trial in self._made:
            trial.end()


def app(
    state: State, show: Callable[[dt.date | None], None], newsletter: Newsletter | None = None, host: str = ""
) -> Starlette:
    """The server, which answers for `host` besides this machine's own names. `show` is called when somebody wants the
    magazine as of another day; None: everything."""

    async def events(_: Request) -> Response:
        async def stream() -> AsyncIterator[str]:
            async for facts in state.news():
                yield ": \n\n" if facts is None else f"data: {json.dumps(facts, ensure_ascii=False)}\n\n"

        return StreamingResponse(
            stream(), media_type="text/event-stream", headers={**HEADERS, "Cache-Control": "no-store"}
        )

    async def day(request: Request) -> Response:
        if _is_foreign(request):
            return PlainTextResponse("", 403)
        text = (await request.body()).decode(errors="replace").strip()
        try:
            show(parse_day(text) if text else None)
        except ValueError:
            return PlainTextResponse("", 400)
        return Response(status_code=204)

    async def own(request: Request) -> Response:
        path = STATIC / request.path_params["name"]
        if path.parent != STATIC or not path.is_file():
            return PlainTextResponse("", 404)
        return FileResponse(path, media_type=TYPES[path.suffix], headers={**HEADERS, "Cache-Control": "no-cache"})

    async def page(request: Request) -> Response:
        return await run_in_threadpool(_page, state, request)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await state.begin()
        if newsletter:
            await newsletter.catcher.begin()
        yield

    routes = [
        Route(f"{OWN}events", events),
        Route(f"{OWN}day", day, methods=["POST"]),
        *(_newsletter_routes(newsletter, state) if newsletter else ()),
        Route(f"{OWN}{{name}}", own),
        Route("/{path:path}", page),
    ]
    return Starlette(routes=routes, lifespan=lifespan, middleware=[Middleware(OwnHosts, named=(host,))])


def _newsletter_routes(newsletter: Newsletter, state: State) -> list[BaseRoute]:
    def release(request: Request) -> Response:
        if _is_foreign(request):
            return PlainTextResponse("", 403)
        said = newsletter.trial().release(request.query_params.get("issue", ""), state.words)
        return PlainTextResponse(said)

    def begin_again(request: Request) -> Response:
        if _is_foreign(request):
            return PlainTextResponse("", 403)
        newsletter.trial().begin_again()
        newsletter.catcher.count()
        return RedirectResponse(mail.ADDRESS, 303)

    async def service(scope: Scope, receive: Receive, send: Send) -> None:
        trial = await run_in_threadpool(newsletter.trial)
        await trial(scope, receive, send)

    return [
        Route(f"{OWN}release", release, methods=["POST"]),
        Route(f"{OWN}begin-again", begin_again, methods=["POST"]),
        *mail.routes(newsletter.catcher.box, state, _answer),
        Mount(newsletter.path, service),
    ]


def _is_foreign(request: Request) -> bool:
    """Whether another page that is open in this browser asks."""
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def bind(host: str, port: int, words: Words) -> list[socket.socket]:
    """Sockets on every address of a host, on one port; `port` 0 takes a free one. Raises `SettingsError`."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        said = words.gettext("{host} is no address of this machine. Name another.").format(host=host)
        raise SettingsError("--host", said) from None
    bound: list[socket.socket] = []
    for family, *_, address in dict.fromkeys(found):
        try:
            same = bound[0].getsockname()[1] if bound else port
            bound.append(socket.create_server((address[0], same), family=family))
        except OSError as error:
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) and bound:  # a host may have a name for no use
                continue
            for one in bound:
                one.close()
            if error.errno == errno.EADDRINUSE:
                said = words.gettext("Port {port} is taken: perhaps by a preview that is running. Name another.")
            else:
                said = words.gettext("Port {port} cannot be used here. Name another.")
            raise SettingsError("--port", said.format(port=port)) from error
    return bound


def _page(state: State, request: Request) -> Response:
    path = page_path(request.scope["path"])
    proof = state.proof
    if proof is None:
        title = state.words.gettext("The magazine cannot be shown yet.")
        return _answer(EMPTY.format(title=title, lang=state.words.lang).encode(), "page.html", "", request, 503)
    version = f"{proof.looks}"
    for one in filter(None, (proof, state.before)):
        try:
            data = _made(one, path)
        except Exception as error:  # noqa: BLE001  # a template or a plugin may raise anything
            state.failed(proof, path, fault(error, proof.site.settings))
            continue
        if data is not None:
            return _answer(data, path, version, request)
        if one.find(f"{path}/index.html"):
            return RedirectResponse(f"{request.url.path}/")
        return _answer(_made(one, page_path(NOT_FOUND)) or b"", "404.html", version, request, 404)
    title = state.words.gettext("The page cannot be shown.")
    return _answer(EMPTY.format(title=title, lang=state.words.lang).encode(), "page.html", version, request, 500)


def _made(proof: Proof, path: str) -> bytes | None:
    output = proof.find(path)
    return output.make() if output else None


def _answer(data: bytes, path: str, version: str, request: Request, status: int = 200) -> Response:
    """One file; if it is a page, with the desk's script in it, which knows by the tag whether its page is stale."""
    suffix = PurePosixPath(path).suffix.lower()
    tag = hashlib.sha256(data + version.encode()).hexdigest()[:16]
    headers = {**HEADERS, "Cache-Control": "no-cache", "ETag": f'"{tag}"'}
    if status == 200 and request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    if suffix == ".html":
        data = data.replace(b"</head>", _OWN_HEAD % tag.encode() + b"</head>", 1)
    kind = TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Response(data, status, headers, kind)


_OWN_HEAD = (
    b'<link rel="stylesheet" href="/-/page.css">'
    b'<script type="module" src="/-/preview.js" id="desk-script" data-page="%s"></script>'
)


class Serving:
    """The server in a thread of its own."""

    def __init__(self, shown: Starlette, sockets: list[socket.socket]) -> None:
        config = uvicorn.Config(shown, log_config=None, log_level="critical", ws="none", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=(sockets,), daemon=True)

    def begin(self) -> None:
        if self._thread.ident is None:
            self._thread.start()

    def end(self) -> None:
        self._server.should_exit = True
        if self._thread.ident is not None:
            self._thread.join(3)
