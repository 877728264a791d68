"""The shop's tables."""

from sqlalchemy import JSON, ForeignKey, String
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


class Basket(Base):
    """What a visitor wants, and how far it is."""

    __tablename__ = "basket"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    products: Mapped[list[int]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10), default="waiting")
