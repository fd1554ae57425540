"""The preview answers for this machine only: a page of somebody else's that points at it reads nothing."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from desk.preview.hosts import OwnHosts

APP = Starlette(
    routes=[Route("/", lambda _: PlainTextResponse("secret"))],
    middleware=[Middleware(OwnHosts, named=("desk.example",))],
)


def ask(host: str) -> httpx.Response:
    async def get() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(APP)) as client:
            return await client.get("http://localhost/", headers={"Host": host})

    return asyncio.run(get())


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "localhost:8000",
        "LOCALHOST:1",
        "127.0.0.1:8000",
        "192.168.1.20",
        "[::1]:8000",
        "[::1]",
        "desk.example",
    ],
)
def test_this_machine_is_answered_for(host: str) -> None:
    assert ask(host).text == "secret"


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8000", "localhost.evil.example", "127.0.0.1.evil.example", "", ":80"]
)
def test_another_name_is_not(host: str) -> None:
    answer = ask(host)
    assert answer.status_code == 421
    assert "secret" not in answer.text
