"""What a server runs: the shop, behind its proxies."""

from . import create_app
from .proxies import behind

app = behind(create_app())
