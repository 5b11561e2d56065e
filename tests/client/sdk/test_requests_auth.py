from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
import requests
from requests.adapters import BaseAdapter

from gemauth.client.sdk.requests_auth import for_requests
from tests.client.sdk.fakes import MODELS, Source, credentials

if TYPE_CHECKING:
    from collections.abc import Iterator


class Answers(BaseAdapter):
    """Sends nothing, answers with these statuses, and keeps what came."""

    def __init__(self, *statuses: int) -> None:
        super().__init__()
        self.statuses = list(statuses)
        self.tokens: list[Any] = []
        self.bodies: list[Any] = []
        self.headers: Any = None

    def send(self, request: requests.PreparedRequest, *words: Any, **how: Any) -> Any:
        """Answer."""
        self.headers = request.headers
        self.tokens.append(request.headers["Authorization"])
        body: Any = request.body
        self.bodies.append(body.read() if hasattr(body, "read") else body)
        response = requests.Response()
        response.status_code, response.request = self.statuses.pop(0), request
        response.raw, response.url = io.BytesIO(), str(request.url)
        vars(response)["connection"] = self
        return response

    def close(self) -> None:
        """Nothing is open."""


def send(answers: Answers, source: Source, **more: Any) -> requests.Response:
    """Send one request to Google."""
    with requests.Session() as session:
        session.mount("https://", answers)
        return session.post(MODELS, auth=for_requests(credentials(source)), **more)


def test_authorizes() -> None:
    """The token and the quota project; an API key that stands there goes."""
    answers = Answers(200)
    send(answers, Source(), headers={"x-goog-api-key": "AIza"})
    assert answers.headers["Authorization"] == "Bearer ya29.a0-0"
    assert answers.headers["x-goog-user-project"] == "paying"
    assert "x-goog-api-key" not in answers.headers


def test_once_more_after_401() -> None:
    """Once, with a new token; the first answer is in the history."""
    answers, source = Answers(401, 200), Source()
    response = send(answers, source, data=b"body")
    assert (response.status_code, [r.status_code for r in response.history]) == (200, [401])
    assert answers.tokens == ["Bearer ya29.a0-0", "Bearer ya29.a0-1"]
    assert answers.bodies == [b"body"] * 2
    assert source.rejected == ["ya29.a0-0"]


def test_twice_refused() -> None:
    """A second 401 is the caller's."""
    assert send(Answers(401, 401), Source()).status_code == 401


def test_a_file_is_sent_from_its_start() -> None:
    """Where it stood at the first time, that is."""
    file = io.BytesIO(b"12345")
    file.seek(2)
    answers = Answers(401, 200)
    assert send(answers, Source(), data=file).status_code == 200
    assert answers.bodies == [b"345"] * 2


def test_a_generator_is_not_sent_again() -> None:
    """Its 401 is the caller's."""

    def pieces() -> Iterator[bytes]:
        yield b"1"

    answers = Answers(401)
    assert send(answers, Source(), data=pieces()).status_code == 401


def test_no_secret_shows() -> None:
    """Its repr names whose it is."""
    auth = for_requests(credentials())
    assert "ada@example.com" in repr(auth)
    assert "ya29" not in repr(auth)


@pytest.mark.parametrize("status", [403, 404, 500])
def test_other_answers(status: int) -> None:
    """Nothing else is asked twice."""
    assert send(Answers(status), Source()).status_code == status
