"""The front page, for somebody who opens the emulator's address, and the files that pages load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gemauth.emulator import pages
from gemauth.emulator.authserver.browser_reply import html_page
from gemauth.emulator.authserver.browser_routes import AUTHORIZATION_PATHS
from gemauth.emulator.authserver.discovery import PATH as DISCOVERY_PATH
from gemauth.emulator.authserver.token import PATHS as TOKEN_PATHS
from gemauth.emulator.reply import base_url
from gemauth.emulator.storage.records import Account, OAuthClient, Project

if TYPE_CHECKING:
    from starlette.requests import Request

    from gemauth.emulator.context import Context

__all__ = ["routes"]

_ASSETS = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
_ADDRESSES = (
    ("home.authorization", AUTHORIZATION_PATHS[0]),
    ("home.token", TOKEN_PATHS[0]),
    ("home.discovery", DISCOVERY_PATH),
    ("home.gemini", "/v1  /v1beta  /v1alpha"),
    ("home.cloud", "/v1/projects/…  /v3/projects/…"),
    ("home.control", "/_emulator/v1"),
)


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes of the front page and of the pages' files."""

    async def home(request: Request) -> Response:
        with context.store.read() as tx:
            clients = tx.find(OAuthClient, state="active")
            theirs = {client.project_id for client in clients if client.kind == "first_party"}
            projects = tx.find(Project, state="ACTIVE")
            counts = [
                ("home.projects", sum(one.project_id not in theirs for one in projects)),
                ("home.accounts", len(tx.find(Account))),
                ("home.clients", sum(one.kind != "first_party" for one in clients)),
            ]
        values = {"base": base_url(request), "counts": counts, "addresses": _ADDRESSES}
        return html_page(request, "home", values)

    return [
        Route("/", home, methods=["GET"]),
        Route("/_emulator/pages/{name}", _asset, methods=["GET"]),
    ]


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _ASSETS:
        return Response("Not Found\n", status_code=404, media_type="text/plain")
    headers = {"Cache-Control": "public, max-age=3600", "X-Content-Type-Options": "nosniff"}
    return Response(pages.asset(name), media_type=_ASSETS[name], headers=headers)
