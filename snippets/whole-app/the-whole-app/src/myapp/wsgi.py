"""What a server runs: the shop, as its environment describes it."""

from . import create_app

app = create_app()
