"""Who the customers are."""

from typing import Annotated

from flask import Blueprint, abort, session
from pydantic import AfterValidator, EmailStr, Field
from werkzeug.exceptions import HTTPException
from werkzeug.security import check_password_hash, generate_password_hash

from .extensions import db
from .models import Customer
from .validation import Body

bp = Blueprint("login", __name__, url_prefix="/login")

NOBODY = generate_password_hash("nobody")


class Credentials(Body):
    """Who somebody says he is."""

    email: Annotated[
        EmailStr, Field(max_length=254), AfterValidator(str.lower)
    ]
    password: str = Field(max_length=200)


def account() -> str:
    """Name the account as the login will look it up."""
    try:
        return Credentials.from_request().email
    except HTTPException:
        return "none"


@bp.post("")
def login() -> dict[str, object]:
    """Begin a new session for a customer who knows the password."""
    given = Credentials.from_request()
    query = db.select(Customer).filter_by(email=given.email)
    customer = db.session.scalar(query)
    known = customer.password_hash if customer else NOBODY
    if not check_password_hash(known, given.password) or customer is None:
        abort(401)
    session.clear()
    session["customer"] = customer.id
    return {"customer": customer.id}
