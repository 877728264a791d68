"""Who is asking."""

from flask import Blueprint, abort, g, session

bp = Blueprint("visitors", __name__, url_prefix="/visitors")


def current_visitor() -> str | None:
    """Give the name of who is asking; look it up once a request."""
    if "visitor" not in g:
        g.visitor = session.get("visitor")
    name: str | None = g.visitor
    return name


@bp.get("/me")
def me() -> dict[str, str]:
    """Tell known visitors who they are."""
    name = current_visitor()
    if name is None:
        abort(401)
    return {"name": name}
