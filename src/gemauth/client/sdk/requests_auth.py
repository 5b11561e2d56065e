"""requests: `requests.get(url, auth=gemauth.sdk.for_requests())`, or `session.auth = …`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests.auth import AuthBase

from gemauth.client.sdk.bearer import API_KEY, AUTHORIZATION, Bearer

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from gemauth.client.credentials import Credentials

__all__ = ["RequestsAuth", "for_requests"]


def for_requests(credentials: Credentials | None = None) -> RequestsAuth:
    """Return an `auth` for requests; None takes `gemauth.default()`'s credentials."""
    return RequestsAuth(Bearer(credentials))


class RequestsAuth(AuthBase):
    """Authorizes each request; one that is answered with 401 is sent once more with a new token.

    Not sent again is a body that cannot be read twice, such as a generator. Errors are raised as
    `Bearer.headers` says.
    """

    def __init__(self, bearer: Bearer) -> None:
        self._bearer = bearer

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Authorize a request that is about to be sent."""
        request.headers.pop(API_KEY, None)
        request.headers.update(self._bearer.headers(request.url or ""))
        body: Any = request.body
        start = body.tell() if hasattr(body, "seek") and hasattr(body, "tell") else None

        def again(response: Response, **how: Any) -> Response:  # noqa: ANN401  # requests' own arguments
            sent = response.request.headers.get(AUTHORIZATION)
            if response.status_code != 401 or sent is None:  # requests drops it for other hosts
                return response
            if body is not None and not isinstance(body, str | bytes):
                if start is None:
                    return response
                body.seek(start)
            second = response.request.copy()
            second.headers.update(self._bearer.headers(second.url or "", refused=_text(sent)))
            second.deregister_hook("response", again)  # type: ignore[no-untyped-call]  # not in the stubs
            _ = response.content  # read to its end, so that its connection serves the second one
            response.close()
            answer: Response = response.connection.send(second, **how)
            answer.history.append(response)
            answer.request = second
            return answer

        request.register_hook("response", again)  # type: ignore[no-untyped-call]  # not in the stubs
        return request

    def __repr__(self) -> str:
        return f"RequestsAuth({self._bearer.credentials!r})"


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
