"""Who orders."""

from typing import Annotated

from flask import Blueprint
from pydantic import EmailStr, Field
from sqlalchemy.exc import IntegrityError

from .errors import Problem
from .extensions import db
from .models import Customer
from .quotes import Text
from .validation import Body

bp = Blueprint("customers", __name__, url_prefix="/customers")


class NewCustomer(Body):
    """Who wants to be a customer."""

    email: Annotated[EmailStr, Field(max_length=254)]
    name: Text = Field(min_length=1, max_length=80)


class EmailTaken(Problem):
    """Another customer has the address."""

    code = 409
    type = "https://shop.example/problems/email-taken"
    name = "Email taken"


@bp.post("")
def register() -> tuple[dict[str, object], int]:
    """Make a customer, unless another has the address."""
    wanted = NewCustomer.from_request()
    customer = Customer(email=wanted.email.lower(), name=wanted.name)
    db.session.add(customer)
    try:
        db.session.flush()
    except IntegrityError as error:
        db.session.rollback()
        if not has_customer(wanted.email):
            raise
        raise EmailTaken("Another customer has this address.") from error
    shown = {"id": customer.id, "email": customer.email, "name": customer.name}
    db.session.commit()
    return shown, 201


def has_customer(email: str) -> bool:
    """Say whether an address is a customer's."""
    found = db.select(Customer.id).where(Customer.email == email.lower())
    return db.session.scalar(found) is not None
