"""The shop's tables."""

import secrets
import time
from enum import StrEnum

from sqlalchemy import Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, validates

from .extensions import Base


class Product(Base):
    """Something the shop sells."""

    __tablename__ = "product"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    price_cents: Mapped[int]


class Order(Base):
    """One product, ordered once, by one customer."""

    __tablename__ = "order"

    id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("user.id"))


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
