"""Puts the ledger into the repository again after a publishing: one commit on the branch, with nothing but the ledger.

It touches neither the working tree nor the index, and joins what others have added in between: so it can run twice, at
once with others, or again after failing anywhere.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from plugins.magazine.files import Files
from plugins.magazine.ledger import LEDGER, parse, read, render
from plugins.magazine.messages import N_, Report
from plugins.magazine.settings import Settings, SettingsError
from plugins.magazine.words import Words

TRIES = 8
MESSAGE = "Addresses published on {day}\n\n[skip ci]\n"
"""The mark keeps GitHub and GitLab from starting over because of it."""

NO_GIT = N_("git says: {said}")
BROKEN = N_("a line of {path} cannot be read: mend the file first (inv check tells which)")
BUSY = N_("others went on adding to {branch}; run it again")


def keep(settings: Settings, remote: str, branch: str, words: Words) -> int:
    """Commit the ledger of a content folder to a branch of a remote; gives how many addresses were new there. Raises
    `SettingsError`, in Git's words if they are Git's."""
    git = _Git(settings.content, words)
    top = Path(git.run("rev-parse", "--show-toplevel").strip())
    path = (settings.content / LEDGER).relative_to(top).as_posix()
    found = Report(path, words, [])
    ours = read(Files(settings.content), found)
    for _ in range(TRIES):
        git.run("fetch", "--quiet", remote, branch)
        base = git.run("rev-parse", "FETCH_HEAD").strip()
        known = git.run("ls-tree", "--name-only", base, "--", f":(top){path}").strip()
        text = git.run("show", f"{base}:{path}") if known else ""
        theirs = parse(text, found)
        if found.problems:
            raise SettingsError("ledger", words.gettext(BROKEN).format(path=path))
        joined = theirs.joined(ours.lines, ours.day, ours.targets)
        if joined.lines.keys() == theirs.lines.keys() and joined.targets == theirs.targets:
            return 0
        made = git.commit(base, path, render(joined), MESSAGE.format(day=joined.day), settings)
        if git.push(remote, made, branch):
            return len(joined.lines) - len(theirs.lines)
    raise SettingsError("ledger", words.gettext(BUSY).format(branch=branch))


def summary(new: int, branch: str, words: Words) -> str:
    """What there is to say of it."""
    if not new:
        return words.gettext("The ledger on {branch} has them all: nothing to commit").format(branch=branch)
    text = words.ngettext(
        "{n} new address is committed to {branch}", "{n} new addresses are committed to {branch}", new
    )
    return text.format(n=words.number(new), branch=branch)


class _Git:
    def __init__(self, folder: Path, words: Words) -> None:
        self.words = words
        self.command = ["git", "-c", "safe.directory=*", "-C", str(folder)]

    def run(self, *arguments: str, given: str = "", **environment: str) -> str:
        done = self._do(arguments, given, environment)
        if done.returncode:
            said = " ".join(done.stderr.split()) or f"exit code {done.returncode}"
            raise SettingsError("ledger", self.words.gettext(NO_GIT).format(said=said))
        return done.stdout

    def push(self, remote: str, commit: str, branch: str) -> bool:
        """Whether the branch is at the commit now; False: somebody was faster."""
        done = self._do(("push", "--quiet", "--porcelain", remote, f"{commit}:refs/heads/{branch}"), "", {})
        said = f"{done.stdout} {done.stderr}"
        if done.returncode and not any(word in said for word in ("non-fast-forward", "fetch first", "lock ref")):
            raise SettingsError("ledger", self.words.gettext(NO_GIT).format(said=" ".join(said.split())))
        return done.returncode == 0

    def commit(self, base: str, path: str, text: str, message: str, settings: Settings) -> str:
        """A commit on top of `base` with one file changed. It is made beside the index."""
        blob = self.run("hash-object", "-w", "--stdin", given=text).strip()
        with tempfile.TemporaryDirectory() as place:
            index = {"GIT_INDEX_FILE": f"{place}/index"}
            self.run("read-tree", base, **index)
            self.run("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}", **index)
            tree = self.run("write-tree", **index).strip()
        person = {"NAME": settings.name, "EMAIL": f"noreply@{settings.feed_authority}"}
        who = {f"GIT_{role}_{key}": value for role in ("AUTHOR", "COMMITTER") for key, value in person.items()}
        return self.run("commit-tree", tree, "-p", base, given=message, **who).strip()

    def _do(
        self, arguments: tuple[str, ...], given: str, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        try:
            return subprocess.run(
                [*self.command, *arguments],
                input=given,
                env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C", **environment},
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
        except FileNotFoundError:
            raise SettingsError("ledger", self.words.gettext(NO_GIT).format(said="not installed")) from None
