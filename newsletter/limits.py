"""How often one network may sign up: counted in the database, so that a restart forgets nothing.

A network is what one household or office has: an IPv4 /24, an IPv6 /56. Its keyed hash is kept, for an hour or two.
"""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from sqlalchemy import Connection, text

from newsletter.config import Network
from newsletter.tokens import Tokens

PERIOD = 3600
"""Seconds that one count is for."""
_PREFIX = "sign-up/"


def network(address: str) -> str:
    """The network that an address belongs to; what is no address is a network of its own."""
    found = _ip(address)
    if found is None:
        return "unknown"
    return str(ip_network((found, 24 if found.version == 4 else 56), strict=False))


def client(peer: str, forwarded: str, proxies: Sequence[Network]) -> str:
    """Who is asking: the connection's other end or, if that is a proxy of ours, the last in X-Forwarded-For that is
    none. What stands further to the left the client wrote itself."""
    chain = [*(part.strip() for part in forwarded.split(",") if part.strip()), peer]
    while len(chain) > 1 and _within(chain[-1], proxies):
        chain.pop()
    return chain[-1]


def _within(address: str, networks: Sequence[Network]) -> bool:
    found = _ip(address)
    return found is not None and any(found.version == network.version and found in network for network in networks)


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    """An address as servers and proxies write it: also [::1]:8080, 192.0.2.1:8080 and ::ffff:192.0.2.1."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def count(connection: Connection, tokens: Tokens, network: str, now: float) -> int:
    """Count one more sign-up. Gives how many there have been in this period."""
    counted: int = connection.execute(
        text(
            "INSERT INTO counter (key, period, count) VALUES (:key, :period, 1) "
            "ON CONFLICT (key, period) DO UPDATE SET count = counter.count + 1 RETURNING count"
        ),
        {"key": _PREFIX + tokens.hashes(network)[0], "period": int(now // PERIOD)},
    ).scalar_one()
    return counted


def sweep(connection: Connection, now: float) -> None:
    """Forget the periods that are over."""
    connection.execute(
        text("DELETE FROM counter WHERE key LIKE :keys AND period < :period"),
        {"keys": _PREFIX + "%", "period": int(now // PERIOD)},
    )
