"""What mypy says of wrong code, and of what it says nothing."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

PROJECT = Path(__file__).parents[2]

HEAD = """
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import (
    Flask, Response, current_app, g, request, session
)
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.local import LocalProxy
from werkzeug.middleware.proxy_fix import ProxyFix

from myapp.current import checked, tariff
from myapp.extensions import Base, db
from myapp.models import Product
from myapp.orders import create
from myapp.shipping import Tariff

app = Flask("wrong")
"""
ROUTE = 'Value of type variable "T_route" of function cannot be '
FAULTS = {
    "number": (
        '@app.get("/")\ndef view() -> int:\n    return 3',
        f'{ROUTE}"Callable[[], int]"  [type-var]',
    ),
    "tuple": (
        '@app.get("/")\ndef view() -> tuple[int, dict[str, int]]:\n'
        '    return 201, {"id": 1}',
        f'{ROUTE}"Callable[[], tuple[int, dict[str, int]]]"  [type-var]',
    ),
    "nothing": (
        '@app.get("/")\ndef view() -> dict[str, int] | None:\n    return None',
        f'{ROUTE}"Callable[[], dict[str, int] | None]"  [type-var]',
    ),
    "hook": (
        "@app.before_request\ndef hook() -> int:\n    return 3",
        'Value of type variable "T_before_request" of "before_request"',
    ),
    "column": (
        'Product(name="tea", prize_cents=450)',
        'Unexpected keyword argument "prize_cents" for "Product"',
    ),
    "value": (
        'Product(name="tea", price_cents="450")',
        'Argument "price_cents" to "Product" has incompatible type "str"',
    ),
    "proxy": (
        "LocalProxy(tariff).cents(1)",
        '"LocalProxy[Tariff]" has no attribute "cents"',
    ),
    "attribute": (
        "for product in db.session.scalars(select(Product)):\n"
        "    product.nmae",
        '"Product" has no attribute "nmae"',
    ),
    "missing": (
        "product = db.session.get(Product, 1)\nproduct.name",
        'Item "None" of "Product | None" has no attribute "name"',
    ),
    "decorated": (
        'create(product_id="1")',
        'Argument "product_id" to "create" has incompatible type "str"',
    ),
    "wsgi": (
        "app.wsgi_app = ProxyFix(app.wsgi_app)",
        "Cannot assign to a method  [method-assign]",
    ),
    "model": (
        "class Customer(db.Model):\n    pass",
        'Name "db.Model" is not defined',
    ),
    "ignored": (
        "number = 1  # type: ignore[attr-defined]",
        'Unused "type: ignore" comment',
    ),
    "checked": (
        "number: int = checked(str, g.customer)",
        'Incompatible types in assignment (expression has type "str"',
    ),
}
ANY = {
    "extensions": 'current_app.extensions["tariff"]',
    "config": 'current_app.config["ORDERS_OPEN"]',
    "g": "g.customer",
    "session": 'session["customer"]',
    "json": "request.json",
    "get_json": "request.get_json()",
    "select": "db.select",
    "func": "db.func.count",
    "string": "db.String(80)",
    "scalar": "db.session.scalar(db.select(Product.name))",
}
SILENT = {
    "url": '@app.get("/<int:n>")\ndef view(n: str) -> str:\n    return n',
    "handler": (
        "@app.errorhandler(404)\n"
        "def handler(error: ZeroDivisionError) -> str:\n"
        '    return ""'
    ),
    "claim": 'wrong: Tariff = current_app.extensions["orders"]',
    "plain": (
        'class Plain(Base):\n    __tablename__ = "plain"\n'
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
        'Plain(nmae="tea")'
    ),
    "after": (
        "@app.after_request\ndef hook(response: Response) -> None:\n"
        "    return None"
    ),
}
RIGHT = {
    "wsgi": (
        "class Shop(Flask):\n"
        "    def wsgi_app(\n"
        "        self,\n"
        "        environ: WSGIEnvironment,\n"
        "        start_response: StartResponse,\n"
        "    ) -> Iterable[bytes]:\n"
        "        return ProxyFix(super().wsgi_app)(environ, start_response)"
    ),
    "tuple": (
        '@app.get("/")\ndef view() -> tuple[dict[str, int], int]:\n'
        '    return {"id": 1}, 201'
    ),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Have all the code checked at once; give what is said of each."""
    codes = {f"fault_{name}": code for name, (code, _) in FAULTS.items()}
    codes |= {f"any_{n}": f"reveal_type({code})" for n, code in ANY.items()}
    codes |= {f"silent_{name}": code for name, code in SILENT.items()}
    codes |= {f"right_{name}": code for name, code in RIGHT.items()}
    folder = tmp_path_factory.mktemp("wrong")
    for name, code in codes.items():
        (folder / f"{name}.py").write_text(f"{HEAD}\n{code}\n", "utf-8")
    cache = tmp_path_factory.getbasetemp().parent / "mypy"
    command = [sys.executable, "-m", "mypy", "--no-sqlite-cache"]
    command += ["--cache-dir", str(cache)]
    done = subprocess.run(
        [*command, *(str(folder / f"{name}.py") for name in codes)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    found = {name: "" for name in codes}
    for line in done.stdout.splitlines():
        path, _, message = line.partition(":")
        if Path(path).stem in found:
            found[Path(path).stem] += message
    return found


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_named(said: dict[str, str], name: str) -> None:
    """mypy says what the page says it does."""
    assert FAULTS[name][1] in said[f"fault_{name}"]


@pytest.mark.parametrize("name", ANY)
def test_what_is_any_passes_strict_mypy(
    said: dict[str, str], name: str
) -> None:
    """It is Any, and that is no error."""
    found = said[f"any_{name}"]

    assert (True, False) == ('type is "Any' in found, "error" in found)


@pytest.mark.parametrize("name", SILENT)
def test_of_what_is_wrong_here_nothing_is_said(
    said: dict[str, str], name: str
) -> None:
    """Only a test of the app finds it."""
    assert "" == said[f"silent_{name}"]


@pytest.mark.parametrize("name", RIGHT)
def test_what_the_page_gives_instead_is_right(
    said: dict[str, str], name: str
) -> None:
    """mypy has nothing to say of it."""
    assert "" == said[f"right_{name}"]


def test_the_extension_takes_no_base_of_dataclasses() -> None:
    """Not since SQLAlchemy 2.1, so a model names the mixin itself."""

    class Typed(MappedAsDataclass, DeclarativeBase):
        """A base whose models have constructors."""

    said = ""
    try:
        SQLAlchemy(model_class=Typed)
    except InvalidRequestError as error:
        said = str(error)

    since = not version("sqlalchemy").startswith("2.0.")
    assert since == ("already a dataclass" in said)
