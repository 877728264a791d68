"""One Chromium for all tests, a fresh context for each."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or "chromium"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Give the machine's own browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Give a page without cookies."""
    context = browser.new_context()
    yield context.new_page()
    context.close()
