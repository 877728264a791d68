"""The built site as a reader meets it: offline, on a phone, by keyboard, in both colour schemes."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

SITE = Path(__file__).parents[2] / "site"
PAGES = sorted(p.parent.relative_to(SITE).as_posix() for p in SITE.rglob("index.html"))
PHONE = {"width": 390, "height": 844}


class Quiet(SimpleHTTPRequestHandler):
    """Serve files, and print nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Serve the site that `nox -s site` built."""
    assert PAGES, "there is no site. Run `nox -s site` first."
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_no_other_host_and_fits_a_phone(browser: Browser, address: str, name: str) -> None:
    """Whatever it loads is its own, nothing fails, and nobody has to scroll sideways."""
    context = browser.new_context(viewport=PHONE)
    page = context.new_page()
    hosts: set[str] = set()
    wrong: list[str] = []
    page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("requestfailed", lambda request: wrong.append(request.url))

    page.goto(f"{address}/{name}/", wait_until="networkidle")
    width = page.evaluate("document.documentElement.scrollWidth")
    context.close()

    assert ({urlsplit(address).netloc}, []) == (hosts, wrong)
    assert width <= PHONE["width"]


@pytest.mark.parametrize(("preferred", "scheme"), [("light", "default"), ("dark", "slate")])
def test_the_site_follows_the_readers_colours(browser: Browser, address: str, preferred: str, scheme: str) -> None:
    """Who prefers dark gets dark without asking."""
    context = browser.new_context(color_scheme=preferred)  # type: ignore[arg-type]
    page = context.new_page()

    page.goto(address)

    expect(page.locator("body")).to_have_attribute("data-md-color-scheme", scheme)
    context.close()


def test_everything_can_be_done_by_keyboard(page: Page, address: str) -> None:
    """The first Tab offers to skip the navigation; a key opens the search, arrows and Enter lead to what was found."""
    page.goto(f"{address}/start/quick-reference/", wait_until="networkidle")

    page.keyboard.press("Tab")
    skip = page.evaluate("document.activeElement.className")
    page.keyboard.press("/")
    page.keyboard.type("circular import")
    page.get_by_role("search").locator(".md-search-result__item").first.wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/?h=*")

    assert "md-skip" in skip


def test_code_can_be_read_by_keyboard(page: Page, address: str) -> None:
    """A block that is wider than the screen takes the focus, so that arrows scroll it."""
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/foundations/configuration/", wait_until="networkidle")

    unreachable = page.evaluate(
        """[...document.querySelectorAll("pre > code")]
        .filter(code => code.scrollWidth > code.clientWidth && code.tabIndex < 0).length"""
    )

    assert 0 == unreachable
