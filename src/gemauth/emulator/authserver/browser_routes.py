"""What people's browsers ask for: the authorization endpoint and the sign-in pages.

google-oauth.md sections 1 and 8 (RFC 9700: a token in every form). How the answers look and which
headers they carry is `browser_reply.py`'s.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gemauth.emulator.accounts import sessions
from gemauth.emulator.authserver import consent, pending, redirect, sign_in, views
from gemauth.emulator.authserver.authorize import Authorization, authorize
from gemauth.emulator.authserver.blocked import Blocked, Reason
from gemauth.emulator.authserver.browser_reply import (
    PAGE_PATH,
    answer_page,
    blocked_page,
    cookie_name,
    html_page,
    page_url,
    see_other,
    set_cookie,
)
from gemauth.emulator.authserver.form import read_pairs
from gemauth.emulator.authserver.sign_in import Page
from gemauth.emulator.storage.records import (
    Account,
    BrowserSession,
    PendingAuthorization,
)
from gemauth.emulator.tokens import shape
from gemauth.oauth.authorization import AuthorizationResponse

if TYPE_CHECKING:
    from gemauth.emulator.context import Context
    from gemauth.emulator.storage.store import Transaction

__all__ = ["AUTHORIZATION_PATHS", "routes"]

AUTHORIZATION_PATHS = ("/o/oauth2/v2/auth", "/o/oauth2/auth")
_SWEEP_EVERY = 60.0

_Pairs = list[tuple[str, str]]


def routes(context: Context) -> list[BaseRoute]:
    """Return the browser half of the room's routes."""
    browser = _Browser(context)
    return [
        *(Route(path, browser.authorize, methods=["GET", "POST"]) for path in AUTHORIZATION_PATHS),
        *(
            Route(f"{PAGE_PATH}/{page.value}", browser.page(page), methods=["GET", "POST"])
            for page in Page
        ),
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
        cookie = request.cookies.get(cookie_name(request))
        now, entropy = self._context.clock.now(), self._context.entropy
        with self._context.store.write() as tx:
            self._sweep(tx, now)
            authorization = authorize(tx, pairs)
            if isinstance(authorization, Blocked):
                return blocked_page(request, authorization)
            if request.method == "POST":
                # A POST from another site comes without the cookie (SameSite=Lax); the GET has it.
                return see_other(f"{request.url.path}?{urlencode(pairs)}")
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
                return blocked_page(request, step)
            if not isinstance(step, AuthorizationResponse):
                sub = account.sub if isinstance(account, Account) else None
                handle = pending.begin(tx, now, entropy, session, authorization.parameters, sub)
        if isinstance(step, AuthorizationResponse):
            reply = answer_page(request, authorization, step)
        else:
            # A refusal is shown by the page that it stands in the way of, so that reloading that
            # page after the cure goes on.
            reply = see_other(page_url(step if isinstance(step, Page) else Page.CONSENT, handle))
        set_cookie(request, reply, cookie)
        return reply

    # --- the pages

    def page(self, page: Page) -> _Endpoint:
        """Return the endpoint of one page."""

        async def endpoint(request: Request) -> Response:
            fields = await read_pairs(request) if request.method == "POST" else None
            values = request.query_params if fields is None else dict(fields)
            cookie = request.cookies.get(cookie_name(request), "")
            handle = values.get("request", "")
            now = self._context.clock.now()
            with self._context.store.write() as tx:
                visit = self._visit(tx, now, cookie, handle)
                if isinstance(visit, Blocked):
                    return blocked_page(request, visit)
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
        sessions.remember(tx, now, visit.session, sub)
        kept = replace(visit.kept, sub=sub, warned=False)  # another person is warned anew
        tx.replace(kept)
        return self._next(tx, now, replace(visit, kept=kept, account=chosen))

    def _sweep(self, tx: Transaction, now: float) -> None:
        """Delete what has ended, at most once a minute: what has ended is also never found."""
        if now - self._swept_at >= _SWEEP_EVERY:
            pending.sweep(tx, now)
            sessions.sweep(tx, now)
            self._swept_at = now


def _reply(request: Request, visit: _Visit, outcome: _Outcome) -> Response:
    match outcome:
        case AuthorizationResponse():
            return answer_page(request, visit.authorization, outcome)
        case Blocked():
            another = (
                None if outcome.reason is Reason.STALE else page_url(Page.ACCOUNT, visit.handle)
            )
            return blocked_page(
                request, outcome, visit.authorization.request.more.get("hl"), another
            )
        case Page():
            return see_other(page_url(outcome, visit.handle))
        case (name, values):
            return html_page(
                request,
                name,
                {
                    **values,
                    "action": f"{PAGE_PATH}/{name}",
                    "request": visit.handle,
                    "switch": page_url(Page.ACCOUNT, visit.handle),
                },
                hl=visit.authorization.request.more.get("hl"),
                form_action=redirect.form_action(visit.authorization.redirect_uri),
            )


def _stale(detail: str) -> Blocked:
    return Blocked(Reason.STALE, detail, "Start again at the authorization URL, with one browser.")


def _purpose(visit: _Visit, page: Page, offered: tuple[str, ...] = ()) -> str:
    """Return what a form's token stands for; on the consent page also for what was shown."""
    return " ".join((page.value, visit.handle, *offered))


def _token(visit: _Visit, page: Page, offered: tuple[str, ...] = ()) -> str:
    return sessions.form_token(visit.cookie, _purpose(visit, page, offered))
