"""`POST /releases`: CI says that an issue is published. Safe to repeat; answers in JSON.

201  released now                      404  not published (yet)
200  released before, same content     409  released with other content, or an operator has to say yes
401  no token, or a wrong one          422  the body is not {"issue": "2026-11"}
                                       502  the site does not answer, or not with a digest
"""

from __future__ import annotations

import hmac
import json
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from newsletter import bodies
from newsletter.digest import ISSUE
from newsletter.releases import Changed, NeedsYes, NotPublished, NotReleased, Release, release

_STATUS: dict[type[NotReleased], int] = {NotPublished: 404, Changed: 409, NeedsYes: 409}


async def post(request: Request) -> Response:
    config = request.app.state.config
    if not _allowed(request.headers.get("authorization", ""), config.release_token):
        return JSONResponse(
            {"error": "token", "message": "The token is missing or wrong: Authorization: Bearer TOKEN."},
            status_code=401,
            headers={"WWW-Authenticate": "Bearer"},
        )
    issue = _issue(await bodies.read(request))
    if issue is None:
        return JSONResponse({"error": "body", "message": 'The body must be {"issue": "2026-11"}.'}, status_code=422)
    try:
        released = await run_in_threadpool(release, request.app.state.engine, config, issue)
    except NotReleased as error:
        status = _STATUS.get(type(error), 502)
        return JSONResponse({"issue": issue, "error": error.code, "message": str(error)}, status_code=status)
    return JSONResponse(as_json(released), status_code=201 if released.new else 200)


def as_json(released: Release) -> dict[str, Any]:
    """A release as programs read it."""
    return {
        "issue": released.issue,
        "new": released.new,
        "audience": released.audience,
        "states": {state.value: count for state, count in released.states.items()},
        "stopped": released.stopped,
    }


def _allowed(header: str, token: str) -> bool:
    kind, _, given = header.partition(" ")
    return bool(token) and kind.lower() == "bearer" and hmac.compare_digest(given.strip().encode(), token.encode())


def _issue(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    issue = found.get("issue") if isinstance(found, dict) else None
    return issue if isinstance(issue, str) and ISSUE.fullmatch(issue) else None


routes = [Route("/releases", post, methods=["POST"])]
