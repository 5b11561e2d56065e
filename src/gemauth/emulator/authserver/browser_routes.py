"""What people's browsers see: the authorization endpoint, the sign-in pages, the front page.

google-oauth.md sections 1 and 8 (RFC 9700: no CORS, 303, no referrer, no framing, a token in every
form).
Everything is under /o/oauth2, the cookie's path, so that the cookie reaches neither the program
that listens on another port of this host nor any API.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from gemauth.emulator import pages
from gemauth.emulator.accounts import sessions
from gemauth.emulator.authserver import consent, pending, redirect, sign_in, views
from gemauth.emulator.authserver.authorize import Authorization, authorize
from gemauth.emulator.authserver.blocked import Blocked, Reason
from gemauth.emulator.authserver.form import read_pairs
from gemauth.emulator.authserver.sign_in import Page
from gemauth.emulator.reply import base_url
from gemauth.emulator.storage.records import (
    Account,
    BrowserSession,
    OAuthClient,
    PendingAuthorization,
    Project,
)
from gemauth.emulator.tokens import shape
from gemauth.oauth.authorization import AuthorizationResponse

if TYPE_CHECKING:
    from gemauth.emulator.context import Context
    from gemauth.emulator.storage.store import Transaction

__all__ = ["AUTHORIZATION_PATHS", "COOKIE_PATH", "routes"]

AUTHORIZATION_PATHS = ("/o/oauth2/v2/auth", "/o/oauth2/auth")
COOKIE_PATH = "/o/oauth2"
_PAGE_PATH = f"{COOKIE_PATH}/signin"
_ASSETS = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
_ADDRESSES = (
    ("home.authorization", AUTHORIZATION_PATHS[0]),
    ("home.token", "/token"),
    ("home.discovery", "/.well-known/openid-configuration"),
    ("home.gemini", "/v1  /v1beta  /v1alpha"),
    ("home.cloud", "/v1/projects/…  /v3/projects/…"),
    ("home.control", "/_emulator/v1"),
)
_SWEEP_EVERY = 60.0

_Pairs = list[tuple[str, str]]


def routes(context: Context) -> list[BaseRoute]:
    """Return the browser half of the room's routes."""
    browser = _Browser(context)
    return [
        *(Route(path, browser.authorize, methods=["GET", "POST"]) for path in AUTHORIZATION_PATHS),
        *(
            Route(f"{_PAGE_PATH}/{page.value}", browser.page(page), methods=["GET", "POST"])
            for page in Page
        ),
        Route("/_emulator/pages/{name}", _asset, methods=["GET"]),
        Route("/", browser.home, methods=["GET"]),
    ]


@dataclass(frozen=True, slots=True)
class _Visit:
    """A browser on a page: its request, its session, and the account once chosen."""

    cookie: str
    handle: str
    session: BrowserSession
    kept: PendingAuthorization
    authorization: Authorization
    account: Account | None


_Endpoint = Callable[[Request], Awaitable[Response]]
# What a decision comes to: a page with its values, another page of the same sign-in, the answer.
_Outcome = tuple[str, dict[str, Any]] | Page | Blocked | AuthorizationResponse


