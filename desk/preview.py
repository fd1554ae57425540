"""Shows a built magazine on this machine, with the headers of the real server, and builds it again after each save."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import watchfiles

from desk.build import build, summary
from desk.headers import HEADERS
from plugins.magazine.problems import ContentError
from plugins.magazine.settings import SettingsError
from plugins.magazine.words import Words

TYPES = {
    ".xml": "application/xml; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
    ".ics": "text/calendar; charset=utf-8",
}


class Handler(SimpleHTTPRequestHandler):
    """Static files, no listings, the magazine's own 404."""

    protocol_version = "HTTP/1.1"
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, **TYPES}  # noqa: RUF012  # as the class above has it

    def end_headers(self) -> None:
        for name, value in HEADERS.items():
            self.send_header(name, value)
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: object) -> None:
        self.send_error(404)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            super().send_error(code, message, explain)
            return
        body = page.read_bytes()
        self.send_response(404)
        self.send_header("Content-Type", TYPES[".html"])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # they left
            super().handle_error(request, client_address)


def serve(folder: Path, host: str, port: int) -> Server:
    """Serve a folder from a thread of its own. `port` 0 takes a free one. Raises OSError if it is taken."""
    server = Server((host, port), partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def preview(load: Callable[[], Mapping[str, Any]], watched: Path, host: str, port: int) -> None:
    """Build, serve, and build again after each save below the content's folder, the theme's or in `watched`, until
    interrupted. What is wrong with a save is said and mended by the next; the last whole magazine goes on being shown.
    """
    settings = load()
    out = Path(settings["OUTPUT_PATH"])
    words = Words(settings["DEFAULT_LANG"])

    def rebuild() -> None:
        try:
            said = summary(build({**load(), "SITEURL": f"http://{host}:{port}"}), out)
        except (ContentError, SettingsError) as error:
            said = f"{str(error).strip()}\n{words.gettext('Mend this and save: then the magazine is built again.')}"
        print(said, flush=True)

    try:
        server = serve(out, host, port)
    except OSError as error:
        raise SettingsError("--port", f"{port} cannot be used ({error.strerror}); name another") from error
    try:
        print(f"http://{host}:{port}/", flush=True)
        rebuild()
        for _ in watchfiles.watch(settings["PATH"], settings["THEME"], watched, raise_interrupt=False):
            rebuild()
    except KeyboardInterrupt:
        pass
    finally:
        server.shutdown()
