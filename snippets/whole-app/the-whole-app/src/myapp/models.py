"""The shop's tables."""

import secrets
import time
from datetime import UTC, datetime
from enum import StrEnum
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    Enum,
    ForeignKey,
    String,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates
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
    """Somebody who orders without an account: by telephone."""

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


def new_session_token() -> str:
    """Make a token of 32 characters that nobody guesses."""
    return secrets.token_urlsafe(24)


class User(Base):
    """Somebody who can log in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    session_token: Mapped[str] = mapped_column(
        String(32), unique=True, default=new_session_token
    )
    is_active: Mapped[bool] = mapped_column(default=True)

    is_anonymous = False

    @property
    def is_authenticated(self) -> bool:
        """Tell Flask-Login whether this user counts as logged in."""
        return self.is_active

    def get_id(self) -> str:
        """Name a login: by the token, and by when it began."""
        return f"{self.session_token}.{int(time.time())}"

    def end_sessions(self) -> None:
        """Make every session and remember cookie of the user void."""
        self.session_token = new_session_token()

    @validates("email")
    def in_lower_case(self, key: str, email: str) -> str:
        """Keep one spelling of an address, so that it is taken once."""
        return email.lower()


class Role(StrEnum):
    """What somebody can be in the shop, besides a customer."""

    ADMIN = "admin"
    SUPPORT = "support"


class UserRole(Base):
    """A role that a user holds."""

    __tablename__ = "user_role"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id"), primary_key=True
    )
    role: Mapped[Role] = mapped_column(
        Enum(Role, native_enum=False, length=20, validate_strings=True),
        primary_key=True,
    )


class Identity(Base):
    """Who somebody is at a provider, and whose account that opens."""

    __tablename__ = "identity"

    issuer: Mapped[str] = mapped_column(String(255), primary_key=True)
    subject: Mapped[str] = mapped_column(String(255), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    user: Mapped[User] = relationship()


class TokenFamily(Base):
    """A login without cookies, and the one refresh token it has."""

    __tablename__ = "token_family"

    id: Mapped[str] = mapped_column(String(22), primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    user_id: Mapped[int] = mapped_column(
        ForeignKey("user.id", ondelete="CASCADE"), index=True
    )
    login_hash: Mapped[str] = mapped_column(String(64))
    scope: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)


class Order(Base):
    """What a user, a guest's browser or a customer on the phone ordered."""

    __tablename__ = "order"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None] = mapped_column(
        ForeignKey("customer.id"), index=True
    )
    placed_at: Mapped[datetime] = mapped_column(Moment, default=now)
    status: Mapped[str] = mapped_column(String(10), server_default="placed")
    total_cents: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(
        ForeignKey("user.id"), index=True
    )
    guest: Mapped[str | None] = mapped_column(String(32), index=True)
    email: Mapped[str | None] = mapped_column(String(254))
    job: Mapped[str | None] = mapped_column(String(32))
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    lines: Mapped[list["Line"]] = relationship(
        cascade="all, delete-orphan", lazy="raise", order_by="Line.id"
    )


class Line(Base):
    """So many of a product, at the price of that day."""

    __tablename__ = "line"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    quantity: Mapped[int]
    price_cents: Mapped[int]


class Payment(Base):
    """Money asked for; its key is known before anybody is asked."""

    __tablename__ = "payment"

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id"), index=True)
    # the order while this may be, or become, its payment: one at a time
    claims: Mapped[int | None] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(
        String(36), unique=True, default=lambda: str(uuid4())
    )
    amount_cents: Mapped[int]
    state: Mapped[str] = mapped_column(String(8), default="pending")
    since: Mapped[datetime] = mapped_column(Moment, default=now)


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
