"""Every command of the manual's sections about setting up and keeping the newsletter is run as it is written.

`tests/standins.py` says what is not real in this; the services, the databases, the mails and the site are.
"""

from __future__ import annotations

import datetime as dt
import json
import mailbox
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests import mailing
from tests.building import ROOT
from tests.conftest import lacking
from tests.dns_server import NameServer
from tests.postgres import Cluster
from tests.served import serve
from tests.service import FORM
from tests.smtp_sink import Sink
from tests.standins import Host

MANUAL = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
NOTHING, BACKUP, KEYS = "From nothing to a running service", "Backup and restore", "Changing keys"
UPGRADE, HOST, POSTGRESQL = "Upgrading the newsletter", "Moving to another host", "Moving to PostgreSQL"
RUN_HERE = {NOTHING: 7, BACKUP: 5, KEYS: 3, UPGRADE: 2, HOST: 2, POSTGRESQL: 3}
"""How many blocks of commands each section has. Whoever writes one more lets it be run below."""

# What a doctor says of the tests' site and service.
WITHOUT_HTTPS = ["NEWSLETTER_SITE_URL", "NEWSLETTER_BASE_URL"]


def blocks(section: str) -> list[str]:
    found = re.search(rf"^### {section}\n(.*?)^###? ", MANUAL, re.DOTALL | re.MULTILINE)
    assert found, section
    return re.findall(r"^```sh\n(.*?)^```$", found[1], re.DOTALL | re.MULTILINE)


class Operator:
    """One who sits at a host with the manual, and the readers outside."""

    def __init__(self, host: Host, sink: Sink, base_url: str) -> None:
        self.host, self.sink, self.base_url = host, sink, base_url
        self.environment_file = host.root / "etc/newsletter.env"

    def does(self, section: str, number: int, failing: Sequence[str] = ()) -> str:
        """Run a block of the manual; `failing` are the commands that are to fail. Gives what they said."""
        said, failed = self.host.run(blocks(section)[number])
        assert failed == list(failing), said + self.logs()
        return said

    def is_told_by_the_doctor(self, said: str) -> None:
        """All that a doctor found wrong is that there is no https."""
        assert re.findall(r"^BAD +(\w+)", said, re.MULTILINE) == WITHOUT_HTTPS, said
        assert "up to date" in said
        assert f"{self.base_url}/health answers" in said

    def logs(self) -> str:
        return "".join(path.read_text(encoding="utf-8") for path in (self.host.root / "run").glob("*.log"))

    def setting(self, name: str) -> str:
        found = re.search(rf"^{name}='(.*)'$", self.environment_file.read_text(encoding="utf-8"), re.MULTILINE)
        assert found, name
        return found[1]

    def post(self, path: str, **more: Any) -> httpx.Response:
        return httpx.post(f"{self.base_url}{path}", **more)

    def mail_to(self, address: str, subject: str = "") -> str:
        """The text of the last mail that came there."""
        found = [data.decode() for to, data in self.sink.messages if to == address]
        assert found, f"no mail to {address}" + self.logs()
        return found[-1]

    def signs_up(self, address: str) -> None:
        """A reader signs up, and confirms by the link in the mail that comes: the service and the worker are well."""
        before = sum(self.sink.received.values())
        assert self.post("/subscribe", data=FORM | {"email": address}).status_code == 200
        self.sink.wait_for(before + 1)
        assert self.post(link("confirm", self.mail_to(address))).status_code == 200

    def ci_releases(self, token: str) -> int:
        return self.post(
            "/releases", json={"issue": mailing.ISSUE}, headers={"Authorization": f"Bearer {token}"}
        ).status_code


def link(purpose: str, mail: str) -> str:
    found = re.search(rf"/{purpose}/[\w.-]+", mail.replace("=\r\n", "").replace("=3D", "="))
    assert found, mail
    return found[0]


# -- The world -----------------------------------------------------------------------------------------------------


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(keep=True, extensions=("8BITMIME", "SMTPUTF8")) as sink:
        yield sink


@pytest.fixture
def names() -> Iterator[str]:
    """A name server that knows example.se; gives the code that lets a process ask it."""
    server = NameServer()
    server.known |= {
        ("example.se", "TXT"): ['"v=spf1 a:mail.example.se -all"'],
        ("_dmarc.example.se", "TXT"): ['"v=DMARC1; p=none"'],
        ("example.se", "MX"): ["10 mail.example.se."],
    }
    yield (
        "import sys\nif 'doctor' in sys.orig_argv:\n    import dns.resolver\n    def read(self, file):\n"
        f"        self.nameservers, self.port = ['127.0.0.1'], {server.resolver.port}\n"
        "    dns.resolver.Resolver.read_resolv_conf = read\n"
    )
    server.stop()


