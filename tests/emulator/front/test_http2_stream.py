from __future__ import annotations

import asyncio
from email.utils import formatdate
from typing import TYPE_CHECKING

import pytest
from h2.errors import ErrorCodes

from gemauth.emulator.front import http2
from gemauth.testing.clock import FakeClock
from tests.emulator.front.h2_peer import echo, reply, run, serving

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send


class TestRequests:
    def test_the_scope_of_a_request(self) -> None:
        """The app sees HTTP/2, the connection's scheme, :authority as Host, the path decoded and
        raw, and cookie crumbs in one field (RFC 9113 sections 8.2.3 and 8.3.1).
        """
        scopes = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scopes.append(scope)
            await reply(send)

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                crumbs = [("cookie", "a=1"), ("x-b", "2"), ("cookie", "c=3")]
                await peer.get("/v1/a%2Fb?q=%41", headers=crumbs, authority="localhost:1")
                (scope,) = scopes
                assert scope["type"] == "http"
                assert (scope["http_version"], scope["scheme"]) == ("2", "http")
                assert (scope["path"], scope["raw_path"]) == ("/v1/a/b", b"/v1/a%2Fb")
                assert scope["query_string"] == b"q=%41"
                assert scope["headers"][0] == (b"host", b"localhost:1")
                assert sorted(scope["headers"][1:]) == [(b"cookie", b"a=1; c=3"), (b"x-b", b"2")]
                assert scope["server"] == ("127.0.0.1", server.port)
                assert scope["client"][0] == "127.0.0.1"

        run(test())

    def test_a_body_is_read_while_it_comes(self) -> None:
        """The app has the first part before the client has sent the last"""
        parts = []
        first = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            parts.append(await receive())
            first.set()
            parts.append(await receive())
            await reply(send)

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                number = peer.begin(method="POST", end=False)
                await peer.upload(number, b"one", end=False)
                await asyncio.wait_for(first.wait(), 10)
                await peer.upload(number, b"two")
                await peer.answer(number)
            assert [(part["body"], part["more_body"]) for part in parts] == [
                (b"one", True),
                (b"two", False),
            ]

        run(test())

    def test_an_end_without_data_ends_the_body(self) -> None:
        """END_STREAM on an empty frame, and on trailers, after the body was read"""

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                for trailers in (False, True):
                    number = peer.begin(method="POST", end=False)
                    await peer.upload(number, b"x", end=False)
                    await asyncio.sleep(0.05)
                    if trailers:
                        peer.h2.send_headers(number, [("x-sum", "1")], end_stream=True)
                    else:
                        peer.h2.end_stream(number)
                    peer.send()
                    assert (await peer.answer(number)).body == b"x"

        run(test())

    def test_expect_continue(self) -> None:
        """Who waits for a 100 is told to go on when the app reads (RFC 9110 section 10.1.1)"""

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                number = peer.begin(method="POST", end=False, headers=[("expect", "100-continue")])
                await peer.until(lambda: peer.answers[number].informational == ["100"])
                await peer.upload(number, b"body")
                assert (await peer.answer(number)).body == b"body"

        run(test())

    @pytest.mark.parametrize(
        ("path", "status"), [("x", 400), ("/ä", 400), ("/a b", 400), ("*", 200)]
    )
    def test_paths(self, path: str, status: int) -> None:
        """A path that is none is refused and the connection goes on; `*` is OPTIONS' (8.3.1)"""

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                assert (await peer.get(path)).status == status
                assert (await peer.get()).status == 200

        run(test())

    def test_what_is_refused_costs_no_window(self) -> None:
        """Bodies that come together with a refused head, more than the connection's window"""

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                assert (await peer.get()).status == 200
                size = http2.STREAM_WINDOW // 16
                for _ in range(17 * http2.CONNECTION_WINDOW // http2.STREAM_WINDOW):
                    number = peer.h2.get_next_available_stream_id()
                    send, peer.send = peer.send, lambda: None  # type: ignore[method-assign]
                    peer.begin("x", method="POST", end=False)
                    peer.h2.send_data(number, bytes(size), end_stream=True)
                    peer.send = send  # type: ignore[method-assign]
                    peer.send()
                    assert (await peer.answer(number)).status == 400
                assert (await peer.post(bytes(10**6))).body == bytes(10**6)

        run(test())

    def test_a_refused_request_that_is_reset_at_once(self) -> None:
        """Whatever else comes in the same bytes, the connection goes on"""

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                assert (await peer.get()).status == 200
                send, peer.send = peer.send, lambda: None  # type: ignore[method-assign]
                peer.h2.reset_stream(peer.begin("x", end=False))
                peer.h2.remote_settings.max_concurrent_streams = 10**6
                for _ in range(http2.MOST_STREAMS + 2):
                    peer.h2.reset_stream(peer.begin(end=False))
                peer.send = send  # type: ignore[method-assign]
                assert (await peer.get()).status == 200

        run(test())

    def test_connect_is_refused(self) -> None:
        """No tunnels over HTTP/2, whether or not the client has begun to send"""

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                answer = await peer.get(method="CONNECT", authority="example.com:443", end=False)
                assert answer.status == 501
                assert b"tunnel" in answer.body
                assert (await peer.get()).status == 200

        run(test())


class TestAnswers:
    def test_head_and_body(self) -> None:
        """Headers and body come with a date, without what belongs to HTTP/1.1 connections"""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await reply(send, b"hello", 201, [(b"x-a", b"1"), (b"connection", b"close")])

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                answer = await peer.get()
                assert (answer.status, answer.body) == (201, b"hello")
                assert answer.headers["x-a"] == "1"
                assert answer.headers["date"] == formatdate(FakeClock().now(), usegmt=True)
                assert "connection" not in answer.headers

        run(test())

    @pytest.mark.parametrize(
        ("method", "status", "body"), [("GET", 200, b""), ("HEAD", 200, b"x"), ("GET", 204, b"x")]
    )
    def test_an_answer_without_a_body_is_one_frame(
        self, method: str, status: int, body: bytes
    ) -> None:
        """END_STREAM is on the HEADERS frame: no DATA frame follows, not even an empty one"""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await reply(send, body, status)

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                answer = await peer.get(method=method)
                assert (answer.status, answer.parts, answer.ended) == (status, [], True)

        run(test())

    @pytest.mark.parametrize("body", [b"", b"message"])
    def test_trailers(self, body: bytes) -> None:
        """Trailers end the stream; without a body they come right after the headers"""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            assert "http.response.trailers" in scope["extensions"]
            await send(
                {"type": "http.response.start", "status": 200, "headers": [], "trailers": True}
            )
            await send({"type": "http.response.body", "body": body})
            part = {"type": "http.response.trailers", "headers": [(b"a", b"1")]}
            await send(part | {"more_trailers": True})
            await send({"type": "http.response.trailers", "headers": [(b"b", b"2")]})

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                answer = await peer.get()
                assert answer.parts == ([body] if body else [])
                assert answer.trailers == {"a": "1", "b": "2"}
                assert answer.ended

        run(test())

    def test_streams_are_not_buffered(self) -> None:
        """Headers arrive before the body, each part before the next is made"""
        step = [asyncio.Event() for _ in range(3)]

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for i, event in enumerate(step):
                await event.wait()
                await send({"type": "http.response.body", "body": b"%d" % i, "more_body": True})
            await send({"type": "http.response.body"})

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                number = peer.begin()
                answer = peer.answers[number]
                await peer.until(lambda: answer.status)
                for i, event in enumerate(step):
                    assert len(answer.body) == i
                    event.set()
                    await peer.until(lambda i=i: len(answer.body) > i)  # type: ignore[misc]
                assert (await peer.answer(number)).body == b"012"

        run(test())

    def test_an_app_that_fails(self) -> None:
        """Before the head: 500. Within the body: the stream is reset. The connection goes on."""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "/silent":
                return
            if scope["path"] == "/held":
                await send({"type": "http.response.start", "status": 200, "headers": []})
            if scope["path"] == "/late":
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
            raise ValueError("a secret")

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                for path in ("/early", "/held", "/silent"):
                    assert (await peer.get(path)).status == 500
                assert (await peer.get("/late")).reset == ErrorCodes.INTERNAL_ERROR
                assert server.log == ["defect behind HTTP/2: ValueError\n"] * 3

        run(test())

    def test_messages_out_of_order(self) -> None:
        """An app is told what ASGI does not have: a body before the start, two starts"""
        told = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            for kinds in (["http.response.body"], ["http.response.start"] * 2):
                try:
                    for kind in kinds:
                        await send({"type": kind, "status": 200, "headers": []})
                except RuntimeError as error:
                    told.append(str(error))
            await send({"type": "http.response.body"})

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                assert (await peer.get()).status == 200
            assert len(told) == 2

        run(test())

    def test_an_answer_that_does_not_wait_for_the_body(self) -> None:
        """The rest of the request is refused with NO_ERROR (8.1), and costs no window: ten
        times more than the connection's window can be sent so.
        """

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["path"] == "/echo":
                await echo(scope, receive, send)
            else:
                await reply(send, b"no", 413)

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                data = bytes(http2.STREAM_WINDOW // 4)
                for _ in range(10 * http2.CONNECTION_WINDOW // len(data) // 20):
                    numbers = [peer.begin(method="POST", end=False) for _ in range(20)]
                    for number in numbers:
                        size = min(len(data), peer.h2.local_flow_control_window(number))
                        while size > 0:
                            part = min(size, peer.h2.max_outbound_frame_size)
                            peer.h2.send_data(number, data[:part])
                            size -= part
                    peer.send()
                    for number in numbers:
                        await peer.until(lambda n=number: peer.answers[n].reset is not None)  # type: ignore[misc]
                        assert peer.answers[number].status == 413
                        assert peer.answers[number].reset == ErrorCodes.NO_ERROR
                assert (await peer.post(bytes(10**6), "/echo")).body == bytes(10**6)

        run(test())
