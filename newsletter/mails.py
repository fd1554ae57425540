"""What each mail says: a digest for the reader's choice, or a letter."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from newsletter import digest, letters
from newsletter.config import Config
from newsletter.delivery import Job
from newsletter.magazine import Magazine, kept
from newsletter.message import Content, Recipient, Template, splice, template
from newsletter.tables import mailing
from newsletter.tokens import Tokens

_TEMPLATES = 64
"""Encoded mails that are kept: the most used choices of categories. Some 100 KB each."""


@dataclass(slots=True)
class Mails:
    """Renders jobs. What a mailing's mails share is read and encoded once."""

    config: Config
    tokens: Tokens
    _templates: OrderedDict[tuple[str, str], Template] = field(default_factory=OrderedDict)
    _digests: dict[str, digest.Digest] = field(default_factory=dict)

    def prepared(self, job: Job) -> bool:
        """Whether `render` needs nothing from the database."""
        return (job.mailing, job.variant) in self._templates

    def prepare(self, connection: Connection, job: Job) -> Template:
        """Make the template of a job, with what the database holds for it."""
        if job.is_letter:
            return self._letter(job, kept(connection, self.config))
        if job.mailing not in self._digests:
            frozen = connection.execute(select(mailing.c.digest).where(mailing.c.id == job.mailing)).scalar_one()
            self._digests = {job.mailing: digest.read(frozen, job.mailing)}
        content = self._digests[job.mailing].content(job.variant)
        made = template(job.mailing, content, self.config, bulk=True)
        self._templates[job.mailing, job.variant] = made
        if len(self._templates) > _TEMPLATES:
            self._templates.popitem(last=False)
        return made

    def render(self, job: Job, moment: float, made: Template | None = None) -> bytes:
        """The message of a job, from its template; `moment` is its date."""
        if made is None:
            made = self._templates[job.mailing, job.variant]
            self._templates.move_to_end((job.mailing, job.variant))
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
        return template(job.mailing, content, self.config, bulk=False)
