"""The emulator as one ASGI app: every room's routes in one visible list."""

from __future__ import annotations

import secrets
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match

from gemauth.clock import Clock, SystemClock
from gemauth.emulator import authserver
from gemauth.emulator.authority import Authority
from gemauth.emulator.context import Context, Entropy
from gemauth.emulator.iam import first_party
from gemauth.emulator.reply import html_reply, status_reply
from gemauth.emulator.storage.sqlite import SqliteStore
from gemauth.emulator.tokens.sweep import sweep
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from gemauth.emulator.settings import Settings

__all__ = ["build", "open_context"]

_ROUTE = "gemauth.route"
_STS = ("/v1/token", "/v1/oauthtoken", "/v1/introspect", "/v1/revoke")


def open_context(
    settings: Settings, *, clock: Clock | None = None, entropy: Entropy = secrets.token_bytes
) -> Context:
    """Open an emulator's store; the caller closes `context.store`.

    Raises:
        StoreUnreadableError: the data folder holds something else.
    """
    context = Context(
        settings,
        SqliteStore(settings.data),
        clock or SystemClock(),
        entropy,
        authority=Authority(settings.data),
    )
    with context.store.write() as tx:
        first_party.install(tx, context.clock.now())
        sweep(tx, context.clock.now())
    return context


def build(context: Context) -> ASGIApp:
    """Return the app. Paths are Google's own; there they live on several hosts.

    Rooms are tried in their order: `metadata` takes `/` from programs that look for a metadata
    server and leaves it to the home page otherwise; `cloud` knows paths below /v1 that `gemini`
    would answer with 404. The authorization server's room is there from the start, since a program
    comes there first, but for its token exchange; the others are imported when a request comes to
    them.
    """
    app = Starlette(
        routes=[
            _Room("metadata", context, ("/computeMetadata",), root=True),
            _Room("control", context, ("/_emulator/v1/",)),
            *authserver.routes(context),
            _Room("authserver.sts_routes", context, _STS),
            _Room("cloud", context, ("/v1/", "/v3/")),
            _Room("gemini", context, ("/",)),
        ],
        exception_handlers={HTTPException: _unknown, Exception: _defect},
    )
    # A path with one slash more is another path, as at Google: no secret is sent to it a second
    # time (Starlette's redirect is a 307, which repeats the body).
    app.router.redirect_slashes = False
    return _with_grpc(context, app)


class _Room(BaseRoute):
    """A room whose module is imported at the first request whose path begins as one of its own.

    `root` says whether it may want the path `/` too.
    """

    def __init__(
        self, name: str, context: Context, beginnings: tuple[str, ...], *, root: bool = False
    ) -> None:
        self._name = name
        self._context = context
        self._beginnings = beginnings
        self._root = root

    @cached_property
    def _routes(self) -> list[BaseRoute]:
        room = import_module(f"gemauth.emulator.{self._name}")
        routes: list[BaseRoute] = room.routes(self._context)
        return routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return the best match of the room's routes, which `handle` then finds in the scope."""
        path = scope["path"]
        if not path.startswith(self._beginnings) and not (self._root and path == "/"):
            return Match.NONE, {}
        partial: tuple[Match, Scope] = (Match.NONE, {})
        for route in self._routes:
            match, child = route.matches(scope)
            if match is not Match.NONE:
                found = match, {**child, _ROUTE: route}
                if match is Match.FULL:
                    return found
                if partial[0] is Match.NONE:
                    partial = found
        return partial

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer by the route that matched."""
        await scope[_ROUTE].handle(scope, receive, send)


def _with_grpc(context: Context, app: ASGIApp) -> ASGIApp:
    """Return an app that sends gRPC calls elsewhere: to what is loaded for the first of them."""

    @cache
    def grpc() -> ASGIApp:
        from gemauth.emulator.gemini.grpc import GrpcApp

        return GrpcApp(context)

    async def dispatch(scope: Scope, receive: Receive, send: Send) -> None:
        is_grpc = any(
            name == b"content-type" and value.startswith(b"application/grpc")
            for name, value in scope.get("headers", ())
        )
        chosen = grpc() if is_grpc else app
        await chosen(scope, receive, send)

    return dispatch


async def _unknown(_: Request, error: Exception) -> Response:
    """Answer a path or method that no room has."""
    assert isinstance(error, HTTPException)
    text = "This path does not exist" if error.status_code == 404 else error.detail
    return html_reply(f"{text}.", error.status_code, error.headers)


async def _defect(_: Request, __: Exception) -> Response:
    """Answer a defect with nothing from inside; Starlette raises it on, and the server logs it."""
    return status_reply(StatusError(Status(Code.INTERNAL, "Internal error encountered.")))
