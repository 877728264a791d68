"""A customer's way through a shop that runs: does it sell?"""

import os
import re
import time
from typing import Any

import httpx

SHOP = f"http://127.0.0.1:{os.environ['FLASK_RUN_PORT']}"
FORM = "/accounts/login"
TOKEN = re.compile(r'name="csrf_token".* value="(.+?)"')
ADA = {"email": "ada@example.org", "password": "correct horse battery"}


class Browser:
    """Cookies, and the token of the page that is open."""

    def __init__(self) -> None:
        """Open the page."""
        self.cookies: dict[str, str] = {}
        self.token = ""

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        """Send a request as the page would, and keep the cookies."""
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "X-CSRFToken": self.token,
        }
        answer = httpx.request(
            method, f"{SHOP}{path}", headers=headers, timeout=20, **how
        )
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition("=")
            self.cookies[name] = value.partition(";")[0]
        print(method, path, answer.status_code)
        return answer

    def load(self) -> None:
        """Load the page, and take its token."""
        self.token = TOKEN.findall(self.ask("GET", FORM).text)[0]


def main() -> None:
    """Register, log in, order, be confirmed, pay."""
    browser = Browser()
    browser.load()
    browser.ask("POST", "/accounts", json=ADA)
    browser.ask("POST", FORM, data=ADA)
    browser.load()
    lines = [{"product_id": 1, "quantity": 2}]
    placed = browser.ask("POST", "/orders", json={"lines": lines}).json()
    print("total", placed["total_cents"], placed["status"])
    mail = f"/confirmations/{placed['order']}"
    told = browser.ask("PUT", mail, json={"email": ADA["email"]}).json()
    deadline = time.monotonic() + 20
    while told["mail"] == "waiting" and time.monotonic() < deadline:
        time.sleep(0.5)
        told = browser.ask("GET", mail).json()
    print("mail", told["mail"])
    card = {"order": placed["order"], "card": "tok_4242"}
    paid = browser.ask("POST", "/payments", json=card)
    print("payment", paid.json()["state"])
    browser.ask("DELETE", f"/orders/{placed['order']}")
    given = browser.ask("POST", "/tokens", json=ADA).json()
    print("token for", given["scope"])


main()
