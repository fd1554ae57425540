"""What the service answers. Each pair of functions is a page: `…_asked` shows it and changes nothing, `…_done` acts."""

from __future__ import annotations

import re
from contextlib import suppress

from sqlalchemy import Connection, text
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from newsletter import addresses, bodies, limits, service, subscribers
from newsletter.addresses import BadAddress
from newsletter.config import LANGUAGES
from newsletter.service import Service
from newsletter.tables import Standing
from newsletter.tokens import BadToken, Purpose

HONEYPOT = "webbplats"
"""A field that people do not see: who fills it in is a program. It gets the same answer as all."""
_VERSION = re.compile(r"[A-Za-z0-9._-]{1,64}")


# -- Signing up --------------------------------------------------------------------------------------------------------


async def to_the_form(request: Request) -> Response:
    """Who comes here by GET reloaded a page or typed its address: the form is on the site."""
    return RedirectResponse(f"{service.of(request).magazine.url}/prenumerera/", 303)


async def sign_up(request: Request) -> Response:
    """The same answer whether the address is known, new, barred or a program's."""
    here = service.of(request)
    form = await bodies.form(request)
    fields = {name: str(value) for name, value in form.items()}
    slugs = [str(slug) for slug in form.getlist("category")]
    lang = fields.get("lang", "") if fields.get("lang") in LANGUAGES else ""
    version, typed = fields.get("consent", ""), fields.get("email", "").strip()
    if not _VERSION.fullmatch(version):
        raise HTTPException(400)

    def again(problem: str) -> Response:
        return here.page(
            "sign-up", request, lang=lang, status=422, problem=problem, typed=typed, version=version, chosen=slugs
        )

    try:
        mailbox = addresses.parse(typed)
    except BadAddress:
        await here.read(lambda *_: None)
        return again("address")

    def work(connection: Connection, now: float) -> str:
        if limits.count(connection, here.tokens, here.network(request), now) > here.config.sign_ups:
            return "limit"
        if mailbox.international and _relay_lacks_smtputf8(connection):
            return "international"
        choice, spoken = here.magazine.choice(slugs), lang or here.magazine.lang
        subscribers.sign_up(connection, here.tokens, mailbox, choice=choice, version=version, lang=spoken, now=now)
        return ""

    refused = "" if fields.get(HONEYPOT) else await here.write(work)
    if refused == "limit":
        raise HTTPException(429, headers={"Retry-After": str(limits.PERIOD)})
    if refused:
        return again(refused)
    return here.page("signed-up", request, lang=lang, typed=typed)


def _relay_lacks_smtputf8(connection: Connection) -> bool:
    """What the sender has learnt of its relay."""
    return connection.execute(text("SELECT value FROM fact WHERE name = 'relay.smtputf8'")).scalar() == "no"


# -- Confirming --------------------------------------------------------------------------------------------------------


async def confirm_asked(request: Request) -> Response:
    here = service.of(request)
    ref = _subscriber(request, here, "confirm")
    found = await here.read(lambda connection, _: subscribers.find(connection, ref))
    if found is None or found.standing not in (Standing.PENDING, Standing.ACTIVE):
        return here.page("lost", request, status=404)
    if found.standing is Standing.ACTIVE:
        return here.page("confirmed", request, choice=found.choice)
    return here.page("confirm", request, choice=found.choice)


async def confirm_done(request: Request) -> Response:
    here = service.of(request)
    ref = _subscriber(request, here, "confirm")
    await _drain(request)

    def work(connection: Connection, now: float) -> str | None:
        active = subscribers.confirm(connection, ref, now)
        found = subscribers.find(connection, ref)
        return found.choice if active and found else None

    choice = await here.write(work)
    if choice is None:
        return here.page("lost", request, status=404)
    return here.page("confirmed", request, choice=choice)


# -- Leaving -----------------------------------------------------------------------------------------------------------


async def leave_asked(request: Request) -> Response:
    here = service.of(request)
    ref = _subscriber(request, here, "unsubscribe")
    found = await here.read(lambda connection, _: subscribers.find(connection, ref))
    stays = found is not None and found.standing in (Standing.PENDING, Standing.ACTIVE)
    return here.page("leave" if stays else "left", request)


async def leave_done(request: Request) -> Response:
    """Also RFC 8058, by which a mail program leaves for its owner: whatever the body says or is, who posts leaves."""
    here = service.of(request)
    ref = _subscriber(request, here, "unsubscribe")
    await _drain(request)
    await here.write(lambda connection, now: subscribers.leave(connection, ref, now))
    return here.page("left", request)


# -- Choosing ----------------------------------------------------------------------------------------------------------


async def preferences_asked(request: Request) -> Response:
    here = service.of(request)
    ref = _subscriber(request, here, "preferences")
    found = await here.read(lambda connection, _: subscribers.find(connection, ref))
    if found is None or found.standing is not Standing.ACTIVE:
        return here.page("left", request)
    return here.page("preferences", request, choice=found.choice, said="")


async def preferences_done(request: Request) -> Response:
    here = service.of(request)
    ref = _subscriber(request, here, "preferences")
    form = await bodies.form(request)
    if "leave" in form:
        await here.write(lambda connection, now: subscribers.leave(connection, ref, now))
        return here.page("left", request)
    slugs = [str(slug) for slug in form.getlist("category")]

    def work(connection: Connection, _: float) -> tuple[subscribers.Subscriber | None, bool]:
        known = {slug for slug, _ in here.magazine.categories}
        if known.intersection(slugs):
            subscribers.choose(connection, ref, here.magazine.choice(slugs))
        return subscribers.find(connection, ref), bool(known.intersection(slugs))

    found, chose = await here.write(work)
    if found is None or found.standing is not Standing.ACTIVE:
        return here.page("left", request)
    said = "saved" if chose else "nothing"
    return here.page("preferences", request, status=200 if chose else 422, choice=found.choice, said=said)


# -- Common ------------------------------------------------------------------------------------------------------------


def _subscriber(request: Request, here: Service, purpose: Purpose) -> str:
    """Whose link this is. Raises 404 for one that is forged, altered, for something else, or too old to confirm by."""
    max_age = here.config.confirm_within if purpose == "confirm" else None
    try:
        return here.tokens.read(purpose, request.path_params["token"], max_age)
    except BadToken:
        raise HTTPException(404) from None


async def _drain(request: Request) -> None:
    """Let the other side finish what it says; nothing in it matters."""
    with suppress(HTTPException):
        await bodies.read(request)


routes = [
    Route("/", to_the_form, methods=["GET"]),
    Route("/subscribe", to_the_form, methods=["GET"]),
    Route("/subscribe", sign_up, methods=["POST"]),
    Route("/confirm/{token}", confirm_asked, methods=["GET"]),
    Route("/confirm/{token}", confirm_done, methods=["POST"]),
    Route("/unsubscribe/{token}", leave_asked, methods=["GET"]),
    Route("/unsubscribe/{token}", leave_done, methods=["POST"]),
    Route("/preferences/{token}", preferences_asked, methods=["GET"]),
    Route("/preferences/{token}", preferences_done, methods=["POST"]),
]
