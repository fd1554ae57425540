"""A terminal with one of the project's commands in it: what it shows is read, and answers are typed."""

from __future__ import annotations

import codecs
import os
import pty
import select
import signal
import time
from pathlib import Path
from types import TracebackType

from tests.building import environment, inv_command

PATIENCE = 60.0
"""How many seconds a question may take to come, before the test gives up."""


class Terminal:
    """Runs a command as somebody at a terminal would."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        """Start `inv` with these arguments in a folder."""
        self.seen = ""
        self._read_to = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        command = inv_command(*arguments)
        surroundings = environment(TERM="dumb", COLUMNS="200")
        self._pid, self._screen = pty.fork()
        if not self._pid:
            os.chdir(folder)
            os.execvpe(command[0], command, surroundings)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._screen)

    def wait_for(self, text: str) -> None:
        """Wait until this is shown, after all that was waited for before."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.seen[self._read_to :]:
            assert time.monotonic() < deadline, f"not shown: {text!r} in {self.seen!r}"
            assert self._read(), f"ended without {text!r}: {self.seen!r}"
        self._read_to = self.seen.index(text, self._read_to) + len(text)

    def answer(self, question: str, answer: str) -> None:
        """Wait for a question and type the answer."""
        self.wait_for(question)
        self.type(f"{answer}\n".encode())

    def type(self, keys: bytes) -> None:
        """Type keys, once the command sleeps until somebody does, as it would for a person's fingers.

        Between showing its prompt and sleeping, Python's input() notes Ctrl-C without waking up for it.
        """
        deadline = time.monotonic() + PATIENCE
        while self._state() != "S":
            assert time.monotonic() < deadline, f"asks, but does not wait for an answer: {self.seen!r}"
            time.sleep(0.01)
        os.write(self._screen, keys)

    def end(self) -> int:
        """Wait for the end of the command; gives its exit code."""
        while self._read():
            pass
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return os.waitstatus_to_exitcode(status)

    def _state(self) -> str:
        """What the command does, as proc(5) has it: R runs, S sleeps until something comes."""
        return Path(f"/proc/{self._pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]

    def _read(self) -> bool:
        """Read what is shown next; False if the command has ended."""
        ready, _, _ = select.select([self._screen], [], [], PATIENCE)
        try:
            data = os.read(self._screen, 65536) if ready else b""
        except OSError:  # Linux: nobody has the terminal open any more
            data = b""
        self.seen += self._decoder.decode(data).replace("\r\n", "\n")
        return bool(data)
