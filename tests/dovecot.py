"""An IMAP server of the tests' own: Dovecot on a free port of this machine, with one mailbox."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

MISSING = "Dovecot is not installed (Debian: apt install dovecot-imapd), or the tests do not run as root"
USER, PASSWORD = "nyhetsbrev", "lösen/ord"

SETTINGS = """
base_dir = {root}/run
state_dir = {root}/run
log_path = {root}/log
protocols = imap
ssl = no
auth_failure_delay = 0
disable_plaintext_auth = no
listen = 127.0.0.1
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
mail_location = maildir:{root}/mail
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={root}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
}}
service anvil {{
  chroot =
}}
namespace inbox {{
  inbox = yes
}}
"""


def available() -> bool:
    return shutil.which("dovecot") is not None and os.geteuid() == 0


class Dovecot:
    """Starts at once; `mail` is the Maildir that its INBOX is."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="imap-"))
        self.mail = self.root / "mail"
        for folder in ("new", "cur", "tmp"):
            (self.mail / folder).mkdir(parents=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (self.root / "conf").write_text(SETTINGS.format(root=self.root, port=self.port, password=PASSWORD), "utf-8")
        subprocess.run(["chown", "-R", "nobody:nogroup", self.root], check=True)
        subprocess.run(["dovecot", "-c", self.root / "conf"], check=True)

    def stop(self) -> None:
        subprocess.run(["doveadm", "-c", self.root / "conf", "stop"], check=False)
        shutil.rmtree(self.root, ignore_errors=True)
