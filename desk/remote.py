"""Releases in a folder of another machine, reached by ssh: as `desk.releases` has them on this one.

rsync brings what has changed into a folder of its own; one short command there takes it into use. The other machine
needs sshd, rsync and a shell, nothing of ours.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desk import manifest
from desk.releases import (
    CURRENT,
    FORGOTTEN,
    KEPT,
    MARK,
    NO_EARLIER,
    NOT_OURS,
    NOTHING,
    RELEASES,
    carried,
    same_but_for_the_day,
)
from plugins.magazine.messages import N_
from plugins.magazine.settings import SettingsError

ADDRESS = re.compile(r"(?P<host>(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9_][\w.-]+):(?P<path>~?[\w./+-]*[\w/])", re.ASCII)
RSYNC = "rsync"
SSH = "ssh -o BatchMode=yes -o ConnectTimeout=20"

BAD_ADDRESS = N_("{dest} is no place to publish to; write user@host:/path, of letters, digits and . _ - / alone")
FAILED = N_("{program} to {host} failed: {said}")
MISSING = N_("{program} is not installed on this machine")
OVERTAKEN = N_("somebody else published to {dest} in between; run it again")

# What is done there. Every step can be cut off: the link leads to a whole release before and after its `mv`, and what
# has a release's number but no manifest is none. 64, 65 …: answers that have a sentence of their own.
SCRIPT = f"""
set -eu
action=$1 dest=$2
case $dest in '~/'*) dest=$HOME/${{dest#'~/'}} ;; esac
releases=$dest/{RELEASES}
numbers() {{
    for one in "$releases"/[0-9]*/{manifest.NAME}; do
        [ -f "$one" ] && basename "$(dirname "$one")" || :
    done | sort
}}
current() {{ basename "$(readlink "$dest/{CURRENT}" 2>/dev/null || :)"; }}
remove() {{
    while read -r old; do
        rm -rf "$releases/.new-$old"
        mv -T "$releases/$old" "$releases/.new-$old"
        rm -rf "$releases/.new-$old"
    done
}}
swap() {{
    sync
    ln -s "{RELEASES}/$1" "$dest/.{CURRENT}-$$"
    mv -T "$dest/.{CURRENT}-$$" "$dest/{CURRENT}"
}}
case $action in
look)
    [ "$3" = new ] || [ -f "$releases/{MARK}" ] || exit 66
    if [ -e "$dest" ] && [ ! -f "$releases/{MARK}" ]; then
        for one in "$dest"/* "$dest"/.[!.]* "$releases"/*; do
            [ ! -e "$one" ] || [ "$one" = "$releases" ] || exit 64
        done
    fi
    mkdir -p "$releases"
    : >> "$releases/{MARK}"
    find "$releases" "$dest" -maxdepth 1 \\( -name '.new-*' -o -name '.{CURRENT}-*' \\) -mmin +{FORGOTTEN} \\
        -exec rm -rf {{}} +
    (cd "$dest" && pwd -P)
    current
    cat "$dest/{CURRENT}/{manifest.NAME}" 2>/dev/null || : ;;
add)
    token=$3 before=$4 kept=$5 same=$6
    shift 6
    [ "$(current)" = "$before" ] || exit 65
    new=$releases/.new-$token
    for one in "$@"; do
        mkdir -p "$(dirname "$new/$one")"
        ln "$dest/{CURRENT}/$one" "$new/$one" 2>/dev/null || :
    done
    number=$(ls "$releases" | grep -E '^[0-9]{{6,}}$' | sort | tail -n 1)
    number=$(printf %06d $(($(echo "${{number:-0}}" | sed 's/^0*//;s/^$/0/') + 1)))
    ls "$releases" | grep -E '^[0-9]{{6,}}$' | awk -v now="$before" '$1 "" > now ""' | remove
    mkdir "$releases/$number"
    mv -T "$new" "$releases/$number"
    swap "$number"
    [ "$same" = no ] || echo "$before" | remove
    numbers | head -n -"$kept" | remove
    echo "$number" ;;
back)
    now=$(current)
    [ "$now" ] || exit 66
    earlier=$(numbers | awk -v now="$now" '$1 < now' | tail -n 1)
    [ "$earlier" ] || {{ echo "$now"; exit 67; }}
    swap "$earlier"
    echo "$earlier" ;;
