"""What each mail says: a digest for the reader's choice, or a letter."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from newsletter import digest, letters, message_ids
from newsletter.config import Config
from newsletter.delivery import Job
from newsletter.magazine import Magazine, kept
from newsletter.message import Content, Recipient, Template, splice, template
from newsletter.tables import mailing
from newsletter.tokens import Tokens

_MOST = 40_000_000
"""Bytes of encoded mails that are kept, of the choices of categories that were used last. Some 100 KB each."""


@dataclass(slots=True)
class Mails:
    """Renders jobs. What a mailing's mails share is read and encoded once.

    `prepare` runs in the database's thread, everything else in the event loop's: neither changes what the other reads.
    """

    config: Config
    tokens: Tokens
    _templates: OrderedDict[tuple[str, str], Template] = field(default_factory=OrderedDict)
    _size: int = 0
    _digests: dict[str, digest.Digest] = field(default_factory=dict)

    def prepared(self, job: Job) -> Template | None:
        """The template of a job, if it was kept."""
        key = (job.mailing, job.variant)
        if key in self._templates:
            self._templates.move_to_end(key)
        return self._templates.get(key)

    def prepare(self, connection: Connection, job: Job) -> Template:
        """Make the template of a job, with what the database holds for it."""
        if job.is_letter:
            return self._letter(job, kept(connection, self.config))
        if job.mailing not in self._digests:
            frozen = connection.execute(select(mailing.c.digest).where(mailing.c.id == job.mailing)).scalar_one()
            self._digests = {job.mailing: digest.read(frozen, job.mailing)}
        content = self._digests[job.mailing].content(job.variant)
        return template(job.mailing, content, self.config, bulk=True)

    def keep(self, job: Job, made: Template) -> None:
        """Remember a template for other jobs. A letter's belongs to one reader."""
        key = (job.mailing, job.variant)
        if job.is_letter or key in self._templates:
            return
        self._templates[key] = made
        self._size += made.size
        while self._size > _MOST and len(self._templates) > 1:
            self._size -= self._templates.popitem(last=False)[1].size

    def render(self, job: Job, moment: float, made: Template) -> bytes:
        """The message of a job, from its template; `moment` is its date."""
        link = letters.link(self.config, self.tokens, job.ref)
        links = {"unsubscribe_url": link("unsubscribe"), "preferences_url": link("preferences")}
        return splice(made, Recipient(ref=job.ref, address=job.address, links=links), moment)

    def _letter(self, job: Job, magazine: Magazine) -> Template:
        letter = letters.compose(
            job.variant,
            link=letters.link(self.config, self.tokens, job.ref),
            magazine=magazine,
            choice=job.choice,
            days=round(self.config.confirm_within / 86_400),
        )
        content = Content(subject=letter.subject, text=letter.text, html=letter.html)
        # A reader may get one of either kind on a day, and mail programs show one name once.
        name = job.mailing if job.variant.startswith("confirm/") else message_ids.known(job.mailing)
        return template(name, content, self.config, bulk=False)
