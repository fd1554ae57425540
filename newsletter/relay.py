"""One connection to the relay: opened, logged in, used for one message after the other."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from contextlib import suppress

from aiosmtplib import SMTP
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from newsletter import config as settings
from newsletter.answers import Answer, Stage, Verdict, judge
from newsletter.message import BadAddress, mailbox

CONNECT_SECONDS = 30.0
COMMAND_SECONDS = 300.0
"""RFC 5321, 4.5.3.2: a relay may look addresses up while we wait."""
MESSAGE_SECONDS = 600.0
"""The same, after the message: whoever gives up earlier gets mails sent twice."""


class Unreachable(Exception):
    """No connection that could take mail. `answer` says whether the relay is away or objects to us."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        super().__init__(answer.reply)


class Connection:
    """A connection to the relay; `taken` counts what it took since it was opened."""

    def __init__(self, relay: settings.Relay, name: str) -> None:
        self.relay, self.name = relay, name
        self.taken = 0
        self._smtp: SMTP | None = None

    @property
    def is_open(self) -> bool:
        return self._smtp is not None and self._smtp.is_connected

    @property
    def international(self) -> bool:
        """Whether it takes addresses with letters beyond ASCII before the @ (RFC 6531)."""
        return self._smtp is not None and self._smtp.supports_extension("smtputf8")

    async def open(self) -> None:
        """Connect and log in. Raises `Unreachable`."""
        self.close()
        self.taken = 0
        smtp = SMTP(
            hostname=self.relay.host,
            port=self.relay.port,
            local_hostname=self.name,
            timeout=CONNECT_SECONDS,
            use_tls=self.relay.security == "tls",
            start_tls=self.relay.security == "starttls",
        )
        stage = Stage.CONNECT
        try:
            await smtp.connect()
            await smtp.ehlo()
            if self.relay.user:
                stage = Stage.LOGIN
                await smtp.login(self.relay.user, self.relay.password)
        except SMTPAuthenticationError as error:
            answer = judge(Stage.LOGIN, error.code, error.message)
        except SMTPResponseException as error:
            answer = judge(Stage.CONNECT, error.code, error.message)
        except ssl.SSLCertVerificationError:
            answer = Answer(Verdict.AWAY, "certificate")
        except (TimeoutError, SMTPTimeoutError):
            answer = Answer(Verdict.AWAY, "no answer")
        except (OSError, SMTPServerDisconnected) as error:
            bad = isinstance(error.__cause__, ssl.SSLCertVerificationError)
            answer = Answer(Verdict.AWAY, "certificate" if bad else "no connection")
        except SMTPException:  # it offers no STARTTLS, or no way to log in that we know
            answer = Answer(Verdict.OBJECTS, "no log-in" if stage is Stage.LOGIN else "no STARTTLS")
        else:
            self._smtp = smtp
            return
        smtp.close()
        raise Unreachable(answer)

    async def hand_over(
        self, sender: str, recipient: str, message: bytes, may: Callable[[], bool] = lambda: True
    ) -> Answer:
        """Give the relay one message, and say what came of it. Never raises for what the relay does.

        The relay may take minutes until it wants the message; `may` is asked at the last moment whether it is to go.
        """
        smtp = self._smtp
        if smtp is None:
            return Answer(Verdict.AWAY, "no connection")
        try:
            recipient = mailbox(recipient)
        except BadAddress:
            return Answer(Verdict.REFUSED, "501 5.1.3")
        options, encoding = [], "ascii"
        if not recipient.isascii():
            if not self.international:
                return Answer(Verdict.REFUSED, "553 5.6.7")
            options, encoding = ["SMTPUTF8", "BODY=8BITMIME"], "utf-8"
        stage = Stage.SENDER
        try:
            await smtp.mail(sender, options=options, encoding=encoding, timeout=COMMAND_SECONDS)
            stage = Stage.RECIPIENT
            await smtp.rcpt(recipient, encoding=encoding, timeout=COMMAND_SECONDS)
            stage = Stage.MESSAGE
            return await self._give(smtp, message, may)
        except SMTPResponseException as error:
            return await self._refused(judge(stage, error.code, error.message))
        except (SMTPException, OSError) as error:
            self.close()
            return Answer(Verdict.AWAY, _word(error), stage)
        except ValueError:  # the library finds the address unfit for a command
            return await self._refused(Answer(Verdict.REFUSED, "501 5.1.3"))

    async def _give(self, smtp: SMTP, message: bytes, may: Callable[[], bool]) -> Answer:
        """DATA and the message, as it is: it has CRLF at its lines' ends and no dot before any."""
        start = await smtp.execute_command(b"DATA", timeout=COMMAND_SECONDS)
        protocol = smtp.protocol
        if start.code != 354 or protocol is None:
            return await self._refused(judge(Stage.MESSAGE, start.code, start.message))
        if not may():
            self.close()  # a message that was announced cannot be called off in another way
            return Answer(Verdict.AWAY)
        try:
            protocol.write(message + b".\r\n")
            end = await protocol.read_response(timeout=MESSAGE_SECONDS)
        except SMTPResponseException as error:  # no answer that SMTP knows
            return await self._refused(judge(Stage.MESSAGE, error.code, error.message))
        except (SMTPException, OSError) as error:
            self.close()
            return Answer(Verdict.UNCERTAIN, _word(error))
        if end.code != 250:
            return await self._refused(judge(Stage.MESSAGE, end.code, end.message))
        self.taken += 1
        return Answer(Verdict.ACCEPTED, "250")

    async def _refused(self, answer: Answer) -> Answer:
        if answer.verdict in (Verdict.AWAY, Verdict.UNCERTAIN):
            self.close()
        elif self._smtp is not None:
            try:
                await self._smtp.rset(timeout=COMMAND_SECONDS)
            except (SMTPException, OSError):
                self.close()
        return answer

    async def quit(self) -> None:
        """Take leave politely."""
        if self._smtp is not None:
            with suppress(SMTPException, OSError):
                await self._smtp.quit(timeout=5.0)
        self.close()

    def close(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _word(error: Exception) -> str:
    return "no answer" if isinstance(error, TimeoutError) else "no connection"