@pytest.fixture
def operator(tmp_path: Path, sink: Sink, names: str) -> Iterator[Callable[..., Operator]]:
    """Gives operators, each with a host of his own with nothing on it, for one magazine and one relay."""
    for program in ("git", "openssl", "rsync", "sqlite3"):
        if not shutil.which(program):
            lacking(f"{program} is not installed: the manual's commands are not run")
    files = tmp_path / "site"
    (files / "utskick").mkdir(parents=True)
    issue = {"id": mailing.ISSUE, "released": f"{dt.datetime.now(dt.UTC).date()}"}
    magazine = {"name": "Magasinet", "lang": "sv", "url": "https://magazine.example.se", "issues": [issue]}
    categories = [{"slug": slug, "name": slug.title()} for slug in mailing.CATEGORIES]
    (files / "magazine.json").write_text(json.dumps(magazine | {"categories": categories}))
    (files / f"utskick/{mailing.ISSUE}.json").write_text(json.dumps(mailing.document()), encoding="utf-8")
    site = serve(files, "127.0.0.1", 0)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    mailbox.Maildir(tmp_path / "mail")
    own = {
        "https://magazine.example.se/nyhetsbrev": f"http://127.0.0.1:{port}",
        "https://magazine.example.se": f"http://127.0.0.1:{site.server_port}",
        "smtp://nyhetsbrev:PASSWORD@mail.example.se:587?tls=starttls": sink.url,
        "imaps://retur:PASSWORD@mail.example.se/INBOX": f"maildir:{tmp_path}/mail",
        "--port 8080": f"--port {port}",
    }
    hosts: list[Host] = []

    def make(old: Operator | None = None, **environment: str) -> Operator:
        host = Host(tmp_path / f"host{len(hosts)}", own, old.host if old else None, **environment)
        host.offer_software({"sitecustomize.py": names})
        hosts.append(host)
        return Operator(host, sink, own["https://magazine.example.se/nyhetsbrev"])

    yield make
    for host in hosts:
        host.stop()
    site.shutdown()
    site.server_close()


# -- The manual ----------------------------------------------------------------------------------------------------


def test_every_block_is_run_below() -> None:
    assert {section: len(blocks(section)) for section in RUN_HERE} == RUN_HERE


