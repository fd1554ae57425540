"""What all tests share: a browser and its pages, axe for accessibility, the Nu HTML checker."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import Engine

import desk.build  # noqa: F401  # first: it keeps to Pelican what Pelican does to all loggers that are made after it
from newsletter import database
from tests import browser as chromium
from tests import nu as checker
from tests import postgres

WCAG = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium, one a worker."""
    with sync_playwright() as playwright:
        executable = chromium.find(playwright)
        if executable is None:
            lacking(chromium.REMEDY)
        loop = asyncio._get_running_loop()
        with chromium.launch(playwright, executable) as launched:
            yield launched
            asyncio._set_running_loop(loop)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own, Swedish, whose scripts must not throw."""
    errors: list[str] = []
    with browser.new_context(locale="sv-SE", timezone_id="Europe/Stockholm", reduced_motion="reduce") as context:
        context.set_default_timeout(10_000)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
        yield page
    assert not errors


@pytest.fixture(scope="session")
def axe() -> Callable[..., list[str]]:
    """`axe(page)`: what axe-core finds in the page as it stands, a line for each element; empty if nothing."""

    def run(page: Page, tags: tuple[str, ...] = WCAG, **options: Any) -> list[str]:
        page.evaluate(AXE_SCRIPT)
        options = {"runOnly": list(tags), "resultTypes": ["violations"]} | options
        found = page.evaluate("options => axe.run(document, options)", options)
        return [
            f"{rule['id']} ({rule['impact']}): {rule['help']}: {node['html'][:200]}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    return run


@pytest.fixture(scope="session")
def nu() -> Callable[..., list[dict[str, Any]]]:
    """`nu(folder_or_file, …)`: the Nu HTML checker's messages; empty if the HTML is valid."""
    reason = ""
    try:
        checker.ready()
    except checker.Unavailable as unavailable:
        reason = str(unavailable)
    if reason:
        lacking(reason)
    return checker.check


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    """A PostgreSQL server, one a worker."""
    programs = postgres.programs()
    if programs is None:
        lacking(postgres.MISSING)
    started = postgres.Cluster(programs)
    yield started
    started.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database with the newsletter's tables and nothing in them, once of each kind.

    It is a copy: making the tables takes longer than most tests do."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "newsletter.db")
        return f"sqlite:///{tmp_path}/newsletter.db"
    made: str = request.getfixturevalue("cluster").new_database()
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables, once of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    made: str = request.getfixturevalue("cluster").new_database(empty=True)
    return made


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine for `database_url`."""
    engine = database.engine_for(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database.connect(f"sqlite:///{path}").dispose()
    return path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if _drives_browser(item):
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Hides Playwright's event loop, which counts as running as long as the browser does, from tests without one:
    in them, `asyncio.run` would refuse to start another."""
    loop = asyncio._get_running_loop()
    if loop is None or _drives_browser(item):
        return (yield)
    asyncio._set_running_loop(None)
    try:
        return (yield)
    finally:
        asyncio._set_running_loop(loop if loop.is_running() else None)


def _drives_browser(item: pytest.Item) -> bool:
    return "browser" in getattr(item, "fixturenames", ())


def lacking(reason: str) -> NoReturn:
    """Something the tests need is not on this machine: a failure on CI, elsewhere a skip that says why."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
