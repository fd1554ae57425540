"""How fast a mailing is frozen and handed over, in how much memory; what is lost or doubled when senders are killed.

    python -m benchmarks.newsletter                                 all of it: an hour on two cores
    python -m benchmarks.newsletter --only splice,freeze,send       without the kills
    python -m benchmarks.newsletter --only send --readers 1000000 --seconds 120    what a large audience needs
    python -m benchmarks.newsletter --only kills --runs 20 --each 500

Databases: SQLite in a folder of this machine, and PostgreSQL, a private cluster of the installed server. Both put each
commit on disk while speed is measured. A killed process loses nothing that the system has, so while senders are killed
the databases lie in memory. The relay is Postfix's smtp-sink where it is installed, else tests/smtp_sink.py; for the
kills always the latter, which counts Message-IDs.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import Engine

from newsletter import database, digest, tables
from newsletter.message import Recipient, splice, template
from tests import mailing, postgres
from tests.smtp_sink import Sink

PARTS = ("splice", "freeze", "send", "kills", "held", "workers")
SIZE = 40_000
"""Bytes of a mail."""
CHUNK = 20_000
_WORK = ("work", "--once", "--lease", "1")


@contextmanager
def databases(folder: Path, wanted: Collection[str], *, durable: bool) -> Iterator[dict[str, str]]:
    """The addresses of an empty database of each kind that is wanted and can be had."""
    found = {"SQLite": f"sqlite:///{folder}/newsletter.db"} if "sqlite" in wanted else {}
    programs = postgres.programs() if "postgresql" in wanted else None
    cluster = postgres.Cluster(programs, durable=durable) if programs else None
    if cluster:
        found["PostgreSQL"] = cluster.new_database()
    elif "postgresql" in wanted:
        print(postgres.MISSING)
    try:
        yield found
    finally:
        if cluster:
            cluster.stop()


def subscribe(engine: Engine, readers: int) -> None:
    for start in range(0, readers, CHUNK):
        mailing.subscribe(engine, min(CHUNK, readers - start), start=start)


@contextmanager
def relay() -> Iterator[str]:
    """A relay that takes everything, in a process of its own."""
    program = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    if program:
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [program, *user, f"127.0.0.1:{port}", "100"]
    else:
        code = "import sys, time; from tests.smtp_sink import Sink\nwith Sink(port=int(sys.argv[1])): time.sleep(1e6)"
        command = [sys.executable, "-c", code, str(port)]
    process = subprocess.Popen(command)
    while not _listens(port):
        time.sleep(0.05)
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except ConnectionRefusedError:
        return False
    return True


# -- One message -------------------------------------------------------------------------------------------------------


def splicing() -> None:
    config = mailing.settings(Path("unused"))
    content = digest.read(json.dumps(mailing.document(size=SIZE // 3)), mailing.ISSUE).content("")
    links = {"unsubscribe_url": "https://magasinet.example/u/" + "x" * 90, "preferences_url": "https://m.example/p/x"}
    recipient = Recipient(ref="r" * 22, address="reader@example.net", links=links)

    def anew() -> bytes:
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"], message["Subject"] = config.sender, recipient.address, content.subject
        message.set_content(content.text.replace("{{unsubscribe_url}}", links["unsubscribe_url"]))
        message.add_alternative((content.html or "").replace("{{unsubscribe_url}}", "x"), subtype="html")
        return bytes(message)

    made = template(mailing.ISSUE, content, config, bulk=True)
    size = len(splice(made, recipient, 0.0))
    for name, function, count in (("built anew", anew, 100), ("spliced", lambda: splice(made, recipient, 0.0), 3000)):
        started = time.perf_counter()
        for _ in range(count):
            function()
        print(f"a mail of {size / 1000:.0f} KB, {name}: {(time.perf_counter() - started) / count * 1000:.3f} ms")


# -- Many --------------------------------------------------------------------------------------------------------------


def freezing_and_sending(
    wanted: Collection[str], readers: int, connections: int, seconds: float, *, send: bool
) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name, databases(Path(name), wanted, durable=True) as found:
        for kind, url in found.items():
            folder = Path(name) / kind
            config = mailing.settings(folder, database_url=url)
            engine = database.connect(url)
            subscribe(engine, readers)
            started = time.perf_counter()
            mailing.freeze(engine, config, mailing.document(size=SIZE // 3))
            print(f"{kind}: {readers:,} readers frozen in {time.perf_counter() - started:.1f} s", flush=True)
            if send:
                sending(kind, engine, folder, url, connections, seconds)
            engine.dispose()


def sending(kind: str, engine: Engine, folder: Path, url: str, connections: int, seconds: float) -> None:
    """`newsletter work` in a process of its own: the rate from its start to its end, and its largest memory."""
    with relay() as smtp_url:
        environment = mailing.environment(folder, smtp_url, url, NEWSLETTER_CONNECTIONS=str(connections))
        started = time.perf_counter()
        command = [sys.executable, "-m", "newsletter", "work", "--once"]
        process = subprocess.Popen(command, env={**os.environ, **environment})
        if seconds:
            time.sleep(seconds)
            process.terminate()
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - started
    states = mailing.states(engine)
    sent = states.get("accepted", 0)
    cpu = (used.ru_utime + used.ru_stime) / max(sent, 1) * 1000
    print(
        f"{kind}: {sent:,} sent in {took:.0f} s: {sent / took:.0f} a second, {cpu:.2f} ms of processor each,"
        f" {used.ru_maxrss / 1000:.0f} MB; {states}, exit code {os.waitstatus_to_exitcode(status)}",
        flush=True,
    )


# -- Killed ------------------------------------------------------------------------------------------------------------


@contextmanager
def in_memory() -> Iterator[Path]:
    where = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=where) as name:
        yield Path(name)


def killing(wanted: Collection[str], runs: int, readers: int, *, hold: bool, connections: int = 8) -> None:
    """In each run, a sender is killed at a random message and another ends its work."""
    chance = random.Random(1)
    with in_memory() as folder, databases(folder, wanted, durable=False) as found:
        for kind, url in found.items():
            place, engine = folder / kind, database.connect(url)
            subscribe(engine, readers)
            lost = doubled = worst = held = unsettled = 0
            started = time.perf_counter()
            for run, issue in enumerate(itertools.islice(_issues(), runs), start=1):
                more = {"NEWSLETTER_CONNECTIONS": str(connections), "NEWSLETTER_HOLD_UNCERTAIN": str(hold)}
                mailing.freeze(engine, mailing.settings(place, database_url=url), mailing.document(issue))
                with Sink() as sink:
                    environment = mailing.environment(place, sink.url, url, **more)
                    worker = mailing.start(_WORK, environment, quiet=True)
                    sink.wait_for(chance.randrange(1, readers))
                    worker.kill()
                    worker.join()
                    mailing.start(_WORK, environment, quiet=True).join()
                states = mailing.states(engine, issue)
                waiting = states.get("held", 0)
                twice = sum(sink.received.values()) - len(sink.received)
                doubled, worst, held = doubled + twice, max(worst, twice), held + waiting
                lost += max(0, readers - len(sink.received) - waiting)
                unsettled += readers - states.get("accepted", 0) - waiting
                _forget(engine)
                if run % 50 == 0 or run == runs:
                    print(
                        f"{kind}{', hold' if hold else ''}: {run} kills, {readers:,} readers each, {connections}"
                        f" connections: {lost} lost, {doubled} doubled (at most {worst} in one run), {held} held,"
                        f" {unsettled} not settled; {time.perf_counter() - started:.0f} s",
                        flush=True,
                    )
            engine.dispose()


def together(wanted: Collection[str], readers: int, connections: int) -> None:
    """Four workers on PostgreSQL, with clocks minutes apart."""
    with in_memory() as folder, databases(folder, wanted, durable=False) as found:
        if "PostgreSQL" not in found:
            return
        url = found["PostgreSQL"]
        engine = database.connect(url)
        subscribe(engine, readers)
        mailing.freeze(engine, mailing.settings(folder, database_url=url), mailing.document())
        with Sink() as sink:
            environment = mailing.environment(folder, sink.url, url, NEWSLETTER_CONNECTIONS=str(connections))
            arguments = ["work", "--once", "--lease", "5"]
            skews = (-300.0, -100.0, 100.0, 300.0)
            workers = [mailing.start(arguments, environment, skew=skew) for skew in skews]
            for worker in workers:
                worker.join()
        twice = sum(sink.received.values()) - len(sink.received)
        print(f"four workers, clocks 10 minutes apart: {len(sink.received)} of {readers} received, {twice} doubled")
        engine.dispose()


def _issues() -> Iterator[str]:
    for year in itertools.count(2001):
        for month in range(1, 13):
            yield f"{year}-{month:02}"


def _forget(engine: Engine) -> None:
    with database.writing(engine) as connection:
        for table in (tables.delivery, tables.mailing):
            connection.execute(table.delete())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, by commas: {', '.join(PARTS)}")
    parser.add_argument("--readers", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=0, help="end the sending after so long")
    parser.add_argument("--connections", type=int, default=32, help="of one worker, for speed")
    parser.add_argument("--runs", type=int, default=200, help="kills on each database")
    parser.add_argument("--each", type=int, default=2_000, help="readers of each run with a kill")
    parser.add_argument("--databases", default="sqlite,postgresql")
    chosen = parser.parse_args()
    wanted = chosen.databases.split(",")
    parts = chosen.only.split(",")
    if "splice" in parts:
        splicing()
    if "freeze" in parts or "send" in parts:
        freezing_and_sending(wanted, chosen.readers, chosen.connections, chosen.seconds, send="send" in parts)
    if "kills" in parts:
        killing(wanted, chosen.runs, chosen.each, hold=False)
    if "held" in parts:
        killing(wanted, chosen.runs, chosen.each, hold=True)
    if "workers" in parts:
        together(wanted, chosen.each * 5, 4)


if __name__ == "__main__":
    main()
