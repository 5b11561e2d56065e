"""One REST method of a Cloud API, and the endpoint that admits its callers and answers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gemauth.emulator.iam.admission import Call, Caller, Carriers, admit
from gemauth.emulator.iam.policy import has_permission
from gemauth.emulator.iam.projects import find_project
from gemauth.emulator.paging import Pager
from gemauth.emulator.reply import base_url, json_reply, status_reply, takes_errors
from gemauth.emulator.service_route import ServiceRoute
from gemauth.emulator.storage.store import Transaction
from gemauth.emulator.tokens.signing import with_keys
from gemauth.google import refusals
from gemauth.google.payload import parse_json
from gemauth.google.scopes import CLOUD_PLATFORM
from gemauth.google.status import Code, Status, StatusError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from gemauth.emulator.context import Context, Entropy
    from gemauth.emulator.storage.records import Project

__all__ = [
    "Arguments",
    "Decision",
    "Rpc",
    "active_project",
    "invalid_argument",
    "not_found",
    "require",
]


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a decision is given: the caller, the request's parts, time and randomness.

    `prepared` is what `Rpc.prepare` made before the transaction (a key pair).
    """

    caller: Caller
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    body: Mapping[str, Any] = field(repr=False)
    now: float
    entropy: Entropy
    base_url: str
    pager: Pager = field(repr=False)
    prepared: Any = field(default=None, repr=False)

    @property
    def email(self) -> str:
        """The caller's e-mail: these APIs take no bare keys, so there is one."""
        return self.caller.email or ""

    @property
    def identity(self) -> str | tuple[str, ...]:
        """Whom policies are asked about: the e-mail's owner, or a federated identity."""
        return self.caller.credential.identity


Decision = Callable[[Transaction, Arguments], Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Rpc:
    """A method: its HTTP rule, its service and full name, its decision."""

    verb: str
    path: str
    service: str
    name: str
    decide: Decision
    prepare: Callable[[Context], Awaitable[Any]] | None = None
    scopes: tuple[str, ...] = (CLOUD_PLATFORM,)

    def route(self, context: Context) -> Route:
        """Return the Starlette route that serves it."""
        call = Call(self.service, self.name, self.scopes)
        pager = Pager(context.entropy(32))  # a token is good until the emulator restarts

        async def endpoint(request: Request) -> Response:
            try:
                raw = await request.body()
                carriers = Carriers.of(request.headers, dict(request.query_params))
                prepared = None
                if self.prepare is not None:
                    # Admission comes first here too: a stranger makes no key.
                    with context.store.read() as tx:
                        admit(tx, context.clock.now(), call, carriers)
                    _json(raw)
                    prepared = await self.prepare(context)
                reply = await with_keys(
                    context,
                    lambda: self._decided(context, call, carriers, request, raw, pager, prepared),
                )
            except StatusError as error:
                error_format = request.query_params.get("$.xgafv")
                return status_reply(error, with_errors=takes_errors(request.headers, error_format))
            return json_reply(reply)

        return ServiceRoute(self.service, self.path, endpoint, methods=[self.verb], name=self.name)

    def _decided(
        self,
        context: Context,
        call: Call,
        carriers: Carriers,
        request: Request,
        raw: bytes,
        pager: Pager,
        prepared: Any,  # noqa: ANN401  # see Arguments
    ) -> Mapping[str, Any]:
        """Admit and decide in one transaction."""
        with context.store.write() as tx:
            now = context.clock.now()
            arguments = Arguments(
                # Before the body is read: a stranger learns nothing about it.
                caller=admit(tx, now, call, carriers),
                path=request.path_params,
                query=_lists(request),
                body=_json(raw),
                now=now,
                entropy=context.entropy,
                base_url=base_url(request),
                pager=pager,
                prepared=prepared,
            )
            return self.decide(tx, arguments)


def require(tx: Transaction, arguments: Arguments, permission: str, resource: str) -> None:
    """Refuse a caller who lacks a permission on a resource.

    Raises:
        StatusError: PERMISSION_DENIED with IAM_PERMISSION_DENIED.
    """
    if not has_permission(tx, arguments.identity, permission, resource):
        raise refusals.missing_permission(permission, resource)


def active_project(tx: Transaction, arguments: Arguments, permission: str) -> Project:
    """Return the path's project; one that does not exist is refused like one without permission.

    Raises:
        StatusError: as `require`.
    """
    name = arguments.path["project"]
    project = find_project(tx, name)
    if project is None or project.state != "ACTIVE":
        raise refusals.missing_permission(permission, f"projects/{name}")
    require(tx, arguments, permission, f"projects/{project.project_id}")
    return project


def invalid_argument(message: str) -> StatusError:
    """Return the refusal of a request that is out of form."""
    return StatusError(Status(Code.INVALID_ARGUMENT, message))


def not_found(message: str) -> StatusError:
    """Return the refusal of a name that nothing has."""
    return StatusError(Status(Code.NOT_FOUND, message))


def _json(raw: bytes) -> Mapping[str, Any]:
    body = parse_json(raw)
    if not isinstance(body, dict):
        raise invalid_argument("Invalid JSON payload received. The body is no JSON object.")
    return body


def _lists(request: Request) -> dict[str, list[str]]:
    return {name: request.query_params.getlist(name) for name in request.query_params}
