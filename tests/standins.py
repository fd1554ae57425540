"""What a test has instead of Debian, root and systemd, so that an operator's commands can be run as they are written.

A `Host` is a folder. Of a command, only the folders /srv, /etc and /usr/local/bin, and the names that an operator
replaces too, are others. The programs in `_PROGRAMS` are stand-ins, for they need root; all others are the real ones.
`systemctl` starts what the unit's file says, waits until it is ready, and ends it by SIGTERM, as systemd does.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.building import ROOT

_NOTHING = "#!/bin/sh\n"
_PROGRAMS = {
    "apt-get": _NOTHING,
    "useradd": _NOTHING,
    "chown": _NOTHING,
    "chgrp": _NOTHING,
    "nginx": _NOTHING,  # a test of its own looks at the file
    "make": f'#!/bin/sh\nln -sfn {sys.prefix} "$2/.venv"\n',  # make -C FOLDER help
    "id": '#!/bin/sh\n[ "${ACTS_AS:-root}" = root ] && echo 0 || echo 990\n',
    "runuser": "#!/bin/sh\nACTS_AS=$2\nPGUSER=$2\n[ $2 != postgres ] || PGUSER=$SUPERUSER\nshift 3\n"
    'export ACTS_AS PGUSER\nexec "$@"\n',
    "systemctl": f'#!/bin/sh\nexec {sys.executable} {ROOT / "tests/systemctl.py"} "$@"\n',
}
_FOLDERS = re.compile(r"(root@old\.example\.se:)?/(srv|etc|usr/local/bin)/")


class Host:
    """A machine with nothing on it. `names` are an operator's own, by what stands in the manual; `old` is the host
    that the manual calls old.example.se."""

    def __init__(self, root: Path, names: Mapping[str, str], old: Host | None = None, **environment: str) -> None:
        self.root = root
        self.old = old
        for folder in ("srv", "etc/systemd/system", "etc/nginx/conf.d", "usr/local/bin", "programs", "run", "git"):
            (root / folder).mkdir(parents=True)
        self.names = {"https://git.example.se/medverkan.git": f"{root}/git", **names}
        for name, script in _PROGRAMS.items():
            program = root / "programs" / name
            program.write_text(script, encoding="utf-8")
            program.chmod(0o755)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("NEWSLETTER_", "PYTHON"))},
            **environment,
            "PATH": ":".join(
                [f"{root}/programs", f"{root}/usr/local/bin", environment.get("POSTGRES", ""), os.environ["PATH"]]
            ),
            "UNITS": f"{root}/etc/systemd/system",
            "RUN": f"{root}/run",
            "GIT_CONFIG_GLOBAL": "/dev/null",
        }

    def here(self, text: str) -> str:
        """A text of the manual, or of a file in `deploy/`, with this host's folders and names."""
        for name, own in self.names.items():
            text = text.replace(name, own)
        return _FOLDERS.sub(lambda m: f"{self.old.root if m[1] and self.old else self.root}/{m[2]}/", text)

    def offer_software(self, more: Mapping[str, str]) -> None:
        """Fill the repository that is cloned: the newsletter, `deploy/`, and more files."""
        git = self.root / "git"
        for folder in ("newsletter", "theme"):
            (git / folder).symlink_to(ROOT / folder)
        for path in (ROOT / "deploy").rglob("*"):
            if path.is_file():
                self.offer(str(path.relative_to(ROOT)), self.here(path.read_text(encoding="utf-8")))
                (git / path.relative_to(ROOT)).chmod(path.stat().st_mode)
        for name, text in more.items():
            self.offer(name, text)
        self._git("init", "--quiet")
        self.commit()

    def offer(self, name: str, text: str) -> None:
        path = self.root / "git" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def commit(self) -> None:
        self._git("add", "--all")
        self._git("-c", "user.name=A", "-c", "user.email=a@example.se", "commit", "--quiet", "-m", "A version")

    def _git(self, *arguments: str) -> None:
        subprocess.run(("git", "-C", str(self.root / "git"), *arguments), check=True, env=self.environment)

    def run(self, commands: str) -> tuple[str, list[str]]:
        """Run commands of the manual in a shell. Gives what they said, and which of them failed."""
        failed = self.root / "failed"
        failed.write_text("")
        script = f"trap 'echo \"$BASH_COMMAND\" >> {failed}' ERR\nset -u\n{self.here(commands)}"
        done = subprocess.run(
            ("bash", "-c", script), cwd=self.root, env=self.environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip
        return done.stdout, failed.read_text(encoding="utf-8").splitlines()

    def stop(self) -> None:
        """End whatever still runs."""
        names = [path.stem for path in (self.root / "run").glob("*.pid")]
        subprocess.run((str(self.root / "programs/systemctl"), "stop", *names), check=True, env=self.environment)
