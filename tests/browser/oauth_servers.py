"""A shop and an OpenID provider, served on free ports until the standard input ends.

Run in the project of the page security/oauth-and-oidc; prints the address of each.
"""

import sys
import threading
from pathlib import Path

from flask import Flask, request
from werkzeug.serving import BaseWSGIServer, make_server

sys.path[:0] = [str(Path.cwd()), str(Path.cwd() / "src")]

from myapp import create_app, oidc  # noqa: E402 - the project is found only now
from myapp.extensions import db  # noqa: E402

from tests import provider  # noqa: E402

FORM = '<form method="post"><label>Who are you?<input name="sub" required></label><button>Log in</button></form>'
START = '<form method="post" action="/oidc/login?next=/accounts/me"><button>Log in with the provider</button></form>'


def serve(server: BaseWSGIServer, app: Flask) -> None:
    """Serve an app in a thread, on a server that has its port already."""
    server.app = app
    threading.Thread(target=server.serve_forever, daemon=True).start()


def build_provider(port: int) -> Flask:
    """Build the provider that the page's tests use, with a form to log in by."""
    app = provider.create_provider(port)
    app.config["ANSWERS"] = {}

    @app.before_request
    def show_form() -> str | None:
        return FORM if (request.path, request.method) == ("/authorize", "GET") else None

    return app


def build_shop(issuer: str, same_site: str) -> Flask:
    """Build a shop that asks the provider; the setting goes past the check that refuses it."""
    app = create_app({"SECRET_KEY": "browser " * 8, "SQLALCHEMY_DATABASE_URI": "sqlite:///browser.db", "SESSION_COOKIE_SAMESITE": "Lax"})
    names = {"ISSUER": issuer, "CLIENT_ID": "shop", "CLIENT_SECRET": "secret of the shop"}
    app.config.update({f"OIDC_{name}": value for name, value in names.items()})
    oidc.init_app(app)
    app.config["SESSION_COOKIE_SAMESITE"] = same_site
    with app.app_context():
        db.drop_all()
        db.create_all()
    app.add_url_rule("/start", view_func=lambda: START, endpoint="start")
    return app


def main(same_site: str) -> None:
    """Serve both; the shop's address is of another site than the provider's."""
    server, other = (make_server("127.0.0.1", 0, Flask("none"), threaded=True) for _ in range(2))
    address, issuer = f"http://127.0.0.1:{server.port}", f"http://localhost:{other.port}"
    provider.SHOP["redirect_uris"].append(f"{address}/oidc/callback")
    serve(other, build_provider(other.port))
    serve(server, build_shop(issuer, same_site))
    print(address, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1])
