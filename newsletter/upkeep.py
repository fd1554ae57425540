"""What the service does by itself now and then: forget what is due, and ask the site what it says of itself."""

from __future__ import annotations

import logging

from sqlalchemy import Engine

from newsletter import database, limits, magazine, site, subscribers
from newsletter.config import Config

EVERY = 3600.0
"""Seconds from one upkeep to the next."""
log = logging.getLogger("newsletter")


def run(config: Config, engine: Engine) -> None:
    """Once. A site that does not answer is noted: what it said last still holds."""
    with database.writing(engine) as connection:
        now = database.now(connection)
        forgotten = subscribers.sweep(connection, now, config.confirm_within)
        subscribers.sweep_letters(connection, now)
        limits.sweep(connection, now)
    if forgotten:
        log.info("%d sign-ups were not confirmed and are forgotten", forgotten)
    try:
        found = magazine.fetch(config.site_url)
    except site.Unreadable as error:
        log.warning("%s", error)
        return
    with database.writing(engine) as connection:
        magazine.keep(connection, found)
