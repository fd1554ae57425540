"""`newsletter doctor`: what is wrong with the ground the newsletter stands on; exit code 1 if something is."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dns.resolver

from newsletter import doctor, received
from newsletter.commands import Refused
from newsletter.config import Config
from newsletter.received import Finding

MARKS = {"good": "ok", "warning": "note", "bad": "BAD"}


def register(commands: Any) -> None:
    parser = commands.add_parser("doctor", help="check all that it stands on, and a mail as it arrived")
    parser.add_argument("--send", metavar="ADDRESS", help="send a test mail with the headers of a digest")
    parser.add_argument("--message", metavar="FILE", help="look at a mail as it was received, with all its headers")
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace, config: Config) -> int:
    try:
        resolver = dns.resolver.Resolver()
    except dns.resolver.NoResolverConfiguration:
        raise Refused("This machine knows no name server: see /etc/resolv.conf.") from None
    return report(_findings(arguments, config, resolver), as_json=arguments.json)


def _findings(arguments: argparse.Namespace, config: Config, resolver: dns.resolver.Resolver) -> Iterator[Finding]:
    if arguments.send:
        yield doctor.send_test(config, arguments.send, time.time())
    elif arguments.message:
        data = Path(arguments.message).read_bytes()
        yield from received.look(data, lambda name: doctor.text_records(resolver, name))
        for url in received.links(data):
            yield doctor.answers("link", url)
    else:
        yield from doctor.examine(config, resolver)


def report(findings: Iterable[Finding], *, as_json: bool) -> int:
    """Print findings as they come, or as JSON at the end. Gives the exit code."""
    found = []
    for finding in findings:
        found.append(finding)
        if not as_json:
            print(f"{MARKS[finding.verdict]:5}{finding.what}: {finding.text}", flush=True)
    if as_json:
        print(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=2))
    return int(any(finding.verdict == "bad" for finding in found))