class _Browser:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._swept_at = float("-inf")

    # --- the authorization endpoint

    async def authorize(self, request: Request) -> Response:
        """GET, or a form's POST, of an authorization request."""
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        if request.method == "POST":
            pairs += await read_pairs(request)
        cookie = request.cookies.get(_cookie_name(request))
        now, entropy = self._context.clock.now(), self._context.entropy
        with self._context.store.write() as tx:
            self._sweep(tx, now)
            authorization = authorize(tx, pairs)
            if isinstance(authorization, Blocked):
                return _blocked_page(request, authorization)
            if request.method == "POST":
                # A POST from another site comes without the cookie (SameSite=Lax); the GET has it.
                return _see_other(f"{request.url.path}?{urlencode(pairs)}")
            session = sessions.current(tx, now, cookie)
            if session is None or cookie is None:
                cookie = shape.browser_cookie(entropy)
                session = sessions.start(tx, now, cookie)
            account = sign_in.first_account(tx, authorization, session.subs)
            step: Page | Blocked | AuthorizationResponse
            if isinstance(account, Account):
                step = sign_in.next_step(tx, now, entropy, authorization, account, warned=False)
            else:
                step = account or Page.ACCOUNT
            if isinstance(step, Blocked) and "none" in authorization.prompt:
                return _blocked_page(request, step)
            if not isinstance(step, AuthorizationResponse):
                sub = account.sub if isinstance(account, Account) else None
                handle = pending.begin(tx, now, entropy, session, authorization.parameters, sub)
        if isinstance(step, AuthorizationResponse):
            reply = _answer(request, authorization, step)
        else:
            # A refusal is shown by the page that it stands in the way of, so that reloading that
            # page after the cure goes on.
            reply = _see_other(_page_url(step if isinstance(step, Page) else Page.CONSENT, handle))
        _set_cookie(request, reply, cookie)
        return reply

    # --- the pages

    def page(self, page: Page) -> _Endpoint:
        """Return the endpoint of one page."""

        async def endpoint(request: Request) -> Response:
            fields = await read_pairs(request) if request.method == "POST" else None
            values = request.query_params if fields is None else dict(fields)
            cookie = request.cookies.get(_cookie_name(request), "")
            handle = values.get("request", "")
            now = self._context.clock.now()
            with self._context.store.write() as tx:
                visit = self._visit(tx, now, cookie, handle)
                if isinstance(visit, Blocked):
                    return _blocked_page(request, visit)
                if fields is None:
                    outcome = self._show(tx, now, page, visit)
                else:
                    outcome = self._submit(tx, now, page, visit, fields)
                if isinstance(outcome, AuthorizationResponse):
                    pending.end(tx, handle)
            return _reply(request, visit, outcome)

        return endpoint

    def _visit(self, tx: Transaction, now: float, cookie: str, handle: str) -> _Visit | Blocked:
        session = sessions.current(tx, now, cookie)
        kept = pending.find(tx, now, session, handle) if session is not None else None
        if session is None or kept is None:
            return _stale(
                "The sign-in's handle is unknown here, was used, or belongs to another browser."
            )
        authorization = authorize(tx, [*kept.parameters.items()])
        if isinstance(authorization, Blocked):
            return authorization
        account = tx.get(Account, kept.sub) if kept.sub is not None else None
        return _Visit(cookie, handle, session, kept, authorization, account)

    def _next(
        self, tx: Transaction, now: float, visit: _Visit
    ) -> Page | Blocked | AuthorizationResponse:
        if visit.account is None:
            return Page.ACCOUNT
        return sign_in.next_step(
            tx,
            now,
            self._context.entropy,
            visit.authorization,
            visit.account,
            warned=visit.kept.warned,
        )

    def _show(self, tx: Transaction, now: float, page: Page, visit: _Visit) -> _Outcome:
        authorization, account = visit.authorization, visit.account
        if page is Page.ACCOUNT:
            found = sign_in.candidates(tx, authorization, visit.session.subs)
            values = views.account(authorization, found)
            return "account", {**values, "csrf": _token(visit, page)}
        due = self._next(tx, now, visit)
        if due is not page or account is None:
            return due
        if page is Page.WARNING:
            values = views.warning(authorization, account)
            return "warning", {**values, "csrf": _token(visit, page)}
        standing = consent.consent(tx, authorization, account)
        values = views.consent(authorization, account, standing)
        return "consent", {**values, "csrf": _token(visit, page, standing.offered)}

    def _submit(
        self, tx: Transaction, now: float, page: Page, visit: _Visit, fields: _Pairs
    ) -> _Outcome:
        values = dict(fields)
        authorization, account = visit.authorization, visit.account
        offered: tuple[str, ...] = ()
        if page is Page.CONSENT and account is not None:
            offered = consent.consent(tx, authorization, account).offered
        if not sessions.form_token_is_valid(
            visit.cookie, _purpose(visit, page, offered), values.get("csrf", "")
        ):
            return _stale(
                "The form's csrf field does not belong to this browser, sign-in and page."
            )
        if page is Page.ACCOUNT:
            return self._choose(tx, now, visit, values.get("sub", ""))
        action = values.get("action")
        if action in {"back", "cancel"}:
            # What Google's "Back to safety" tells the app is not documented; ours ends the wait.
            return consent.refusal(authorization, "access_denied")
        if page is Page.WARNING and action == "continue":
            kept = replace(visit.kept, warned=True)
            tx.replace(kept)
            return self._next(tx, now, replace(visit, kept=kept))
        due = self._next(tx, now, visit)
        if due is not page or account is None or action != "allow":
            return due
        ticked = [value for name, value in fields if name == "scope"]
        return consent.allow(tx, now, self._context.entropy, authorization, account, ticked)

    def _choose(
        self, tx: Transaction, now: float, visit: _Visit, sub: str
    ) -> Page | Blocked | AuthorizationResponse:
        chosen = tx.get(Account, sub)
        if chosen is None:
            return Page.ACCOUNT
        sessions.remember(tx, visit.session, sub)
        kept = replace(visit.kept, sub=sub, warned=False)  # another person is warned anew
        tx.replace(kept)
        return self._next(tx, now, replace(visit, kept=kept, account=chosen))

    def _sweep(self, tx: Transaction, now: float) -> None:
        """Delete what has ended, at most once a minute: what has ended is also never found."""
        if now - self._swept_at >= _SWEEP_EVERY:
            pending.sweep(tx, now)
            sessions.sweep(tx, now)
            self._swept_at = now

    # --- the front page

    async def home(self, request: Request) -> Response:
        """Say what this is, to somebody who opens its address."""
        with self._context.store.read() as tx:
            clients = tx.find(OAuthClient, state="active")
            theirs = {client.project_id for client in clients if client.kind == "first_party"}
            projects = tx.find(Project, state="ACTIVE")
            counts = [
                ("home.projects", sum(one.project_id not in theirs for one in projects)),
                ("home.accounts", len(tx.find(Account))),
                ("home.clients", sum(one.kind != "first_party" for one in clients)),
            ]
        values = {"base": base_url(request), "counts": counts, "addresses": _ADDRESSES}
        return _html(request, "home", values)


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        return Response("Not Found\n", status_code=404, media_type="text/plain")
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(pages.asset(name), media_type=_ASSETS[name], headers=headers)


