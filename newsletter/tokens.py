"""Tokens in mailed links: bound to one purpose and one subscriber, signed, valid across a change of keys.

What a token lets its holder do is what its purpose says and no more, for a mail may be forwarded. It carries the
subscriber's random reference, never an address or a number that a restored database could give to somebody else.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Sequence
from typing import Literal

from itsdangerous import BadData, URLSafeTimedSerializer
from itsdangerous.encoding import base64_decode, base64_encode

Purpose = Literal["confirm", "unsubscribe", "preferences"]


class BadToken(Exception):
    """It was not made here, was altered, is for another purpose, or is too old."""


class Tokens:
    """Makes and reads tokens. `secrets` are newest first: the first signs, all are accepted."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._secrets = tuple(secrets)
        self._serializers = {
            purpose: URLSafeTimedSerializer(
                list(reversed(self._secrets)),  # itsdangerous wants the newest last
                salt=f"newsletter.{purpose}",
                signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
            )
            for purpose in ("confirm", "unsubscribe", "preferences")
        }

    def make(self, purpose: Purpose, ref: str) -> str:
        """A token for one subscriber; letters, digits, `-`, `_` and `.`, so it can stand in an address as it is."""
        return str(self._serializers[purpose].dumps(ref))

    def read(self, purpose: Purpose, token: str, max_age: float | None = None) -> str:
        """The subscriber's reference. Raises `BadToken`, also if it is older than `max_age` seconds.

        One made a little later than now is good: the clock of the machine that sent it may be ahead.
        """
        try:
            ref, made = self._serializers[purpose].loads(token, return_timestamp=True)
            canonical = all(base64_encode(base64_decode(part)).decode() == part for part in token.split("."))
        except BadData:
            raise BadToken from None
        if not (isinstance(ref, str) and canonical):  # the last letter of Base64 has spellings that mean the same
            raise BadToken
        if max_age is not None and time.time() - made.timestamp() > max_age:
            raise BadToken
        return ref

    def hashes(self, text: str) -> tuple[str, ...]:
        """Keyed hashes of an address or a network, one for each secret, newest first. What is kept is the first; what
        is looked for is any of them. Without the key nobody can tell whose it is by trying addresses."""
        return tuple(
            hmac.new(secret.encode(), b"newsletter.hash\0" + text.encode(), hashlib.sha256).hexdigest()
            for secret in self._secrets
        )
