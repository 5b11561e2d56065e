"""What the families of flows share: an identity, a version, and the calls they are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from gemauth.client.calls.call import answered
from gemauth.client.calls.paging import Page
from gemauth.client.gemini.flows.removed import missing
from gemauth.errors import NotFoundError
from gemauth.google.gemini import lists
from gemauth.google.status import StatusError
from gemauth.value import Value, frozen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gemauth.client.calls.paging import Pages
    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow
    from gemauth.google.gemini.method import Method
    from gemauth.google.gemini.resources.resource import Resource
    from gemauth.http import Response

__all__ = ["Family", "full"]

R = TypeVar("R", bound="Resource")
T = TypeVar("T")


@frozen
class Family(Value):
    """The operations of one identity in one version of the API.

    Every flow may raise what `calls.call` raises: UsageError, StatusError, CredentialError,
    UnreachableError. Names may leave out the collection where there is only one: `my-model`.
    `timeout` is for each call that has none of its own: seconds for all its attempts, None for
    Google's own (retry.py).
    """

    credentials: Credentials
    version: str = "v1beta"
    timeout: float | None = None

    def _answer(
        self, method: Method, fields: Mapping[str, Any], *, timeout: float | None = None
    ) -> Flow[Response]:
        """Return the answer; where the method itself is missing, the error says so.

        `timeout` is in seconds, for all attempts; None is the family's.
        """
        within = self._within(timeout)
        flow = answered(self.credentials, method, fields, self.version, timeout=within)
        return self._explained(method, flow)

    def _json(
        self, method: Method, fields: Mapping[str, Any], *, timeout: float | None = None
    ) -> Flow[dict[str, Any]]:
        """Return the answer's JSON object; empty where there is none."""
        answer = yield from self._answer(method, fields, timeout=timeout)
        return answer.object()

    def _within(self, timeout: float | None) -> float | None:
        """Return a call's own timeout, or the family's."""
        return self.timeout if timeout is None else timeout

    def _explained(self, method: Method, flow: Flow[T]) -> Flow[T]:
        """Return a flow of a method's with its errors saying where the method is missing."""
        try:
            return (yield from flow)
        except (NotFoundError, StatusError) as error:
            emulated = self.credentials.endpoints.is_emulator
            error.next_step = missing(error, method, emulated=emulated) or error.next_step
            raise

    def _one(
        self,
        method: Method,
        fields: Mapping[str, Any],
        kind: type[R],
        *,
        timeout: float | None = None,
    ) -> Flow[R]:
        # with msgspec: a Python start, which those who want JSON do without
        from gemauth.google.gemini.resources import reader

        return reader.resource(kind, (yield from self._answer(method, fields, timeout=timeout)))

    def _nothing(self, method: Method, fields: Mapping[str, Any]) -> Flow[None]:
        yield from self._json(method, fields)

    def _pages(
        self, method: Method, fields: Mapping[str, Any], items: str, kind: type[R]
    ) -> Pages[R]:
        from gemauth.google.gemini.resources import reader  # as above

        return self._turned(method, fields, lambda answer: reader.page(kind, answer, items))

    def _json_pages(
        self, method: Method, fields: Mapping[str, Any], items: str
    ) -> Pages[dict[str, Any]]:
        """Return the same with each item as the JSON that it was."""
        return self._turned(method, fields, lambda answer: _objects(answer, items))

    def _turned(
        self,
        method: Method,
        fields: Mapping[str, Any],
        read: Callable[[Response], tuple[tuple[T, ...], str]],
    ) -> Pages[T]:
        """Return the pages of a list; `read` has an answer's items and the next page's token."""

        def page(token: str) -> Flow[Page[T]]:
            answer = yield from self._answer(method, {**fields, "pageToken": token or None})
            found, following = read(answer)
            if following and following == token:  # would be asked for without end
                raise lists.senseless("the same page of a list again")
            return Page(found, following)

        return page


def _objects(answer: Response, items: str) -> tuple[tuple[dict[str, Any], ...], str]:
    found, following = lists.page(answer, items)
    if not all(isinstance(one, dict) for one in found):
        raise lists.senseless(f"a list whose {items} make no sense")
    return tuple(found), following


def full(collection: str, name: str) -> str:
    """Return a resource's whole name: `my-model` in `tunedModels` is `tunedModels/my-model`."""
    return name if "/" in name else f"{collection}/{name}"
