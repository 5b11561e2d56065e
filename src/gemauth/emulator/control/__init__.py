"""The control API: what a person does in the Cloud console, done by programs.

Owns: `/_emulator/v1/`, its documents and the seed. Does not own: what a project, an account or a
role is (`iam`, `accounts`), nor the same things' own Google APIs (`cloud`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from gemauth.emulator.control.endpoint import ROOT, not_found
from gemauth.emulator.control.methods import METHODS
from gemauth.emulator.reply import status_reply

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute

    from gemauth.emulator.context import Context

__all__ = ["routes"]


def routes(context: Context) -> list[BaseRoute]:
    """Return the control API's routes; the last answers every path that has no method."""
    verbs = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    return [
        *(method.route(context) for method in METHODS),
        Route(ROOT + "/{rest:path}", _unknown, methods=verbs),
    ]


async def _unknown(request: Request) -> Response:
    return status_reply(
        not_found(
            f"The control API has no {request.method} {request.url.path}. "
            "docs/control-api.md lists its methods."
        )
    )
