"""What a request brings along, up to a limit."""

from __future__ import annotations

from python_multipart.exceptions import FormParserError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

LARGEST = 65_536
"""Bytes."""
MANY = 200
"""Fields."""


async def read(request: Request, largest: int = LARGEST) -> bytes:
    """The whole body. Raises 413 as soon as it is larger."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > largest:
            raise HTTPException(413)
    return bytes(body)


async def form(request: Request) -> FormData:
    """The fields of a form, urlencoded or multipart. Raises 413, or 400 if it is none."""
    body = await read(request)

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        return await Request(request.scope, receive).form(max_files=0, max_fields=MANY, max_part_size=LARGEST)
    except (FormParserError, UnicodeError):
        raise HTTPException(400) from None
