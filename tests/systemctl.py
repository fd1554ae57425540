"""A stand-in for systemctl, see `tests/standins.py`: units are read from $UNITS, what runs is noted in $RUN.

A running service holds a lock that it inherited, so its end is seen without being its parent.
"""

from __future__ import annotations

import fcntl
import os
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

UNITS, RUN = Path(os.environ["UNITS"]), Path(os.environ["RUN"])


def settings(name: str) -> dict[str, str]:
    """A service's settings, with those that hold for all whose name begins like its own."""
    common = UNITS / f"{name.partition('-')[0]}-.service.d/common.conf"
    text = common.read_text(encoding="utf-8") + (UNITS / f"{name}.service").read_text(encoding="utf-8")
    pairs = [line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#")]
    return {key: value for key, _, value in pairs}


def start(name: str) -> None:
    unit = settings(name)
    lock = (RUN / f"{name}.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # it runs already
    ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ready.bind(f"\0{name}-{os.getpid()}")
    ready.settimeout(60)
    user = unit["User"]
    environment = os.environ | {"ACTS_AS": user, "PGUSER": user, "NOTIFY_SOCKET": f"@{name}-{os.getpid()}"}
    with (RUN / f"{name}.log").open("a") as log:
        process = subprocess.Popen(
            shlex.split(unit["ExecStart"]),
            cwd=unit["WorkingDirectory"],
            env=environment,
            umask=int(unit["UMask"], 8),
            stdout=log,
            stderr=log,
            pass_fds=[lock.fileno()],
            start_new_session=True,
        )
    if unit.get("Type") == "oneshot":
        if process.wait():
            sys.exit(f"{name} failed: {(RUN / f'{name}.log').read_text(encoding='utf-8')}")
        return
    (RUN / f"{name}.pid").write_text(str(process.pid))
    if unit.get("Type") == "notify":
        ready.recv(100)


def stop(name: str) -> None:
    settings(name)
    pid = RUN / f"{name}.pid"
    if pid.exists():
        with (RUN / f"{name}.lock").open("w") as lock:
            os.kill(int(pid.read_text()), signal.SIGTERM)
            fcntl.flock(lock, fcntl.LOCK_EX)
        pid.unlink()


def main(verb: str, *names: str) -> None:
    for name in names:
        if name.endswith(".timer"):
            assert (UNITS / name).is_file(), name
        elif name != "nginx" and not name.startswith("--"):
            if verb in ("stop", "disable", "restart"):
                stop(name)
            if verb in ("start", "enable", "restart"):
                start(name)


if __name__ == "__main__":
    main(*sys.argv[1:])