# --- answers


def _reply(request: Request, visit: _Visit, outcome: _Outcome) -> Response:
    match outcome:
        case AuthorizationResponse():
            return _answer(request, visit.authorization, outcome)
        case Blocked():
            another = (
                None if outcome.reason is Reason.STALE else _page_url(Page.ACCOUNT, visit.handle)
            )
            return _blocked_page(
                request, outcome, visit.authorization.request.more.get("hl"), another
            )
        case Page():
            return _see_other(_page_url(outcome, visit.handle))
        case (name, values):
            return _html(
                request,
                name,
                {
                    **values,
                    "action": f"{_PAGE_PATH}/{name}",
                    "request": visit.handle,
                    "switch": _page_url(Page.ACCOUNT, visit.handle),
                },
                hl=visit.authorization.request.more.get("hl"),
                form_action=redirect.form_action(visit.authorization.redirect_uri),
            )


def _answer(
    request: Request, authorization: Authorization, response: AuthorizationResponse
) -> Response:
    mode = authorization.request.response_mode
    if mode == "form_post":
        return _html(
            request,
            "answer",
            views.answer(authorization, response),
            hl=authorization.request.more.get("hl"),
            form_action=redirect.form_action(authorization.redirect_uri),
        )
    return _see_other(redirect.location(authorization.redirect_uri, response, mode))


def _blocked_page(
    request: Request, stop: Blocked, hl: str | None = None, another: str | None = None
) -> Response:
    values = views.blocked(stop, {"another": another})
    hl = hl or stop.parameters.get("hl")
    return _html(request, "blocked", values, hl=hl, status=stop.reason.status)


def _stale(detail: str) -> Blocked:
    return Blocked(Reason.STALE, detail, "Start again at the authorization URL, with one browser.")


def _html(
    request: Request,
    name: str,
    values: Mapping[str, Any],
    *,
    hl: str | None = None,
    status: int = 200,
    form_action: str = "",
) -> Response:
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


_PRIVATE = {
    "Cache-Control": "no-store",
    "Pragma": "no-cache",
    "Referrer-Policy": "no-referrer",
}


def _see_other(location: str) -> Response:
    """Redirect so that a form is not sent again to the target (RFC 9700 section 4.12)."""
    # Not RedirectResponse's own quoting: the target is compared and parsed by the app as it is.
    reply = RedirectResponse("/", status_code=303, headers=_PRIVATE)
    reply.headers["Location"] = location
    return reply


def _page_url(page: Page, handle: str) -> str:
    return f"{_PAGE_PATH}/{page.value}?{urlencode({'request': handle})}"


# --- the browser's side


def _cookie_name(request: Request) -> str:
    """Return the cookie's name, with the port: cookies do not tell two emulators' ports apart."""
    return f"gemauth_emulator_{request.url.port or 80}"


def _set_cookie(request: Request, reply: Response, cookie: str) -> None:
    # No `Secure`: the emulator answers plain http on loopback.
    reply.set_cookie(
        _cookie_name(request),
        cookie,
        max_age=int(sessions.LIFETIME),
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
    )


def _purpose(visit: _Visit, page: Page, offered: tuple[str, ...] = ()) -> str:
    """Return what a form's token stands for; on the consent page also for what was shown."""
    return " ".join((page.value, visit.handle, *offered))


def _token(visit: _Visit, page: Page, offered: tuple[str, ...] = ()) -> str:
    return sessions.form_token(visit.cookie, _purpose(visit, page, offered))
