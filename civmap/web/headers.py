"""What every answer says to the browser about trust: a strict content policy, no sniffing, no framing."""

import secrets

from flask import Flask, Response, g, request

from civmap.web import csrf

PERMISSIONS = "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()"


def nonce() -> str:
    """Return this response's nonce for the one script that Folium writes."""
    if not hasattr(g, "nonce"):
        g.nonce = secrets.token_urlsafe(16)
    return g.nonce


def policy(script: str) -> str:
    """Return the content security policy; only scripts of our own host, or with this response's nonce, run."""
    return "; ".join((
        "default-src 'self'", f"script-src {script}", "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:", "connect-src 'self'", "font-src 'self'", "worker-src 'self'",
        "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ))


def always(is_https: bool) -> list[tuple[str, str]]:
    """Return what every answer carries, files included."""
    told = [("Content-Security-Policy", policy("'self'")), ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"), ("Permissions-Policy", PERMISSIONS), ("X-Frame-Options", "DENY"),
            ("Cross-Origin-Opener-Policy", "same-origin")]
    return [*told, ("Strict-Transport-Security", "max-age=31536000")] if is_https else told


def is_https() -> bool:
    """Tell whether this request came over TLS, directly or through the trusted proxy."""
    return request.is_secure


def add_to(app: Flask) -> None:
    """Put the headers on every answer of the application, errors included."""

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        if hasattr(g, "nonce"):
            headers.setdefault("Content-Security-Policy", policy(f"'self' 'nonce-{g.nonce}'"))
        for name, value in always(is_https()):
            headers.setdefault(name, value)
        headers.setdefault("Cache-Control", "no-store")
        if hasattr(g, "new_pre_session"):
            response.set_cookie(csrf.PRE_COOKIE, g.new_pre_session, max_age=86_400, httponly=True,
                                samesite="Lax", secure=is_https())
        return response
