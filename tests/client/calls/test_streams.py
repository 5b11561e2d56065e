from __future__ import annotations

import json
from typing import Any

import pytest

from gemauth.client.calls.refusal import NotAuthenticatedError
from gemauth.client.calls.streams import BrokenStreamError, Messages, stream
from gemauth.client.transport import ConnectionLostError
from gemauth.errors import UsageError
from gemauth.flow import Flow, Open, Read, Wait
from gemauth.google.endpoints import GOOGLE
from gemauth.google.gemini import methods
from gemauth.google.status import Code, Status, StatusError
from gemauth.http import Headers
from tests.client.calls.test_call import EXPIRED, credentials
from tests.client.test_credentials import Fixed
from tests.client.transcript import answer, play

FIELDS = {"model": "models/x", "contents": [{"parts": [{"text": "Hi"}]}]}
SSE = "text/event-stream"


class Parts:
    """An answer that comes in the parts that were given."""

    def __init__(self, *parts: bytes | Exception, status: int = 200, kind: str = SSE) -> None:
        self.status = status
        self.headers = Headers({"Content-Type": kind})
        self.parts = list(parts)
        self.closed = False

    def read(self) -> bytes:
        """Return the next part."""
        if self.closed or not self.parts:
            return b""
        part = self.parts.pop(0)
        if isinstance(part, Exception):
            raise part
        return part

    async def read_async(self) -> bytes:
        """Do the same."""
        return self.read()

    def close(self) -> None:
        """Note it."""
        self.closed = True


def event(**message: Any) -> bytes:
    """Return one event as Google writes it."""
    return b"data: " + json.dumps(message).encode() + b"\r\n\r\n"


def opened(source: Fixed | None = None, timeout: float | None = None) -> Flow[Messages[Any]]:
    """Open a stream of JSON objects."""
    return stream(
        credentials(source or Fixed()),
        methods.STREAM_GENERATE_CONTENT,
        FIELDS,
        "v1beta",
        dict,
        timeout=timeout,
    )


def rest(messages: Messages[Any], parts: Parts) -> list[Any]:
    """Return the messages that come."""
    found: list[Any] = []
    while True:
        flow = messages.next()
        try:
            step = next(flow)
            while True:
                assert step == Read(parts)
                try:
                    part = parts.read()
                except Exception as error:  # noqa: BLE001  # thrown on, as flow.run does
                    step = flow.throw(error)
                else:
                    step = flow.send(part)
        except StopIteration as end:
            if end.value is None:
                return found
            found.append(end.value)


def test_a_stream() -> None:
    """`alt=sse` is asked for; messages come as they arrive, several in a part or one in several."""
    parts = Parts(event(a=1) + event(a=2) + b"data: {", b'"a": 3}\r\n\r\n')

    def check(step: Open) -> Parts:
        url = f"{GOOGLE.gemini}/v1beta/models/x:streamGenerateContent?alt=sse"
        assert (step.request.method, step.request.url) == ("POST", url)
        assert json.loads(step.request.body) == {"contents": FIELDS["contents"]}
        assert step.request.headers["authorization"] == "Bearer ya29.real"
        assert step.timeout == 600
        return parts

    messages = play(opened(), (Open, check))
    assert rest(messages, parts) == [{"a": 1}, {"a": 2}, {"a": 3}]
    assert rest(messages, parts) == []


def test_an_array() -> None:
    """A server, or a proxy, that answers with the array is understood."""
    parts = Parts(b'[{"a": 1}', b',\r\n{"a": 2}\n', b"]", kind="application/json; charset=UTF-8")
    messages = play(opened(), (Open, parts))
    assert rest(messages, parts) == [{"a": 1}, {"a": 2}]


def test_a_401_before_the_first_byte() -> None:
    """Once more with a new token, then it is the error; the refused answers are closed."""
    source = Fixed()
    refused = [Parts(EXPIRED.body, status=401) for _ in range(3)]
    good = Parts(event(a=1))
    lines = [(Open, refused[0]), (Read, EXPIRED.body), (Read, b""), (Open, good)]
    assert rest(play(opened(source), *lines), good) == [{"a": 1}]
    assert source.asked == [False, True]
    lines = [(Open, refused[1]), (Read, EXPIRED.body), (Read, b"")]
    lines += [(Open, refused[2]), (Read, EXPIRED.body), (Read, b"")]
    with pytest.raises(NotAuthenticatedError):
        play(opened(source), *lines)
    assert all(parts.closed for parts in refused)


def test_overloaded_before_the_first_byte() -> None:
    """As GAPIC does for StreamGenerateContent; within the caller's own deadline."""
    body = answer(**Status(Code.UNAVAILABLE, "overloaded").to_json()).body
    busy, good = Parts(status=503), Parts(event(a=1))
    lines = [(Open, busy), (Read, body), (Read, b""), (Wait(0, 1.0), None), (Open, good)]
    assert rest(play(opened(timeout=20), *lines), good) == [{"a": 1}]
    assert busy.closed


def test_an_error_in_the_middle() -> None:
    """A bare `{"error": …}` message (gemini-api.md section 4) is raised as the refusal it is."""
    error = Status(Code.RESOURCE_EXHAUSTED, "Quota exceeded").to_json()
    parts = Parts(event(a=1), event(**error), event(a=2))
    messages = play(opened(), (Open, parts))
    with pytest.raises(StatusError, match="Quota exceeded"):
        rest(messages, parts)
    assert parts.closed


@pytest.mark.parametrize(
    ("after", "problem"),
    [
        ([ConnectionLostError("The connection to x broke off.")], "after 1 part: The connection"),
        ([b"data: {"], "after 1 part: A part of it is no JSON object"),
        ([b"data: [1]\n\n"], "after 1 part: A part of it is no JSON object"),
    ],
)
def test_a_stream_that_breaks_off(after: list[Any], problem: str) -> None:
    """It says how much had come, and nothing is asked twice."""
    parts = Parts(event(a=1), *after)
    messages = play(opened(), (Open, parts))
    with pytest.raises(BrokenStreamError, match=problem) as caught:
        rest(messages, parts)
    assert caught.value.received == 1
    assert parts.closed


def test_what_is_closed_is_over() -> None:
    """Also for what had arrived already."""
    parts = Parts(event(a=1) + event(a=2))
    messages = play(opened(), (Open, parts))
    assert play(messages.next(), (Read, parts.read())) == {"a": 1}
    messages.close()
    assert parts.closed
    assert play(messages.next()) is None


def test_a_model_that_is_none() -> None:
    """Nothing is sent for it."""
    flow = stream(
        credentials(Fixed()), methods.STREAM_GENERATE_CONTENT, {"model": "x/y"}, "v1beta", dict
    )
    with pytest.raises(UsageError):
        play(flow)
