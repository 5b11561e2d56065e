"""The emulator as one ASGI app: every room's routes in one visible list."""

from __future__ import annotations

import secrets

from starlette.applications import Starlette
from starlette.types import ASGIApp

from gemauth.clock import Clock, SystemClock
from gemauth.emulator import authserver, cloud, control, gemini
from gemauth.emulator.context import Context, Entropy
from gemauth.emulator.settings import Settings
from gemauth.emulator.storage.sqlite import SqliteStore

__all__ = ["build", "open_context"]


def open_context(
    settings: Settings, *, clock: Clock | None = None, entropy: Entropy = secrets.token_bytes
) -> Context:
    """Open an emulator's store; the caller closes `context.store`.

    Raises:
        StoreUnreadableError: the data folder holds something else.
    """
    return Context(settings, SqliteStore(settings.data), clock or SystemClock(), entropy)


def build(context: Context) -> ASGIApp:
    """Return the app. Paths are Google's own; the hosts they live on there differ, the paths do not."""
    return Starlette(
        routes=[
            *authserver.routes(context),
            *cloud.routes(context),
            *control.routes(context),
            *gemini.routes(context),
        ]
    )
