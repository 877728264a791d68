"""The shop's tables."""

from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, DateTime, ForeignKey, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from .extensions import Base


class Moment(TypeDecorator[datetime]):
    """A moment: kept in UTC, read with its zone, refused without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Give the database the moment in UTC."""
        if value is not None and value.utcoffset() is None:
            raise ValueError("a moment without a zone")
        return value and value.astimezone(UTC)

    def process_result_value(
        self, value: datetime | None, dialect: Dialect
    ) -> datetime | None:
        """Say that it is UTC where the database keeps no zone."""
        return value and value.replace(tzinfo=value.tzinfo or UTC)


def now() -> datetime:
    """Give this moment."""
    return datetime.now(UTC)


class Customer(Base):
    """Somebody who orders."""

    __tablename__ = "customer"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(80))


class Product(Base):
    """Something the shop sells, and how many of it; None: not counted."""

    __tablename__ = "product"
    __table_args__ = (CheckConstraint("stock >= 0", name="stock"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    price_cents: Mapped[int]
    stock: Mapped[int | None]


class Order(Base):
    """What a customer, or a guest, ordered."""

    __tablename__ = "order"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customer.id"), index=True
    )
    placed_at: Mapped[datetime] = mapped_column(Moment, default=now)
    status: Mapped[str] = mapped_column(String(10), server_default="placed")
    total_cents: Mapped[int]
    lines: Mapped[list["Line"]] = relationship(
        lazy="raise", order_by="Line.id"
    )


class Line(Base):
    """So many of a product, at the price of that day."""

    __tablename__ = "line"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[int]
    price_cents: Mapped[int]
