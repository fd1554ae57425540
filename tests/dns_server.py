"""A name server of the tests' own, on a free UDP port of this machine: it knows what it is given."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Mapping, Sequence

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


class _Handler(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, socket = self.request
        asked = dns.message.from_wire(data)
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        question = asked.question[0]
        kind = question.rdtype.name
        known: Mapping[tuple[str, str], Sequence[str]] = self.server.known  # type: ignore[attr-defined]
        records = known.get((question.name.to_text(omit_final_dot=True).lower(), kind), ())
        if records:
            answer.answer.append(dns.rrset.from_text_list(question.name, 60, "IN", kind, list(records)))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        socket.sendto(answer.to_wire(), self.client_address)


class _Server(socketserver.ThreadingUDPServer):
    known: Mapping[tuple[str, str], Sequence[str]]


class NameServer:
    """`known` maps (name, type) to records as a zone file has them; it may be changed while the server runs."""

    def __init__(self) -> None:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self.known: dict[tuple[str, str], Sequence[str]] = {}
        self._server.known = self.known
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.resolver = dns.resolver.Resolver(configure=False)
        self.resolver.nameservers = ["127.0.0.1"]
        self.resolver.port = self._server.server_address[1]

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
