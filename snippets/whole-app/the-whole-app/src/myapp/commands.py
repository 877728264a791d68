"""Commands of the shop: flask --app myapp …"""

import csv
import re
import sys
from collections.abc import Iterable
from typing import TextIO

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select

from .extensions import db
from .models import Product

products = AppGroup("products", help="Add, list and import products.")


@click.command("init-db")
@with_appcontext
def init_db() -> None:
    """Create the tables that are missing."""
    db.create_all()
    click.echo("The tables are there.")


def init_app(app: Flask) -> None:
    """Add the commands to an app."""
    app.cli.add_command(init_db)
    app.cli.add_command(products)


def product_name(text: str) -> str:
    """Read the name of a product."""
    name = text.strip()
    if not name or len(name) > 80 or not name.isprintable():
        raise ValueError(f"{text!r} is not 1 to 80 printable characters.")
    return name


def price(text: str) -> int:
    """Read a price such as 4.50, in cents."""
    if not re.fullmatch(r"[0-9]{1,6}\.[0-9]{2}", text):
        raise ValueError(f"{text!r} is not a price such as 4.50.")
    return int(text.replace(".", ""))


@products.command("add")
@click.argument("name", type=product_name)
@click.argument("price", type=price)
def add(name: str, price: int) -> None:
    """Add the product NAME at PRICE."""
    must_be_new(name)
    db.session.add(Product(name=name, price_cents=price))
    db.session.commit()
    click.echo(f"Added {name}.")


@products.command("list")
def list_all() -> None:
    """List all products with their prices, as CSV."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    for product in db.session.scalars(select(Product).order_by(Product.id)):
        units, cents = divmod(product.price_cents, 100)
        writer.writerow([product.name, f"{units}.{cents:02}"])


def must_be_new(name: str) -> None:
    """Stop the command if the shop has a product of this name."""
    if db.session.scalar(select(Product.id).filter_by(name=name)) is not None:
        raise click.ClickException(f"{name!r} is in the shop already.")


def read_line(line: str) -> tuple[str, int]:
    """Read one line of CSV: the name and the price of a product."""
    fields = next(csv.reader([line], strict=True))
    if len(fields) != 2:
        raise ValueError("a line is a name and a price.")
    return product_name(fields[0]), price(fields[1])


def read(file: Iterable[str]) -> dict[str, int]:
    """Read the prices of all products of a file, by name."""
    try:
        lines = list(file)
    except UnicodeDecodeError as error:
        raise click.ClickException("The file is not UTF-8.") from error
    prices: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        try:
            name, cents = read_line(line)
            if name in prices:
                raise ValueError(f"{name!r} comes twice.")
        except (csv.Error, ValueError) as error:
            raise click.ClickException(f"Line {number}: {error}") from error
        prices[name] = cents
    return prices


@products.command("import")
@click.argument("file", type=click.File(encoding="utf-8-sig"))
@click.option("--dry-run", is_flag=True, help="Check all, save nothing.")
def import_file(file: TextIO, dry_run: bool) -> None:
    """Add the products of the CSV file FILE, or correct their prices."""
    added, changed = merge(read(file))
    if not dry_run:
        db.session.commit()
    click.echo(f"{added} added, {changed} changed.")


def merge(prices: dict[str, int]) -> tuple[int, int]:
    """Add or correct products; count both. The caller commits."""
    added = changed = 0
    known = {p.name: p for p in db.session.scalars(select(Product))}
    for name, cents in prices.items():
        if name not in known:
            db.session.add(Product(name=name, price_cents=cents))
            added += 1
        elif known[name].price_cents != cents:
            known[name].price_cents = cents
            changed += 1
    return added, changed
