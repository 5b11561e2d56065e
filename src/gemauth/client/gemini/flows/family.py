"""What the families of flows share: an identity, a version, and the calls they are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from gemauth.client.calls import call
from gemauth.client.paging import Page
from gemauth.google.gemini.resources.resource import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.paging import Pages
    from gemauth.flow import Flow
    from gemauth.google.gemini.method import Method

__all__ = ["Family", "full"]

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True, slots=True)
class Family:
    """The operations of one identity in one version of the API.

    Every flow may raise what `calls.call` raises: UsageError, StatusError, CredentialError,
    UnreachableError. Names may leave out the collection where there is only one: `my-model`.
    """

    credentials: Credentials
    version: str = "v1beta"

    def _one(self, method: Method, fields: Mapping[str, Any], kind: type[R]) -> Flow[R]:
        return kind.from_json((yield from call(self.credentials, method, fields, self.version)))

    def _nothing(self, method: Method, fields: Mapping[str, Any]) -> Flow[None]:
        yield from call(self.credentials, method, fields, self.version)

    def _pages(
        self, method: Method, fields: Mapping[str, Any], items: str, kind: type[R]
    ) -> Pages[R]:
        def page(token: str) -> Flow[Page[R]]:
            asked = {**fields, "pageToken": token or None}
            body = yield from call(self.credentials, method, asked, self.version)
            read = tuple(kind.from_json(item) for item in body.get(items, ()))
            return Page(read, str(body.get("nextPageToken", "")))

        return page


def full(collection: str, name: str) -> str:
    """Return a resource's whole name: `my-model` in `tunedModels` is `tunedModels/my-model`."""
    return name if "/" in name else f"{collection}/{name}"
