"""The shop's tables."""

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


class Chat(Base):
    """A customer's talk with an agent of the shop."""

    __tablename__ = "chat"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int]
    agent_id: Mapped[int]

    @property
    def room(self) -> str:
        """Name the room of those who hear the chat."""
        return f"chat-{self.id}"
