"""The shop's tables."""

from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from .extensions import Base


class Product(Base):
    """Something the shop sells."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    price_cents: Mapped[int]


class Order(Base):
    """One product, ordered once."""

    __tablename__ = "order"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))


class Payment(Base):
    """Money asked for; its key is known before anybody is asked."""

    __tablename__ = "payment"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"))
    # the order while this may be, or become, its payment: one at a time
    claims: Mapped[int | None] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(
        String(36), unique=True, default=lambda: str(uuid4())
    )
    amount_cents: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="pending")
    since: Mapped[datetime] = mapped_column(
        default=lambda: datetime.now(UTC).replace(tzinfo=None)
    )
