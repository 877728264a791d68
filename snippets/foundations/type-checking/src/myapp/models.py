"""The shop's tables."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, MappedAsDataclass, mapped_column

from .extensions import Base


class Product(MappedAsDataclass, Base, eq=False):
    """Something the shop sells."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    name: Mapped[str] = mapped_column(String(80))
    price_cents: Mapped[int]
    weight_grams: Mapped[int | None] = mapped_column(default=None)


class Order(MappedAsDataclass, Base, eq=False):
    """One product, ordered once."""

    __tablename__ = "order"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
