"""`serve`: the service that readers meet."""

from __future__ import annotations

import argparse
import logging
import os
import socket
from typing import Any

import uvicorn

from newsletter import database, web
from newsletter.config import Config

log = logging.getLogger("newsletter")


def register(commands: Any) -> None:
    parser = commands.add_parser(
        "serve",
        help="answer readers: signing up, confirming, choosing, leaving",
        description="Answers readers at NEWSLETTER_BASE_URL, and CI. Belongs behind a web server that speaks HTTPS.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", default=8080, type=port, help="the port to listen on (%(default)s)")
    parser.set_defaults(run=run)


def port(text: str) -> int:
    """A port's number. Raises argparse's error."""
    if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"a whole number from 1 to 65535, not {text!r}")
    return int(text)


def run(arguments: argparse.Namespace, config: Config) -> int:
    engine = database.connect(config.database_url)
    app = web.app(config, engine)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s: %(message)s")
    for talkative in ("httpx", "alembic"):
        logging.getLogger(talkative).setLevel(logging.WARNING)
    # No access log: it would keep who did what, and tokens. Whose request it is, `limits.client` finds out.
    settings = uvicorn.Config(app, access_log=False, proxy_headers=False, server_header=False, log_config=None)
    family = socket.AF_INET6 if ":" in arguments.host else socket.AF_INET
    with socket.create_server((arguments.host, arguments.port), family=family) as listening:
        log.info("listening on %s, port %d", arguments.host, arguments.port)
        _tell_systemd()
        uvicorn.Server(settings).run(sockets=[listening])
    return 0


def _tell_systemd() -> None:
    """Who asks from now on is answered, so `systemctl start` may return (sd_notify(3), Type=notify)."""
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(b"READY=1", address.replace("@", "\0", 1) if address.startswith("@") else address)
