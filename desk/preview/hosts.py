"""Answers only who asks for this machine: what is not released must not be read by a page of somebody else's.

A page on the web can give its own name this machine's address (DNS rebinding); to the browser, the preview is then that
page's own site. But its requests still carry that name.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class OwnHosts:
    """Refuses requests for another host than `localhost`, this machine's name, an address in numbers, or `named`."""

    def __init__(self, app: ASGIApp, named: Collection[str] = ()) -> None:
        self.app = app
        self.names = {"localhost", socket.gethostname().lower(), *(name.lower() for name in named)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not self._is_own(scope):
            await PlainTextResponse("This is a preview on somebody's own machine.", 421)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _is_own(self, scope: Scope) -> bool:
        asked = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        host = asked.rpartition(":")[0] if not asked.endswith("]") and ":" in asked else asked
        return host.lower() in self.names or _is_number(host.strip("[]"))


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