def test_systemd_understands_the_units(tmp_path: Path) -> None:
    """Every line of them, what they start is there, and they may do little."""
    if not shutil.which("systemd-analyze"):
        lacking("systemd-analyze is not installed: the units are not looked at")
    shutil.copytree(ROOT / "deploy/systemd", tmp_path, dirs_exist_ok=True)
    units = [path for path in tmp_path.iterdir() if path.is_file()]
    for path in units:
        path.write_text(path.read_text(encoding="utf-8").replace("/srv/newsletter/software", str(ROOT)))

    def analyze(*arguments: str) -> str:
        command, environment = ("systemd-analyze", *arguments), {**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
        done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
        return done.stdout + done.stderr

    assert len(units) == 6
    assert analyze("verify", *map(str, units)) == ""
    level = re.search(
        r"exposure level for newsletter-serve.service: ([\d.]+)",
        analyze(
            "security", "--offline=true", *(str(path) for path in units if path.name == "newsletter-serve.service")
        ),
    )
    assert level
    assert float(level[1]) < 2


def test_nginx_understands_its_file(tmp_path: Path) -> None:
    if not shutil.which("nginx"):
        lacking("nginx is not installed (apt install nginx)")
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log stderr;\nevents {{ }}\nhttp {{ server {{ listen unix:{tmp_path}/s;\n"
        f"access_log off; include {ROOT}/deploy/nginx-newsletter.conf; }} }}\n"
    )
    command = ("nginx", "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", "stderr")
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_an_operator_gets_from_nothing_to_a_service_and_keeps_it(operator: Callable[..., Operator]) -> None:
    """Setting up, restoring a backup that knows nothing of an issue sent since, new keys, upgrading, another host."""
    me = operator()
    nginx = me.host.root / "etc/nginx/conf.d/magazine.conf"
    (configuration,) = re.findall(r"^```nginx\n(.*?)^```$", MANUAL, re.DOTALL | re.MULTILINE)
    nginx.write_text(configuration, encoding="utf-8")

    me.does(NOTHING, 0)
    me.does(NOTHING, 1)
    assert me.environment_file.stat().st_mode & 0o777 == 0o640
    settings = me.environment_file.read_text(encoding="utf-8")
    _, failed = me.host.run(blocks(NOTHING)[1])
    assert (bool(failed), me.environment_file.read_text(encoding="utf-8")) == (True, settings)
    me.does(NOTHING, 2)
    me.does(NOTHING, 3)
    including = f"    include {me.host.root}/etc/nginx/snippets/newsletter.conf;\n    location / {{"
    assert nginx.read_text(encoding="utf-8").count(including) == 1
    me.is_told_by_the_doctor(me.does(NOTHING, 4, failing=["newsletter doctor"]))
    assert "Test: newsletter doctor" in me.mail_to("you@example.se")
    me.signs_up("first@example.net")

    # A backup; then an issue is sent; then the disk breaks.
    assert me.does(BACKUP, 0).count(".db") == 1
    before = sum(me.sink.received.values())
    assert "is released to 1 subscribers" in me.does(NOTHING, 5)
    me.sink.wait_for(before + 1)
    unsubscribe = link("unsubscribe", me.mail_to("first@example.net"))
    token = me.setting("NEWSLETTER_RELEASE_TOKEN")
    assert token in me.does(NOTHING, 6)
    assert "ok" in me.does(BACKUP, 1)
    assert "1 messages of 2026-11 are given up" in me.does(BACKUP, 3)
    me.is_told_by_the_doctor(me.does(BACKUP, 4, failing=["newsletter doctor"]))
    assert me.ci_releases(token) == 200
    me.signs_up("second@example.net")
    assert set(me.sink.received.values()) == {1}

    old = me.setting("NEWSLETTER_SECRET")
    me.does(KEYS, 0)
    assert me.setting("NEWSLETTER_SECRET").split()[1:] == [old]
    assert httpx.get(me.base_url + unsubscribe).status_code == 200
    me.does(KEYS, 1)
    assert old not in me.setting("NEWSLETTER_SECRET")
    assert httpx.get(me.base_url + unsubscribe).status_code >= 400
    me.does(KEYS, 2)
    assert me.ci_releases(token) == 401
    assert me.ci_releases(me.setting("NEWSLETTER_RELEASE_TOKEN")) == 200
    assert me.environment_file.stat().st_mode & 0o777 == 0o640

    me.host.offer("a-new-version", "")
    me.host.commit()
    new = me.host.root / "srv/newsletter/software/a-new-version"
    me.is_told_by_the_doctor(me.does(UPGRADE, 0, failing=["newsletter doctor"]))
    assert new.exists()
    me.is_told_by_the_doctor(me.does(UPGRADE, 1, failing=["newsletter doctor"]))
    assert not new.exists()
    me.signs_up("third@example.net")

    there = operator(old=me)
    there.does(NOTHING, 0)
    me.does(HOST, 0)
    there.does(HOST, 1)
    there.signs_up("fourth@example.net")
    assert re.search(r"4\s+active|active\s+4", there.host.run(blocks(NOTHING)[5])[0])
    assert set(me.sink.received.values()) == {1}


def test_an_operator_moves_to_postgresql_and_restores_it(operator: Callable[..., Operator], cluster: Cluster) -> None:
    """What was sent from SQLite is not sent again, nobody has to accept anything, and a backup can be restored."""
    me = operator(PGHOST=str(cluster.folder), SUPERUSER=cluster.user, POSTGRES=str(cluster.bin))
    for number in range(3):
        me.does(NOTHING, number)
    me.signs_up("first@example.net")
    before = sum(me.sink.received.values())
    me.does(NOTHING, 5)
    me.sink.wait_for(before + 1)

    me.does(POSTGRESQL, 0)
    said = me.does(POSTGRESQL, 1, failing=["newsletter doctor"])
    me.is_told_by_the_doctor(said)
    assert "postgresql, up to date, 1 readers" in said
    me.does(POSTGRESQL, 2)
    me.signs_up("second@example.net")

    assert me.does(BACKUP, 0).count(".dump") == 1
    stop, *_ = blocks(BACKUP)[1].splitlines()
    assert me.host.run(stop)[1] == []
    me.does(BACKUP, 2)
    assert "had been released already" in me.does(BACKUP, 3)
    said = me.does(BACKUP, 4, failing=["newsletter doctor"])
    assert "postgresql, up to date, 2 readers" in said
    me.signs_up("third@example.net")
    assert set(me.sink.received.values()) == {1}
