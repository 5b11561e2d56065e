"""What goes back to a browser: pages and redirects with their headers, and its cookie.

google-oauth.md section 8 (RFC 9700: no CORS, 303, no referrer, no framing, nothing kept). Used by
`browser_routes.py` and `home.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from gemauth.emulator import pages
from gemauth.emulator.accounts import sessions
from gemauth.emulator.authserver import redirect, views
from gemauth.google.client_secret import GCLOUD_CODE_PAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from gemauth.emulator.authserver.authorize import Authorization
    from gemauth.emulator.authserver.blocked import Blocked
    from gemauth.emulator.authserver.sign_in import Page
    from gemauth.oauth.authorization import AuthorizationResponse

__all__ = [
    "PAGE_PATH",
    "answer_page",
    "blocked_page",
    "cookie_name",
    "html_page",
    "page_url",
    "see_other",
    "set_cookie",
]

# The cookie's path too, so that the cookie reaches neither the program that listens on another
# port of this host nor any API.
COOKIE_PATH = "/o/oauth2"
PAGE_PATH = f"{COOKIE_PATH}/signin"
_PRIVATE = {
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
    "Referrer-Policy": "no-referrer",
}


def answer_page(
    request: Request, authorization: Authorization, response: AuthorizationResponse
) -> Response:
    """Return an answer to the app: a redirect, or the page that posts it (`response_mode`).

    gcloud's page at Google that shows the code is this emulator's here: no code goes to Google.
    """
    mode = authorization.request.response_mode
    if authorization.redirect_uri in GCLOUD_CODE_PAGES:
        values = views.code(authorization, response)
        return html_page(request, "code", values, hl=authorization.request.more.get("hl"))
    if mode == "form_post":
        return html_page(
            request,
            "answer",
            views.answer(authorization, response),
            hl=authorization.request.more.get("hl"),
            form_action=redirect.form_action(authorization.redirect_uri),
        )
    return see_other(redirect.location(authorization.redirect_uri, response, mode))


def blocked_page(
    request: Request, stop: Blocked, hl: str | None = None, another: str | None = None
) -> Response:
    """Return the page that a sign-in ends on.

    Args:
        request: whose `Accept-Language` counts where nothing else says the language.
        stop: why.
        hl: the authorization request's language.
        another: the address at which another account can be chosen, where that may help.
    """
    values = views.blocked(stop, {"another": another})
    hl = hl or stop.parameters.get("hl")
    return html_page(request, "blocked", values, hl=hl, status=stop.reason.status)


def html_page(
    request: Request,
    name: str,
    values: Mapping[str, Any],
    *,
    hl: str | None = None,
    status: int = 200,
    form_action: str = "",
) -> Response:
    """Return a page of `pages/templates`.

    Args:
        request: whose `Accept-Language` counts where `hl` is None.
        name: the template's.
        values: what it shows.
        hl: the language asked for.
        status: HTTP's.
        form_action: sources for the directive of this name, beside 'self' (CSP3).
    """
    language = pages.choose(hl, request.headers.get("accept-language"))
    policy = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action 'self' {form_action}".rstrip()
    )
    return Response(
        pages.render(name, language, **values),
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Language": language,
            "Content-Security-Policy": policy,
            **_PRIVATE,
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
        },
    )


def see_other(location: str) -> Response:
    """Redirect so that a form is not sent again to the target (RFC 9700 section 4.12)."""
    # Not RedirectResponse's own quoting: the target is compared and parsed by the app as it is.
    reply = RedirectResponse("/", status_code=303, headers=_PRIVATE)
    reply.headers["Location"] = location
    return reply


def page_url(page: Page, handle: str) -> str:
    """Return the address of a sign-in's page."""
    return f"{PAGE_PATH}/{page.value}?{urlencode({'request': handle})}"


def cookie_name(request: Request) -> str:
    """Return the cookie's name, with the port: cookies do not tell two emulators' ports apart."""
    return f"gemauth_emulator_{request.url.port or 80}"


def set_cookie(request: Request, reply: Response, cookie: str) -> None:
    """Have the browser keep its session's cookie."""
    # No `Secure`: the emulator answers plain http on loopback.
    reply.set_cookie(
        cookie_name(request),
        cookie,
        max_age=int(sessions.LIFETIME),
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
    )
