"""The newsletter, to be tried out: its service on the preview's own address, its worker, a database of its own.

What it keeps lies in one folder, so that subscribers and links of yesterday are there today, and all can be forgotten
at once.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import threading
from collections.abc import Callable
from email.headerregistry import Address
from pathlib import Path

from sqlalchemy import Engine, text
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from newsletter import config, database, magazine, releases, tide, web
from newsletter.commands import Refused
from newsletter.commands.work import alone
from newsletter.work import Worker
from plugins.magazine.settings import Settings
from plugins.magazine.words import Words


class Trial:
    """The newsletter of one preview. As an ASGI application it is the service that readers meet."""

    def __init__(self, folder: Path, origin: str, path: str, relay: int, settings: Callable[[], Settings]) -> None:
        """`origin` and `path` are where the service is reached, `relay` is the port of a mail server here; `settings`
        gives the magazine's as they are now."""
        self._folder, self._origin, self._path, self._relay = folder, origin, path, relay
        self._settings = settings
        self._lock = threading.Lock()
        self._running: _Running | None = None
        self._told: magazine.Magazine | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        running = await run_in_threadpool(self.begin)
        await running.app(scope, receive, send)

    def begin(self) -> _Running:
        """Service and worker; they know what the magazine is called now, and its categories."""
        with self._lock:
            if self._running is None:
                self._running, self._told = _Running(self._config()), None
            now = self._settings()
            told = magazine.Magazine(name=now.name, lang=now.lang, url=self._origin, categories=now.categories)
            if told != self._told:
                with database.writing(self._running.engine) as connection:
                    magazine.keep(connection, told)
                self._told = told
            return self._running

    def release(self, issue: str, words: Words) -> str:
        """Release an issue to all who have signed up. Says in a sentence what came of it."""
        running = self.begin()
        with database.reading(running.engine) as connection:
            count = text("SELECT count(*) FROM subscriber WHERE standing = 'active'")
            readers = connection.execute(count).scalar_one()
        if not readers:
            return words.gettext("Nobody would get it: sign up first, and confirm it with the link in the mail.")
        try:
            released = releases.release(running.engine, running.config, issue, yes_old=True)
        except releases.Changed:
            return words.gettext("It has been released, with another content. Begin again under Mail to try it anew.")
        except releases.NotPublished:
            return words.gettext("There is no digest of this issue.")
        except releases.NotReleased as error:
            return str(error)
        if not released.new:
            return words.gettext("It has been released already. Begin again under Mail to try it anew.")
        sent = words.ngettext("It goes out to {n} reader.", "It goes out to {n} readers.", released.audience)
        return sent.format(n=words.number(released.audience))

    def end(self) -> None:
        with self._lock:
            if self._running:
                self._running.end()
            self._running = None

    def begin_again(self) -> None:
        """Forget all subscribers, releases and mails."""
        self.end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _config(self) -> config.Config:
        self._folder.mkdir(parents=True, exist_ok=True)
        secret = self._folder / "secret"
        if not secret.exists():
            secret.write_text(secrets.token_hex(32), encoding="ascii")
        return config.read(
            {
                "NEWSLETTER_DATABASE_URL": f"sqlite:///{(self._folder / 'newsletter.db').as_posix()}",
                "NEWSLETTER_SMTP_URL": f"smtp://127.0.0.1:{self._relay}",
                "NEWSLETTER_SITE_URL": self._origin,
                "NEWSLETTER_BASE_URL": f"{self._origin}{self._path}",
                "NEWSLETTER_SECRET": secret.read_text(encoding="ascii"),
                "NEWSLETTER_FROM": str(Address(self._settings().name, "nyhetsbrev", "preview.example")),
                "NEWSLETTER_RATE": "100/s",
                "NEWSLETTER_STATE": str(self._folder / "state"),
                "NEWSLETTER_CONNECTIONS": "1",
                "NEWSLETTER_SIGN_UPS": "10000",
            }
        )


class _Running:
    """Service and worker while they run."""

    def __init__(self, settings: config.Config) -> None:
        self.config = settings
        self.engine: Engine = database.connect(settings.database_url)
        self.app: Starlette = web.app(settings, self.engine)
        self._loop = asyncio.new_event_loop()
        self._worker: Worker | None = None
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()
        self._ready.wait()

    def _work(self) -> None:
        async def work() -> None:
            self._worker = Worker(self.config, self.engine)
            self._ready.set()
            await self._worker.run()

        try:
            with alone(self.engine), asyncio.Runner(loop_factory=lambda: self._loop) as runner:
                runner.run(work())
        except (Refused, tide.Restored) as error:
            print(error, flush=True)
        finally:
            self._ready.set()

    def end(self) -> None:
        if self._worker and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._worker.stop)
        self._thread.join(5)
        self.engine.dispose()
