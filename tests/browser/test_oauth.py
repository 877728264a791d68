"""A login by OpenID Connect in a real browser, the shop and the provider on two sites."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "snippets/security/oauth-and-oidc"
Serve = Callable[[str], str]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Give a function that serves the page's project, its session cookie with a SameSite of one's choice; it gives the address."""
    project = shutil.copytree(PROJECT, tmp_path / "project")
    started: list[subprocess.Popen[str]] = []

    def serve(same_site: str) -> str:
        command = [sys.executable, str(Path(__file__).with_name("oauth_servers.py")), same_site]
        process = subprocess.Popen(
            command, cwd=project, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        started.append(process)
        assert process.stdout is not None
        return process.stdout.readline().strip()

    yield serve
    for process in started:
        process.communicate()


def log_in(page: Page, address: str) -> None:
    """Go from the shop to the provider, say who one is, and come back."""
    page.goto(f"{address}/start")
    page.get_by_role("button", name="Log in with the provider").click()
    page.wait_for_url("http://localhost:*/**")
    page.get_by_label("Who are you?").fill("ada")
    page.get_by_role("button", name="Log in").click()


def test_a_visitor_comes_back_logged_in(page: Page, serve: Serve) -> None:
    """With SameSite=Lax the session cookie returns with the browser from another site."""
    address = serve("Lax")

    log_in(page, address)

    page.wait_for_url(f"{address}/accounts/me")
    assert 200 == page.request.get(f"{address}/accounts/me").status


def test_a_strict_cookie_stays_away(page: Page, serve: Serve) -> None:
    """With SameSite=Strict the attempt is lost on the way: what other guides call mismatching_state."""
    address = serve("Strict")

    log_in(page, address)

    expect(page.locator("body")).to_contain_text("This attempt is unknown or over.")
    assert 401 == page.request.get(f"{address}/accounts/me").status
