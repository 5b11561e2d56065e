"""The authorization server: the sign-in pages, and the token endpoint with its neighbours.

Owns: what is asked of people and clients, in which order, and every refusal in OAuth's own terms.
Does not own: who exists (`accounts`), a token's text, signature and life (`tokens`), how a page
looks (`pages`), nor what a good token may do (`iam`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.authserver import api_routes, browser_routes, home

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from gemauth.emulator.context import Context

__all__ = ["routes"]


def routes(context: Context) -> list[BaseRoute]:
    """Return the room's routes: what people see, then what programs call."""
    return [*browser_routes.routes(context), *home.routes(context), *api_routes.routes(context)]
