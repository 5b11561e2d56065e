"""A route of one of Google's services, which on Google's own hosts is found at that service's only.

The emulator has every service on one port and some paths (`/v1/operations/…`, all below `/v1`)
mean different things to different services. A program that came by Google's name has said which
service it means; on loopback the first room that knows the path answers (`app.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.routing import Match, Route

from gemauth.google.hosts import is_googles

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from starlette.types import Scope

__all__ = ["ServiceRoute"]


class ServiceRoute(Route):
    """A Starlette route that does not match on a host of Google's other than its service's.

    Nor does it match another HTTP method: Google's APIs say 404 to that, where Starlette says 405.

    Args:
        service: the host name, such as `iam.googleapis.com`.
        path, endpoint, methods, name: as Starlette's.
    """

    def __init__(
        self,
        service: str,
        path: str,
        endpoint: Callable[..., Any],
        *,
        methods: Sequence[str] | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(path, endpoint, methods=methods, name=name)
        self.service = service

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether this route answers a request, and what its path says."""
        host = Headers(scope=scope).get("host", "").partition(":")[0].lower().rstrip(".")
        if is_googles(host) and host != self.service:
            return Match.NONE, {}
        found = super().matches(scope)
        return found if found[0] is Match.FULL else (Match.NONE, {})
