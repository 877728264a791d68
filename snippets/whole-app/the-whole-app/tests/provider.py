"""An OpenID provider, made with Authlib's server part."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from types import SimpleNamespace
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.sqla_oauth2 import OAuth2ClientMixin
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin
from authlib.oauth2.rfc6749.grants import AuthorizationCodeGrant
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, current_app, request
from joserfc.jwk import KeySet, RSAKey
from werkzeug.serving import BaseWSGIServer, make_server

KEY = RSAKey.generate_key(2048, {"kid": "first"})
SHOP = {
    "redirect_uris": ["http://localhost/oidc/callback"],
    "response_types": ["code"],
    "grant_types": ["authorization_code"],
    "scope": "openid email",
}


class Code(SimpleNamespace, AuthorizationCodeMixin):
    """What a code was given for."""

    def get_redirect_uri(self) -> str:
        """Give where the code was sent."""
        return str(self.redirect_uri)

    def get_scope(self) -> str:
        """Give what the code is good for."""
        return str(self.scope)


class Codes(AuthorizationCodeGrant):
    """Codes, each good once."""

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Keep what was asked for with a code."""
        kept = Code(**request.payload.data, code=code, user=request.user)
        current_app.extensions["codes"][code] = kept

    def query_authorization_code(self, code: str, client: Any) -> Any:
        """Find what a code was given for."""
        return current_app.extensions["codes"].get(code)

    def delete_authorization_code(self, authorization_code: Any) -> None:
        """Forget a code that was used."""
        del current_app.extensions["codes"][authorization_code.code]

    def authenticate_user(self, authorization_code: Any) -> Any:
        """Say who logged in."""
        return authorization_code.user


class IDTokens(OpenIDCode):
    """ID tokens, as a test wants them."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:
        """Take every nonce for new."""
        return False

    def resolve_client_private_key(self, client: Any) -> Any:
        """Give the key to sign with."""
        return current_app.config["KEY"]

    def get_encode_header(self, client: Any) -> dict[str, str]:
        """Name the key, and the way to sign."""
        kid = current_app.config["KEY"].kid
        return {"alg": self.get_client_algorithm(client), "kid": kid}

    def get_client_algorithm(self, client: Any) -> str:
        """Name the way to sign."""
        return str(current_app.config["ALGORITHM"])

    def get_authorization_code_claims(self, code: Any) -> dict[str, Any]:
        """Repeat the nonce, and name the issuer."""
        return {"nonce": code.nonce, "iss": current_app.config["ISSUER"]}

    def generate_user_info(self, user: str, scope: str) -> UserInfo:
        """Say who has come, and whatever the test wants."""
        return UserInfo({"sub": user, **current_app.config["CLAIMS"]})


def create_provider(port: int) -> Flask:
    """Build a provider that knows one client, the shop."""
    app = Flask("provider")
    issuer = f"http://localhost:{port}"
    app.config.update(ISSUER=issuer, KEY=KEY, ALGORITHM="RS256", ANSWERS={})
    app.config["CLAIMS"] = {"email": "ada@example.org", "email_verified": True}
    app.extensions["codes"] = {}
    shop = OAuth2ClientMixin()
    shop.client_id, shop.client_secret = "shop", "secret of the shop"
    shop.set_client_metadata(SHOP)
    server = AuthorizationServer(
        app, query_client={"shop": shop}.get, save_token=lambda *_: None
    )
    server.register_grant(Codes, [CodeChallenge(), IDTokens()])

    @app.before_request
    def answer() -> Any:
        return app.config["ANSWERS"].get(request.path)

    @app.get("/.well-known/openid-configuration")
    def discovery() -> dict[str, Any]:
        return {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/userinfo",
            "jwks_uri": f"{issuer}/jwks",
            "id_token_signing_alg_values_supported": ["RS256", "none"],
        }

    @app.get("/jwks")
    def jwks() -> Any:
        return KeySet([app.config["KEY"]]).as_dict(private=False)

    @app.post("/authorize")
    def authorize() -> Any:
        # what the form sends: who logs in, or nobody for Cancel
        grant: Any = server.get_consent_grant
        who = request.form.get("sub")
        return server.create_authorization_response(None, who, grant())

    @app.errorhandler(OAuth2Error)
    def refuse(error: OAuth2Error) -> tuple[str, int]:
        return str(error), 400

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    return app


@contextmanager
def served() -> Iterator[BaseWSGIServer]:
    """Serve on a free port, in a thread."""
    server = make_server("127.0.0.1", 0, Flask("none"))
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
