"""What is ordered, and by whom: a user, or the browser of a guest."""

from typing import Any

from flask import Blueprint, abort, current_app, session, url_for
from flask_login import current_user
from pydantic import Field
from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import selectinload

from .access import owners, public
from .errors import Problem
from .extensions import db
from .flags import visitor
from .models import Line, Order, Payment, Product
from .quotes import Line as Wanted
from .quotes import price_of
from .validation import Body, Query

bp = Blueprint("orders", __name__, url_prefix="/orders")

WITH_LINES = [selectinload(Order.lines)]


class NewOrder(Body):
    """What somebody orders; who that is, the session says."""

    lines: list[Wanted] = Field(min_length=1, max_length=50)

    def counted(self) -> list[tuple[int, int]]:
        """Give products and quantities, or say what is not sold."""
        price_of(self.lines)
        return [(line.product_id, line.quantity) for line in self.lines]


class OrdersAsked(Query):
    """Which orders: the newest, or those before one."""

    before: int = Field(default=2**31, ge=1, le=2**31)
    limit: int = Field(default=20, ge=1, le=100)


class OutOfStock(Problem):
    """There is less of a product than was ordered."""

    code = 409
    type = "https://shop.example/problems/out-of-stock"
    name = "Out of stock"


class OrderClosed(Problem):
    """An order that is cancelled, paid, or about to be."""

    code = 409
    type = "https://shop.example/problems/order-closed"
    name = "Order closed"


def owner() -> dict[str, object]:
    """Give whose an order will be: the user's, or this browser's."""
    if current_user.is_authenticated:
        return {"user_id": current_user.id}
    return {"guest": visitor()}


def is_own() -> ColumnElement[bool]:
    """Say which orders are those of who asks."""
    own: ColumnElement[bool] = Order.guest == session.get("guest", "")
    if current_user.is_authenticated:
        own = Order.user_id == current_user.id
    return own


def own_order(number: int) -> Order:
    """Give one of them, or answer that there is none."""
    wanted = select(Order).where(Order.id == number, is_own())
    order: Order = db.one_or_404(wanted.options(*WITH_LINES))
    return order


def open_order(number: int) -> Order:
    """Give one that may still change, and let nobody else change it."""
    order = own_order(number)
    lock = (
        update(Order)
        .where(Order.id == number, Order.status == "placed")
        .values(status="placed")
        .returning(Order.id)
    )
    paid = select(Payment.id).where(Payment.claims == number)
    # once the row is locked, what is read next stays true
    locked = db.session.execute(lock).first()
    if locked is None or db.session.scalar(paid) is not None:
        raise OrderClosed("It is cancelled, paid, or about to be.")
    return order


@bp.get("")
@owners
def index() -> dict[str, object]:
    """List one's own orders, newest first, a page at a time."""
    asked = OrdersAsked.from_request()
    found = newest(select(Order).where(is_own()), asked)
    return {
        "orders": [shown(order) for order in found],
        "next": link_to_more("orders.index", asked, found),
    }


def newest(wanted: Select[Any], asked: OrdersAsked) -> list[Order]:
    """Give the part of some orders that is asked for."""
    part = wanted.where(Order.id < asked.before).order_by(Order.id.desc())
    part = part.limit(asked.limit).options(*WITH_LINES)
    return list(db.session.scalars(part))


def link_to_more(
    endpoint: str, asked: OrdersAsked, found: list[Order]
) -> str | None:
    """Give the link to those before them, if there can be any."""
    if len(found) < asked.limit:
        return None
    page = asked.model_dump() | {"before": found[-1].id}
    return url_for(endpoint, **page)


@bp.post("")
@public
def create() -> tuple[dict[str, object], int]:
    """Order for oneself."""
    wanted = NewOrder.from_request()
    return placed(wanted.counted(), owner()), 201


@bp.post("/<int(max=2147483647):product_id>")
@public
def create_one(product_id: int) -> tuple[dict[str, object], int]:
    """Order one piece."""
    return placed([(product_id, 1)], owner()), 201


def placed(
    lines: list[tuple[int, int]], whose: dict[str, object]
) -> dict[str, object]:
    """Make an order of products and quantities, all of it or nothing."""
    if not current_app.config["ORDERS_OPEN"]:
        abort(503)
    order = Order(**whose)
    fill(order, lines)
    db.session.add(order)
    db.session.flush()
    answer = shown(order)
    db.session.commit()
    return answer


def fill(order: Order, lines: list[tuple[int, int]]) -> None:
    """Put into an order what is taken from the stock."""
    order.lines = [
        Line(product_id=n, quantity=quantity, price_cents=take(n, quantity))
        for n, quantity in sorted(lines)
    ]
    order.total_cents = sum(n.quantity * n.price_cents for n in order.lines)


def take(product_id: int, quantity: int) -> int:
    """Take pieces from the stock, and give the price of one."""
    enough = db.or_(Product.stock.is_(None), Product.stock >= quantity)
    price: int | None = db.session.scalar(
        update(Product)
        .where(Product.id == product_id, enough)
        .values(stock=Product.stock - quantity)
        .returning(Product.price_cents)
    )
    if price is None:
        db.get_or_404(Product, product_id)
        raise OutOfStock("Order fewer.", product_id=product_id)
    return price


def give_back(order: Order) -> None:
    """Put what an order holds back into the stock."""
    for line in order.lines:
        db.session.execute(
            update(Product)
            .where(Product.id == line.product_id)
            .values(stock=Product.stock + line.quantity)
        )


@bp.get("/<int(max=2147483647):number>")
@owners
def show(number: int) -> dict[str, object]:
    """Show one order."""
    return shown(own_order(number))


@bp.route("/<int(max=2147483647):number>", methods=["PUT", "PATCH"])
@owners
def exchange(number: int) -> dict[str, object]:
    """Have something else for an order."""
    order = open_order(number)
    wanted = NewOrder.from_request().counted()
    give_back(order)
    fill(order, wanted)
    answer = shown(order)
    db.session.commit()
    return answer


@bp.delete("/<int(max=2147483647):number>")
@owners
def cancel(number: int) -> tuple[str, int]:
    """Cancel an order; it stays to be seen."""
    order = open_order(number)
    give_back(order)
    order.status = "cancelled"
    db.session.commit()
    return "", 204


def shown(order: Order) -> dict[str, object]:
    """Describe an order, with links to what was ordered."""
    return {
        "order": order.id,
        "placed_at": order.placed_at.isoformat(),
        "status": order.status,
        "total_cents": order.total_cents,
        "lines": [
            {
                "product": url_for("products.show", product_id=n.product_id),
                "quantity": n.quantity,
                "price_cents": n.price_cents,
            }
            for n in order.lines
        ],
    }
