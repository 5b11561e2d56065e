"""One method of the control API, and the ASGI endpoint that guards, reads, calls and answers.

Nothing here asks for a credential: the port is the developer's own. What must be kept out is a web
page in the developer's browser, so a request that a browser marks as another site's is refused, and
what changes anything needs a content type that a page cannot send without asking first (the
Fetch standard's CORS-safelisted types).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.routing import Route

from gemauth.emulator.control.document import Members, invalid
from gemauth.emulator.reply import base_url, json_reply, status_reply
from gemauth.emulator.tokens.signing import with_keys
from gemauth.google.payload import parse_json
from gemauth.google.status import Code, Status, StatusError
from gemauth.http import JSON, media_type

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from gemauth.emulator.context import Context, Entropy
    from gemauth.emulator.storage.store import Transaction

__all__ = ["ROOT", "Answer", "Call", "Endpoint", "not_found", "precondition"]

ROOT = "/_emulator/v1"
Answer = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the path's names, the body to be read, and what a decision may use.

    `prepared` is what `Endpoint.prepare` made before the transaction (a key pair).
    """

    path: Mapping[str, str]
    body: Members = field(repr=False)
    now: float
    entropy: Entropy
    base: str  # this emulator's address, as the caller wrote it
    context: Context
    prepared: Any = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A method.

    Args:
        verb: HTTP method; GET gets a read transaction.
        path: below `/_emulator/v1`, with names in braces.
        summary: what it does, for docs/control-api.md.
        decide: does it.
        body: the members of the body that it reads, for docs/control-api.md.
        prepare: does what takes long, before the transaction and off the event loop.
    """

    verb: str
    path: str
    summary: str
    decide: Callable[[Transaction, Call], Answer]
    body: str = ""
    prepare: Callable[[Context], Awaitable[Any]] | None = None

    def route(self, context: Context) -> Route:
        """Return the Starlette route that serves it."""

        async def endpoint(request: Request) -> Response:
            try:
                _refuse_other_sites(request)
                raw = await request.body()
                body = Members(_json(request, raw) if self.verb != "GET" else {})
                call = Call(
                    request.path_params,
                    body,
                    context.clock.now(),
                    context.entropy,
                    base_url(request),
                    context,
                    None if self.prepare is None else await self.prepare(context),
                )
                answer = await with_keys(context, lambda: self._answer(context, call))
            except StatusError as error:
                return status_reply(error)
            return json_reply(answer, headers={"Cache-Control": "no-store"})

        return Route(ROOT + self.path, endpoint, methods=[self.verb])

    def _answer(self, context: Context, call: Call) -> Answer:
        opened = context.store.read if self.verb == "GET" else context.store.write
        with opened() as tx:
            return self.decide(tx, call)


def not_found(text: str) -> StatusError:
    """Return the refusal of a name that nothing has."""
    return StatusError(Status(Code.NOT_FOUND, text))


def precondition(text: str) -> StatusError:
    """Return the refusal of what cannot be done as things stand."""
    return StatusError(Status(Code.FAILED_PRECONDITION, text))


def _refuse_other_sites(request: Request) -> None:
    origin = request.headers.get("origin")
    own = f"{request.url.scheme}://{request.url.netloc}"
    site = request.headers.get("sec-fetch-site", "none")
    if (origin is not None and origin != own) or site not in {"none", "same-origin"}:
        raise StatusError(
            Status(
                Code.PERMISSION_DENIED,
                "The control API takes no requests from pages of other sites. Use the "
                "gemauth emulator commands, or a program that sends no Origin header.",
            )
        )


def _json(request: Request, raw: bytes) -> Any:  # noqa: ANN401  # any JSON value
    if request.method == "DELETE" and not raw:
        return {}
    if media_type(request.headers) != JSON:
        raise invalid("", "The request needs Content-Type: application/json and a JSON object.")
    return parse_json(raw)
