"""`serve`: the service that readers meet."""

from __future__ import annotations

import argparse
from typing import Any

import uvicorn

from newsletter import database, web
from newsletter.config import Config


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
    # No access log: it would keep who did what, and tokens. Whose request it is, `limits.client` finds out.
    uvicorn.run(
        app, host=arguments.host, port=arguments.port, access_log=False, proxy_headers=False, server_header=False
    )
    return 0
