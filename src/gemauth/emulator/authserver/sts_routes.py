"""The Security Token Service's routes (google-oauth.md 5.3), loaded when one of them is called.

Few programs do, and what reads external tokens would take a tenth of the emulator's start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.authserver import introspection, revocation, token, token_exchange
from gemauth.emulator.service_route import ServiceRoute
from gemauth.oauth.token import RefreshTokenGrant

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from gemauth.emulator.context import Context

__all__ = ["routes"]


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes; another method on a path is 404."""
    endpoints = {
        token_exchange.PATH: token_exchange.endpoint(context),
        token.REFRESH_PATH: token.endpoint(context, only=RefreshTokenGrant.grant_type),
        introspection.PATH: introspection.endpoint(context),
        revocation.STS_PATH: revocation.endpoint(context),
    }
    return [
        ServiceRoute(token_exchange.SERVICE, path, endpoint, methods=["POST"])
        for path, endpoint in endpoints.items()
    ]