esac
"""


def is_remote(dest: str) -> bool:
    """Whether a place to publish to is on another machine. Raises no error: `C:\\x` and ./a:b are folders."""
    host, colon, _ = dest.partition(":")
    return bool(colon) and "/" not in host and len(host) > 1 and not Path(dest).exists()


class Remote:
    """Releases on another machine. `ssh` is the command that reaches it, with its options."""

    def __init__(self, dest: str, gettext: Callable[[str], str], ssh: str = "") -> None:
        self.gettext = gettext
        match = ADDRESS.fullmatch(dest)
        if match is None or ".." in match["path"].split("/"):
            raise SettingsError("--to", gettext(BAD_ADDRESS).format(dest=dest))
        self.dest, self.host, self.path = dest, match["host"], match["path"]
        self.ssh = shlex.split(ssh or SSH)
        self._current, self._live = "", ""

    @contextmanager
    def opened(self, *, new: bool = True) -> Iterator[None]:
        """Look what is there; the folder is made if it is `new`. Raises `SettingsError` if it is somebody else's, or is
        not there and may not be new."""
        self.path, self._current, self._live = self._do("look", "new" if new else "old").split("\n", 2)
        if not ADDRESS.fullmatch(f"{self.host}:{self.path}"):
            raise SettingsError("--to", self.gettext(BAD_ADDRESS).format(dest=f"{self.host}:{self.path}"))
        yield

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """A place to build in, on this machine."""
        with tempfile.TemporaryDirectory(prefix="magazine-") as place:
            yield Path(place)

    def current(self) -> str:
        return self._current

    def live(self) -> dict[str, Any] | None:
        return manifest.read(self._live)

    def holds(self, site: Path, files: Mapping[str, manifest.File]) -> bool:
        """Not looked at from here: rsync compares every byte when there is something new to bring."""
        return True

    def add(self, site: Path, files: Mapping[str, manifest.File], before: Mapping[str, Any] | None) -> str:
        """Bring a whole site there and take it into use; gives its name."""
        token = f"{os.getpid()}-{os.urandom(4).hex()}"
        command = [RSYNC, "--recursive", "--links", "--checksum", "--chmod=D755,F644", "-e", shlex.join(self.ssh)]
        if self._current:
            command.append(f"--link-dest=../{self._current}/")
        # From within the folder: to rsync, a Windows path would begin with a host's name.
        self._run([*command, "./", f"{self.host}:{self.path}/{RELEASES}/.new-{token}/"], folder=site)
        same = "yes" if self._current and same_but_for_the_day(before, files) else "no"
        return self._do("add", token, self._current, str(KEPT), same, *carried(before, files)).strip()

    def back(self) -> str:
        return self._do("back").strip()

    def _do(self, action: str, *arguments: str) -> str:
        remote = shlex.join(["sh", "-s", "--", action, self.path, *arguments])
        return self._run([*self.ssh, self.host, remote], SCRIPT)

    def _run(self, command: Sequence[str], given: str = "", folder: Path | None = None) -> str:
        try:
            done = subprocess.run(command, input=given, capture_output=True, encoding="utf-8", check=False, cwd=folder)
        except FileNotFoundError:
            raise SettingsError("--to", self.gettext(MISSING).format(program=command[0])) from None
        if done.returncode == 0:
            return done.stdout
        special = {} if command[0] == RSYNC else {64: NOT_OURS, 65: OVERTAKEN, 66: NOTHING, 67: NO_EARLIER}
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        facts = {"dest": self.dest, "program": command[0], "host": self.host, "said": said}
        text = self.gettext(special.get(done.returncode, FAILED))
        raise SettingsError("--to", text.format(current=done.stdout.strip(), **facts))
