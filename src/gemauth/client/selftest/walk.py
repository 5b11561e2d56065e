"""What the steps of the self-test share: whose credentials, which Google, and how they ask."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gemauth.client.target import of_user, require_side
from gemauth.flow import Send
from gemauth.http import FORM, JSON, Headers, Request, Response, form
from gemauth.oauth.client_authentication import ClientAuthentication
from gemauth.oauth.token import RefreshTokenGrant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.selftest.fact import Fact
    from gemauth.flow import Flow
    from gemauth.google.credentials import AuthorizedUser
    from gemauth.google.endpoints import Endpoints

__all__ = ["Step", "Walk", "get"]


@dataclass(slots=True)
class Walk:
    """One walk through the steps.

    Attributes:
        credentials: the person's.
        user: what their file holds.
        token: an access token with all that was granted, once a step has got it.
        narrow: one for cloud-platform alone, likewise.
        model: the name of a model that was listed, likewise.
        tuned: that of a tuned model.
    """

    credentials: Credentials
    user: AuthorizedUser = field(repr=False)
    token: str | None = field(default=None, repr=False)
    narrow: str | None = field(default=None, repr=False)
    model: str | None = None
    tuned: str | None = None

    @property
    def endpoints(self) -> Endpoints:
        """Whose answers are looked at."""
        return self.credentials.endpoints

    @property
    def gemini(self) -> str:
        """The Gemini API's root, with the version."""
        return f"{self.endpoints.gemini}/v1beta"

    @property
    def project(self) -> str | None:
        """The project that calls count against, as far as the credentials know."""
        return self.credentials.quota_project or self.credentials.project

    def ask(self, url: str, question: Mapping[str, Any], token: str) -> Flow[Response]:
        """Send a question that is JSON, with a token."""
        headers = {"Content-Type": JSON, "Accept": JSON, "Authorization": f"Bearer {token}"}
        content = json.dumps(question).encode()
        answer: Response = yield Send(Request("POST", url, Headers(headers), content))
        return answer

    def post(self, url: str, fields: Mapping[str, str]) -> Flow[Response]:
        """Send a form."""
        headers = Headers({"Content-Type": FORM, "Accept": JSON})
        answer: Response = yield Send(Request("POST", url, headers, form(fields)))
        return answer

    def refresh(self, token: str, *scopes: str) -> Flow[Response]:
        """Send a refresh token of the person's side, as every client does."""
        require_side(self.endpoints, emulated=of_user(self.user), what="The refresh token")
        client = ClientAuthentication(self.user.client_id, self.user.client_secret)
        fields = RefreshTokenGrant(token, scopes).to_form() | client.to_form()
        return (yield from self.post(self.endpoints.token, fields))


@dataclass(frozen=True, slots=True)
class Step:
    """One question and what is expected of its answer.

    Attributes:
        name: for people.
        source: where the expectation stands in our references.
        ask: asks; None as its result says that the walk has not got what the question needs.
        facts: what is expected.
    """

    name: str
    source: str
    ask: Callable[[Walk], Flow[Response | None]]
    facts: tuple[Fact, ...]


def get(url: str, token: str | None = None, **headers: str) -> Flow[Response]:
    """Send a GET, with a token where there is one."""
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        more["Authorization"] = f"Bearer {token}"
    answer: Response = yield Send(Request("GET", url, Headers({"Accept": JSON} | more)))
    return answer
