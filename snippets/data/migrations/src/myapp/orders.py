"""What customers order."""

from flask import Blueprint, abort, current_app, url_for
from pydantic import Field
from sqlalchemy import ColumnElement
from sqlalchemy.orm import selectinload

from .errors import Problem
from .extensions import db
from .models import Customer, Line, Order, Product
from .quotes import Line as Wanted
from .quotes import price_of
from .validation import Body, InvalidRequest, Query

bp = Blueprint("orders", __name__, url_prefix="/orders")


class NewOrder(Body):
    """Who orders, and what."""

    customer_id: int = Field(ge=1, le=2**31 - 1)
    lines: list[Wanted] = Field(min_length=1, max_length=50)


class OutOfStock(Problem):
    """There is less of a product than was ordered."""

    code = 409
    type = "https://shop.example/problems/out-of-stock"
    name = "Out of stock"


@bp.post("")
def create() -> tuple[dict[str, object], int]:
    """Order for a customer."""
    wanted = NewOrder.from_request()
    if db.session.get(Customer, wanted.customer_id) is None:
        fault = {"field": "/customer_id", "code": "unknown_customer"}
        raise InvalidRequest("There is no such customer.", errors=[fault])
    price_of(wanted.lines)  # or says which products are not sold
    lines = [(line.product_id, line.quantity) for line in wanted.lines]
    order = place(lines, wanted.customer_id)
    answer = shown(order)
    db.session.commit()
    return answer, 201


@bp.post("/<int(max=2147483647):product_id>")
def create_one(product_id: int) -> tuple[dict[str, object], int]:
    """Order one piece, as a guest."""
    order = place([(product_id, 1)])
    answer = shown(order)
    db.session.commit()
    return answer, 201


def place(
    lines: list[tuple[int, int]], customer_id: int | None = None
) -> Order:
    """Make an order of products and quantities; the caller commits."""
    if not current_app.config["ORDERS_OPEN"]:
        abort(503)
    order = Order(customer_id=customer_id, total_cents=0)
    for product_id, quantity in sorted(lines):
        line = Line(product_id=product_id, quantity=quantity)
        line.price_cents = take(product_id, quantity)
        order.total_cents += quantity * line.price_cents
        order.lines.append(line)
    db.session.add(order)
    db.session.flush()
    return order


def take(product_id: int, quantity: int) -> int:
    """Take pieces from the stock, and give the price of one."""
    enough = db.or_(Product.stock.is_(None), Product.stock >= quantity)
    price: int | None = db.session.scalar(
        db.update(Product)
        .where(Product.id == product_id, enough)
        .values(stock=Product.stock - quantity)
        .returning(Product.price_cents)
    )
    if price is None:
        db.get_or_404(Product, product_id)
        raise OutOfStock("Order fewer.", product_id=product_id)
    return price


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


class OrdersAsked(Query):
    """Which orders: the newest, or those before one; all, or one's."""

    before: int = Field(default=2**31, ge=1, le=2**31)
    limit: int = Field(default=20, ge=1, le=100)
    email: str = Field(default="", max_length=254, pattern=r"^[^\x00]*$")


WITH_LINES = [selectinload(Order.lines)]


@bp.get("")
def index() -> dict[str, object]:
    """List orders, newest first, a page at a time."""
    asked = OrdersAsked.from_request()
    wanted = (
        db.select(Order)
        .where(Order.id < asked.before)
        .order_by(Order.id.desc())
        .limit(asked.limit)
        .options(*WITH_LINES)
    )
    if asked.email:
        wanted = wanted.join(Customer).where(is_of(asked.email))
    found = db.session.scalars(wanted).all()
    more = None
    if len(found) == asked.limit:
        page = asked.model_dump() | {"before": found[-1].id}
        more = url_for("orders.index", **page)
    return {"orders": [shown(order) for order in found], "next": more}


def is_of(email: str) -> ColumnElement[bool]:
    """Say whose orders are meant."""
    return Customer.email == email.lower()


@bp.get("/<int(max=2147483647):number>")
def show(number: int) -> dict[str, object]:
    """Show one order."""
    return shown(db.get_or_404(Order, number, options=WITH_LINES))
