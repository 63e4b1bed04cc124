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


def policy() -> str:
    """Return the content security policy; only scripts of our own host, or with this response's nonce, run."""
    script = f"'self' 'nonce-{g.nonce}'" if hasattr(g, "nonce") else "'self'"
    return "; ".join((
        "default-src 'self'", f"script-src {script}", "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:", "connect-src 'self'", "font-src 'self'", "worker-src 'self'",
        "object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'",
    ))


def is_https() -> bool:
    """Tell whether this request came over TLS, directly or through the trusted proxy."""
    return request.is_secure


def add_to(app: Flask) -> None:
    """Put the headers on every answer of the application, errors included."""

    @app.after_request
    def _headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy())
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cache-Control", "no-store")
        if is_https():
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if hasattr(g, "new_pre_session"):
            response.set_cookie(csrf.PRE_COOKIE, g.new_pre_session, max_age=86_400, httponly=True,
                                samesite="Lax", secure=is_https())
        return response
