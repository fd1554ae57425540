"""A PostgreSQL of the tests' own: a private cluster from the installed server, on a socket in a folder, no network."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg

from newsletter import database

MISSING = "PostgreSQL's server programs are not installed (Debian: apt install postgresql): tested on SQLite only"


def programs() -> Path | None:
    """The folder of initdb and postgres: the newest Debian has, else the one on PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3].split(".")[0]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


class Cluster:
    """A running server that makes a database for each test."""

    def __init__(self, bin_folder: Path, *, durable: bool = False) -> None:
        self.bin = bin_folder
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))  # short: a socket's path has 107 characters at most
        self.made = 0
        self.has_tables = False
        owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else None  # the server refuses to run as root
        if owner:
            os.chown(self.folder, owner.pw_uid, owner.pw_gid)
        self.user = owner.pw_name if owner else pwd.getpwuid(os.geteuid()).pw_name
        self._run("initdb", "-D", str(self.folder / "data"), "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        options = (
            f"-k {self.folder} -c listen_addresses='' -c max_connections=100 -c fsync={'on' if durable else 'off'}"
        )
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-l", str(self.folder / "log"), "-w", "-o", options, "start"
        )

    def url(self, name: str = "postgres") -> str:
        return f"postgresql+psycopg://{self.user}@/{name}?host={self.folder}"

    def new_database(self, *, empty: bool = False) -> str:
        """The address of a new database, with the newsletter's tables or without."""
        self.made += 1
        self._tell(f"CREATE DATABASE test{self.made} TEMPLATE {'template1' if empty else self._filled()}")
        return self.url(f"test{self.made}")

    def _filled(self) -> str:
        if not self.has_tables:
            self._tell("CREATE DATABASE filled")
            database.connect(self.url("filled")).dispose()
            self.has_tables = True
        return "filled"

    def _tell(self, statement: str) -> None:
        with psycopg.connect(self.url().replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(statement.encode())

    def stop(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program: str, *arguments: str) -> None:
        # Another user's current folder may be closed to it.
        command = [str(self.bin / program), *arguments]
        user = self.user if os.geteuid() == 0 else None
        subprocess.run(
            command, check=True, cwd=self.folder, user=user, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
