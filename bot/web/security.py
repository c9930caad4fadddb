"""The headers that every answer carries."""

from __future__ import annotations

from aiohttp import web

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Something that is not a page may do nothing at all, should a browser ever show it as one.
INERT_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"

_PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        "camera",
        "geolocation",
        "microphone",
        "payment",
        "usb",
        "browsing-topics",
        "display-capture",
    )
)
_ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": _PERMISSIONS,
    # same-origin, not no-referrer: that one would make browsers send `Origin: null` with our own forms.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# Where a secret stands in the address: nobody learns it, and our own forms keep their Origin.
SECRET_REFERRER_POLICY = "strict-origin"  # noqa: S105 - a policy, not a secret


def add_headers(response: web.StreamResponse, *, secure: bool) -> None:
    """Add what is missing; a handler may have set a header of its own before."""
    for name, value in _ALWAYS.items():
        response.headers.setdefault(name, value)
    is_page = response.content_type == "text/html"
    policy = CONTENT_SECURITY_POLICY if is_page else INERT_POLICY
    response.headers.setdefault("Content-Security-Policy", policy)
    if secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
