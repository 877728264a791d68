"""Headers that every answer carries."""

import secrets

from flask import Flask, Response, g, request

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
POLICY = (
    "default-src 'none'; connect-src 'self'; img-src 'self'; "
    "style-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; script-src "
)


def init_app(app: Flask) -> None:
    """Protect every answer of a shop."""
    app.add_template_global(csp_nonce)
    app.after_request(protect)


def csp_nonce() -> str:
    """Give the word by which scripts of this answer may run."""
    nonce: str = g.setdefault("csp_nonce", secrets.token_urlsafe(16))
    return nonce


def protect(response: Response) -> Response:
    """Set what the view has not set itself."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    scripts = f"'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'none'"
    response.headers.setdefault("Content-Security-Policy", POLICY + scripts)
    if request.is_secure:
        response.headers.setdefault(
            "Strict-Transport-Security", "max-age=31536000"
        )
    return response
