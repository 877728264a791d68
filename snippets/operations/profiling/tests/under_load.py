"""Run a command while the server of this machine is kept busy."""

import os
import subprocess
import sys
from http.client import HTTPConnection
from threading import Event, Thread

from myapp import create_app
from myapp.extensions import db
from myapp.models import Product


def fill() -> None:
    """Sell some thousand kinds of tea."""
    with create_app().app_context():
        db.create_all()
        names = (f"tea number {number}" for number in range(1000))
        db.session.add_all(Product(name=n, price_cents=450) for n in names)
        db.session.commit()


def ask(answered: Event, enough: Event) -> None:
    """Ask for the slow page until it is enough."""
    port = int(os.environ.get("PORT", "8000"))
    while not enough.is_set():
        connection = HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/products/like/tea%20number%207")
        connection.getresponse().read()
        answered.set()


def main(command: list[str]) -> int:
    """Fill the database, and run a command while a client asks."""
    fill()
    answered, enough = Event(), Event()
    client = Thread(target=ask, args=(answered, enough))
    client.start()
    answered.wait(30)
    status = subprocess.run(command, check=False).returncode
    enough.set()
    client.join()
    return status


sys.exit(main(sys.argv[1:]))
