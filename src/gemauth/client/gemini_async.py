"""The Gemini API over REST, on an event loop: the twin of `client/gemini.py`, name for name.

    async with AsyncGemini() as gemini:
        async for model in gemini.models.list():
            print(model.name)

Each method only awaits what its twin runs; a test holds the two to the same signatures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self, TypeVar

from gemauth.client.operations import Operations, grantee
from gemauth.client.transport import AsyncTransport
from gemauth.client.world import AsyncNetwork
from gemauth.flow import arun
from gemauth.google.gemini.resources import Resource
from gemauth.http import JSON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.operations import Pages
    from gemauth.client.world import AsyncSender
    from gemauth.flow import Flow
    from gemauth.google.gemini.resources import Model, Permission, TunedModel
    from gemauth.http import Response

__all__ = ["AsyncGemini", "AsyncModels", "AsyncPermissions", "AsyncTunedModels"]

T = TypeVar("T")
R = TypeVar("R", bound=Resource)


class _Runner:
    def __init__(self, operations: Operations, network: AsyncNetwork) -> None:
        self._do = operations
        self._network = network

    async def _run(self, flow: Flow[T]) -> T:
        return await arun(flow, self._network)

    async def _each(self, pages: Pages[R]) -> AsyncIterator[R]:
        token = ""
        while True:
            page = await self._run(pages(token))
            for item in page.items:
                yield item
            token = page.next_token
            if not token:
                return


class AsyncModels(_Runner):
    """Base models."""

    def list(self, *, page_size: int | None = None) -> AsyncIterator[Model]:
        """Yield every model, asking for page after page as needed."""
        return self._each(self._do.models(page_size))

    async def get(self, name: str) -> Model:
        """Return one model, such as `models/gemini-2.5-flash`."""
        return await self._run(self._do.model(name))


class AsyncTunedModels(_Runner):
    """Tuned models that the caller may see."""

    def list(
        self,
        *,
        filter: str | None = None,  # noqa: A002  # the API's word
        page_size: int | None = None,
    ) -> AsyncIterator[TunedModel]:
        """Yield every tuned model; `filter` takes words and `owner:me`, `readers:everyone` …."""
        return self._each(self._do.tuned_models(filter, page_size))

    async def get(self, name: str) -> TunedModel:
        """Return one tuned model, such as `tunedModels/my-model`."""
        return await self._run(self._do.tuned_model(name))

    async def patch(self, name: str, changes: Mapping[str, Any]) -> TunedModel:
        """Change fields, named as in the API's JSON: `{"displayName": "Mine"}`."""
        return await self._run(self._do.patch_tuned_model(name, changes))

    async def delete(self, name: str) -> None:
        """Delete one tuned model; only its owner may."""
        await self._run(self._do.delete_tuned_model(name))

    async def transfer_ownership(self, name: str, email: str) -> None:
        """Make somebody else the owner; the caller becomes a writer."""
        await self._run(self._do.transfer_ownership(name, email))


class AsyncPermissions(_Runner):
    """Who may use a tuned model."""

    def list(self, parent: str, *, page_size: int | None = None) -> AsyncIterator[Permission]:
        """Yield every permission of `tunedModels/my-model`."""
        return self._each(self._do.permissions(parent, page_size))

    async def get(self, name: str) -> Permission:
        """Return one permission, such as `tunedModels/my-model/permissions/123`."""
        return await self._run(self._do.permission(name))

    async def create(
        self,
        parent: str,
        role: str,
        *,
        user: str | None = None,
        group: str | None = None,
        everyone: bool = False,
    ) -> Permission:
        """Grant `reader`, `writer` or `owner` to one user, one group or everyone."""
        permission = grantee(role, user=user, group=group, everyone=everyone)
        return await self._run(self._do.create_permission(parent, permission))

    async def update(self, name: str, role: str) -> Permission:
        """Change a permission's role."""
        return await self._run(self._do.update_permission(name, role))

    async def delete(self, name: str) -> None:
        """Take a permission away."""
        await self._run(self._do.delete_permission(name))


class AsyncGemini(_Runner):
    """A client of the Gemini API with one identity, on an event loop.

    Every method raises StatusError where the API refuses (`.status`, `.next_step`),
    CredentialError where no token can be had, UnreachableError where nothing answers.

    Args:
        credentials: who asks, and which Google; None finds them (`gemauth.default()`).
        transport: sends the requests; one that is given is not closed here.
        version: of the API: `v1`, `v1beta` or `v1alpha`.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        *,
        transport: AsyncSender | None = None,
        version: str = "v1beta",
    ) -> None:
        if credentials is None:
            from gemauth.client.sources.chain import default

            credentials = default().credentials
        self._own: AsyncTransport | None = None
        if transport is None:
            transport = self._own = AsyncTransport()
        network = AsyncNetwork(transport)
        super().__init__(Operations(credentials, version), network)
        self.credentials = credentials
        self.models = AsyncModels(self._do, network)
        self.tuned_models = AsyncTunedModels(self._do, network)
        self.permissions = AsyncPermissions(self._do, network)

    async def share(
        self,
        parent: str,
        role: str = "reader",
        *,
        user: str | None = None,
        group: str | None = None,
        everyone: bool = False,
    ) -> Permission:
        """Grant a role on a tuned model, or change the one that the grantee has."""
        permission = grantee(role, user=user, group=group, everyone=everyone)
        return await self._run(self._do.share(parent, permission))

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = JSON,
    ) -> Response:
        """Send any request, authorized: a path such as `/v1beta/models`; returns what came."""
        return await self._run(self._do.request(method, path, body, content_type))

    async def close(self) -> None:
        """Close the connections, where the transport is our own."""
        if self._own is not None:
            await self._own.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()
