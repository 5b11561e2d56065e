from __future__ import annotations

import asyncio
import contextlib
import hashlib
import random
import socket
import ssl
from typing import TYPE_CHECKING, Any

import pytest
from h2.errors import ErrorCodes
from h2.settings import SettingCodes
from hpack import Encoder
from hyperframe.frame import (
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PriorityFrame,
    RstStreamFrame,
    SettingsFrame,
    WindowUpdateFrame,
)

from gemauth.emulator.authority import Authority
from gemauth.emulator.front import http2
from tests.emulator.front.h2_peer import echo, read, reply, run, serving, settled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.types import Message, Receive, Scope, Send


class Held:
    """An app whose requests wait until they are let go, and that notes how they ended."""

    def __init__(self) -> None:
        self.inside = 0
        self.most = 0
        self.cancelled = 0
        self.go = asyncio.Event()
        self.messages: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait, then answer."""
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await self.go.wait()
            await reply(send, b"at last")
        except asyncio.CancelledError:
            self.cancelled += 1
            self.messages.append(await receive())
            raise
        finally:
            self.inside -= 1


def frames(noise: random.Random) -> Iterator[bytes]:
    """Yield the bytes of a client that knows its frames and not their order."""
    fields = [(":method", "POST"), (":scheme", "http"), (":authority", "a"), (":path", "/")]
    head = Encoder().encode(fields, huffman=False)
    yield b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0).serialize()
    newest = -1
    for _ in range(noise.randrange(1, 40)):
        if newest < 0 or noise.random() < 0.3:
            newest += 2
            ends = noise.choice([[], ["END_STREAM"]])
            yield HeadersFrame(newest, head, flags=["END_HEADERS", *ends]).serialize()
        number = noise.randrange(1, newest + 1, 2)
        made: list[Frame] = [
            DataFrame(number, bytes(noise.choice([0, 1, 9000]))),
            DataFrame(number, b"end", flags=["END_STREAM"]),
            RstStreamFrame(number, noise.randrange(14)),
            WindowUpdateFrame(
                noise.choice([0, number]), noise.choice([1, 10**6, 10**6, 2**31 - 1])
            ),
            SettingsFrame(0, {4: noise.choice([0, 1, 10**6, 2**31 - 1])}),
            SettingsFrame(0, {5: noise.choice([2**14, 2**20])}),
            SettingsFrame(0, flags=["ACK"]),
            PingFrame(0, bytes(8)),
            PriorityFrame(number, depends_on=0),
            HeadersFrame(number, head, flags=["END_HEADERS", "END_STREAM"]),
            GoAwayFrame(0, error_code=noise.choice([0, 0, 2])),
        ]
        yield noise.choices(made, [20, 20, 10, 20, 5, 3, 2, 5, 5, 1, 1])[0].serialize()


class TestFlowControl:
    def test_a_large_upload_and_download(self) -> None:
        """Six megabytes arrive whole, both ways"""
        data = random.Random(6).randbytes(6_000_000)

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                answer = await peer.post(data)
                assert hashlib.sha256(answer.body).digest() == hashlib.sha256(data).digest()

        run(test())

    def test_what_the_app_does_not_read_is_not_taken(self) -> None:
        """Without a `receive`, one window comes and no more; then the app reads, and the rest"""
        go = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await go.wait()
            await echo(scope, receive, send)

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                data = bytes(2 * http2.STREAM_WINDOW)
                number = peer.begin(method="POST", end=False)
                await peer.until(
                    lambda: peer.h2.local_flow_control_window(number) == http2.STREAM_WINDOW
                )
                sending = asyncio.create_task(peer.upload(number, data))
                await settled(lambda: peer.h2.local_flow_control_window(number) == 0)
                await asyncio.sleep(0.1)
                assert peer.h2.local_flow_control_window(number) == 0
                go.set()
                await sending
                assert (await peer.answer(number)).body == data

        run(test())

    @pytest.mark.parametrize("window", [0, 1, 7, 1000])
    def test_a_tiny_window(self, window: int) -> None:
        """No frame is larger than the client's window, and all of the answer comes"""
        data = random.Random(window).randbytes(200 + 9 * window)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await reply(send, data)

        async def test() -> None:
            settings = {SettingCodes.INITIAL_WINDOW_SIZE: window}
            async with serving(app) as server, server.peer(settings) as peer:
                number = peer.begin()
                answer = peer.answers[number]
                if not window:
                    await peer.until(lambda: answer.status)
                    await asyncio.sleep(0.05)
                    assert not answer.parts
                    peer.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 1000})
                    peer.send()
                assert (await peer.answer(number)).body == data
                assert max(map(len, answer.parts)) <= (window or 1000)

        run(test())

    def test_a_slow_reader_slows_the_app(self) -> None:
        """An app that sends without end waits for a client that has windows but does not read"""
        sent = 0

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal sent
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while True:
                await send({"type": "http.response.body", "body": bytes(2**15), "more_body": True})
                sent += 2**15

        async def test() -> None:
            settings = {SettingCodes.INITIAL_WINDOW_SIZE: 2**31 - 1}
            async with serving(app) as server, server.peer(settings) as peer:
                peer.h2.increment_flow_control_window(2**30)
                peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
                number = peer.begin()
                await settled(lambda: sent > 0)
                before = -1
                while before != sent:  # until the kernel's buffers are full
                    before = sent
                    await asyncio.sleep(0.2)
                (protocol,) = server.connections
                assert sent < 2**26
                assert protocol._transport.get_write_buffer_size() < 2**18
                peer.writer.transport.resume_reading()  # type: ignore[attr-defined]
                await settled(lambda: sent > before + 2**20)
                peer.h2.reset_stream(number)
                peer.send()
                await settled(lambda: not protocol._tasks)

        run(test())

    def test_a_stalled_stream_does_not_hold_up_others(self) -> None:
        """Beside a stream whose window is used up, another one is answered"""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await reply(send, bytes(300_000) if scope["path"] == "/big" else b"small")

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                peer.reads = False
                peer.h2.increment_flow_control_window(10**6)
                big = peer.begin("/big")
                await peer.until(lambda: len(peer.answers[big].body) == 65535)
                assert (await peer.get("/small")).body == b"small"
                peer.h2.acknowledge_received_data(65535, big)
                peer.reads = True
                peer.send()
                assert len((await peer.answer(big)).body) == 300_000

        run(test())

    def test_streams_share_the_connection(self) -> None:
        """Two large answers come side by side, not one after the other"""

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await reply(send, bytes(10**6))

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                one, two = peer.begin(), peer.begin()
                await peer.until(lambda: len(peer.answers[one].body) > 5 * 10**5)
                assert len(peer.answers[two].body) > 10**5
                await peer.answer(one)
                await peer.answer(two)

        run(test())


class TestManyStreams:
    def test_fifty_at_once(self) -> None:
        """Fifty requests of one connection are in the app at the same time"""

        async def test() -> None:
            app = Held()
            async with serving(app) as server, server.peer() as peer:
                numbers = [peer.begin() for _ in range(50)]
                await settled(lambda: app.inside == 50)
                app.go.set()
                for number in numbers:
                    assert (await peer.answer(number)).body == b"at last"

        run(test())

    def test_too_many_are_refused_one_by_one(self) -> None:
        """A client that has not read our settings yet loses only the streams that are too many,
        and may send them again (REFUSED_STREAM, section 8.7).
        """

        async def test() -> None:
            app = Held()
            async with serving(app) as server:
                async with server.peer() as peer:
                    peer.h2.remote_settings.max_concurrent_streams = 10**6
                    numbers = [peer.begin() for _ in range(http2.MOST_STREAMS + 44)]
                    await peer.until(lambda: peer.answers[numbers[-1]].over)
                    app.go.set()
                    answers = [await peer.answer(number) for number in numbers]
                refused = [a for a in answers if a.reset == ErrorCodes.REFUSED_STREAM]
                assert len(refused) == 44
                assert sum(a.status == 200 for a in answers) == http2.MOST_STREAMS

        run(test())


class TestGoingAway:
    def test_a_reset_stream_ends_its_task(self) -> None:
        """The app is cancelled and told http.disconnect; the connection goes on"""

        async def test() -> None:
            app = Held()
            async with serving(app) as server, server.peer() as peer:
                number = peer.begin(method="POST", end=False)
                await peer.upload(number, bytes(1000), end=False)
                await settled(lambda: app.inside)
                peer.h2.reset_stream(number, ErrorCodes.CANCEL)
                peer.send()
                await settled(lambda: app.cancelled)
                assert app.messages == [{"type": "http.disconnect"}]
                (protocol,) = server.connections
                await settled(lambda: not protocol._tasks)
                app.go.set()
                assert (await peer.get()).status == 200

        run(test())

    def test_a_reader_is_told_of_the_disconnection(self) -> None:
        """`receive` after the body waits, and returns http.disconnect when the answer is out"""
        told = []

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await read(receive)
            waiting = asyncio.ensure_future(receive())
            await asyncio.sleep(0)
            await reply(send)
            told.append(await waiting)

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                assert (await peer.get()).status == 200
                await settled(lambda: told)
            assert told == [{"type": "http.disconnect"}]

        run(test())

    @pytest.mark.parametrize("how", ["abort", "eof"])
    def test_a_lost_connection_ends_its_tasks(self, how: str) -> None:
        """Whether the client resets or closes: nothing of the connection is left"""

        async def test() -> None:
            app = Held()
            async with serving(app) as server, server.peer() as peer:
                for _ in range(10):
                    peer.begin()
                await settled(lambda: app.inside == 10)
                if how == "abort":
                    peer.writer.transport.abort()
                else:
                    peer.writer.write_eof()
                await settled(lambda: app.cancelled == 10)
                await settled(lambda: not server.connections)

        run(test())

    def test_the_app_goes_on_sending_to_nobody(self) -> None:
        """`send` after the client has gone does nothing, and lets the cancellation through"""
        ended = asyncio.Event()

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                while True:
                    await send({"type": "http.response.body", "body": b"x", "more_body": True})
                    await asyncio.sleep(0)
            finally:
                await send({"type": "http.response.body", "body": b"y"})
                ended.set()

        async def test() -> None:
            async with serving(app) as server:
                async with server.peer() as peer:
                    number = peer.begin()
                    await peer.until(lambda: peer.answers[number].parts)
                await asyncio.wait_for(ended.wait(), 10)

        run(test())

    def test_shutdown_finishes_what_is_asked(self) -> None:
        """GOAWAY names the last stream; that one is answered, a later one refused, then closed"""

        async def test() -> None:
            app = Held()
            async with serving(app) as server, server.peer() as peer:
                number = peer.begin()
                await settled(lambda: app.inside)
                (protocol,) = server.connections
                goaway: list[Any] = []

                def take(frame: Any) -> tuple[list[Any], list[Any]]:
                    goaway.append(frame)
                    return [], []

                # h2 as a client sends nothing after a GOAWAY: keep it from seeing one
                peer.h2._frame_dispatch_table = {
                    **peer.h2._frame_dispatch_table,
                    GoAwayFrame: take,
                }
                protocol.shutdown()
                protocol.shutdown()
                await settled(lambda: goaway)
                assert goaway[0].last_stream_id == number
                assert goaway[0].error_code == ErrorCodes.NO_ERROR
                late = peer.begin()
                assert (await peer.answer(late)).reset == ErrorCodes.REFUSED_STREAM
                app.go.set()
                assert (await peer.answer(number)).body == b"at last"
                await peer.hung_up()

        run(test())

    def test_shutdown_closes_an_idle_connection(self) -> None:
        """Nothing is waited for where nothing is asked"""

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                assert (await peer.get()).status == 200
                (protocol,) = server.connections
                protocol.shutdown()
                await peer.hung_up()
                assert peer.goaway is not None

        run(test())

    def test_a_client_that_says_goodbye_is_still_answered(self) -> None:
        """GOAWAY from the client ends no stream (6.8; node's http2 sends it and reads on)"""

        async def test() -> None:
            app = Held()
            async with serving(app) as server, server.peer() as peer:
                number = peer.begin()
                await settled(lambda: app.inside)
                peer.writer.write(b"\0\0\x08\x07\0\0\0\0\0" + bytes(8))  # GOAWAY, NO_ERROR
                await asyncio.sleep(0.05)
                app.go.set()
                assert (await peer.answer(number)).body == b"at last"
                await peer.hung_up()

        run(test())

    @pytest.mark.parametrize("code", [0, 2])
    def test_goodbye_closes(self, code: int) -> None:
        """GOAWAY of an idle client, or one with an error, closes the connection"""

        async def test() -> None:
            app = Held()
            async with serving(app) as server, server.peer() as peer:
                if code:
                    peer.begin()
                    await settled(lambda: app.inside)
                peer.writer.write(b"\0\0\x08\x07\0\0\0\0\0" + bytes(7) + bytes([code]))
                await peer.hung_up()
                assert not app.inside or app.cancelled

        run(test())

    def test_an_idle_connection_is_closed(self) -> None:
        """After the keep-alive time without a request: GOAWAY; a running request holds it open"""

        async def test() -> None:
            app = Held()
            async with serving(app, keep_alive=0.2) as server, server.peer() as peer:
                number = peer.begin()
                await asyncio.sleep(0.4)
                app.go.set()
                assert (await peer.answer(number)).status == 200
                await peer.hung_up()
                assert peer.goaway is not None
                assert peer.goaway.error_code == ErrorCodes.NO_ERROR

        run(test())

    def test_a_connection_that_says_nothing_is_closed(self) -> None:
        """Without a preface, too"""

        async def test() -> None:
            async with serving(echo, keep_alive=0.1) as server:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                assert await asyncio.wait_for(reader.read(), 10)
                writer.close()
                await writer.wait_closed()

        run(test())


class TestAbuse:
    def test_rapid_reset(self) -> None:
        """Who opens and resets streams without end is told ENHANCE_YOUR_CALM (CVE-2023-44487)"""

        async def test() -> None:
            app = Held()
            async with serving(app) as server, server.peer() as peer:
                while peer.goaway is None and not peer.closed:
                    for _ in range(100):
                        number = peer.begin()
                        peer.h2.reset_stream(number, ErrorCodes.CANCEL)
                    peer.send()
                    await asyncio.sleep(0.001)
                await peer.hung_up()
                assert app.inside == 0
                assert number < 2 * 5000
                # what is sent after the GOAWAY may cost the client the sight of it
                assert peer.goaway is None or (
                    peer.goaway.error_code == ErrorCodes.ENHANCE_YOUR_CALM
                )

        run(test())

    def test_a_flood_of_questions(self) -> None:
        """PING after PING is answered for a while, then ENHANCE_YOUR_CALM (CVE-2019-9512)"""

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                ping = PingFrame(0, b"12345678").serialize()
                for _ in range(300):
                    peer.writer.write(ping * 100)
                    await asyncio.sleep(0)
                await peer.hung_up()
                assert peer.goaway is None or (
                    peer.goaway.error_code == ErrorCodes.ENHANCE_YOUR_CALM
                )

        run(test())

    def test_unread_answers_are_bounded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A client that asks and never reads loses its connection"""
        monkeypatch.setattr(http2, "MOST_UNREAD", 2**12)

        async def test() -> None:
            async with serving(echo) as server, server.peer() as peer:
                await settled(lambda: server.connections)
                (protocol,) = server.connections
                protocol._questions._left = protocol._questions._burst = 10**9
                own = protocol._transport.get_extra_info("socket")
                own.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2**12)
                peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
                pings = PingFrame(0, b"12345678").serialize() * 1000
                async with asyncio.timeout(30):
                    while server.connections:
                        if not peer.writer.is_closing():
                            peer.writer.write(pings)
                        await asyncio.sleep(0)

        run(test())

    @pytest.mark.parametrize(
        "headers",
        [
            [("connection", "keep-alive")],
            [("transfer-encoding", "chunked")],
            [("te", "gzip")],
            [("X-Upper", "1")],
            [("host", "elsewhere")],
            [("content-length", "5")],
            [("x", "y" * 2000)] * 40,
        ],
        ids=lambda headers: headers[0][0],
    )
    def test_malformed_requests(self, headers: list[tuple[str, str]]) -> None:
        """Fields that HTTP/2 does not have, a length that is not the body's, headers without end:
        GOAWAY, and the app never has the whole request (8.1.1, 10.5.1).
        """
        called = False

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            nonlocal called
            await read(receive)
            called = True

        async def test() -> None:
            async with serving(app) as server, server.peer() as peer:
                number = peer.begin(method="POST", headers=headers, end=False)
                if not peer.closed:
                    peer.h2.send_data(number, b"one", end_stream=True)
                    peer.send()
                await peer.hung_up()
                assert peer.goaway is not None
                assert peer.goaway.error_code != ErrorCodes.NO_ERROR
                assert not server.log
            assert not called

        run(test())

    @pytest.mark.parametrize("seed", range(4))
    def test_frames_in_any_order(self, seed: int) -> None:
        """Frames that are well formed, in an order that makes sense or none: no defect, and
        nothing is left of any connection.
        """
        noise = random.Random(seed)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            while (message := await receive()).get("more_body", False):
                part = {"body": message["body"], "more_body": True}
                await send({"type": "http.response.body", **part})
            await send({"type": "http.response.body", "body": bytes(noise.choice([0, 5, 10**5]))})

        async def talk(port: int) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for data in frames(noise):
                if writer.is_closing():
                    break
                writer.write(data)
                if noise.random() < 0.5:
                    await asyncio.sleep(0)
            if noise.random() < 0.5:
                with contextlib.suppress(OSError):
                    writer.write_eof()
                    await asyncio.wait_for(reader.read(), 20)
            writer.transport.abort()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)

        async def test() -> None:
            async with serving(app) as server:
                for _ in range(50):
                    await talk(server.port)
                await settled(lambda: not server.connections)
                assert not server.log

        run(test())

    def test_bytes_that_are_not_http2(self) -> None:
        """Whatever comes instead of frames: the connection ends, nothing is logged or left"""
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0"

        async def talk(port: int, data: bytes) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(data)
            writer.write_eof()
            await asyncio.wait_for(reader.read(), 20)
            writer.close()
            await asyncio.gather(writer.wait_closed(), return_exceptions=True)

        async def test() -> None:
            noise = random.Random(2)
            async with serving(echo) as server:
                await talk(server.port, b"GET / HTTP/1.1\r\n\r\n")
                for _ in range(300):
                    kind, flags = noise.randrange(11), noise.randrange(256)
                    number = noise.choice([0, 1, 1, 2, 3, 2**31 - 1])
                    body = noise.randbytes(noise.choice([0, 1, 4, 5, 8, 40]))
                    head = len(body).to_bytes(3, "big") + bytes([kind, flags])
                    await talk(server.port, preface + head + number.to_bytes(4, "big") + body)
                await settled(lambda: not server.connections)
                assert not server.log

        run(test())


def test_over_tls() -> None:
    """The same on a TLS transport, whose scheme is https; ALPN has chosen h2"""
    authority = Authority()
    trust = ssl.create_default_context(cadata=authority.certificate_pem)
    trust.set_alpn_protocols(["h2"])
    schemes = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        schemes.append(scope["scheme"])
        await echo(scope, receive, send)

    async def test() -> None:
        async with (
            serving(app, tls=authority.server_context()) as server,
            server.peer(tls=trust) as peer,
        ):
            assert (await peer.post(bytes(10**6))).body == bytes(10**6)
            tls: Any = peer.writer.get_extra_info("ssl_object")
            assert tls.selected_alpn_protocol() == "h2"
        assert schemes == ["https"]

    run(test())


def test_cold_connections_in_bursts() -> None:
    """Two hundred connections, each opened, used and left at once or in the middle"""

    async def test() -> None:
        async with serving(echo) as server:

            async def visit(i: int) -> None:
                async with server.peer() as peer:
                    number = peer.begin(method="POST", end=False)
                    if i % 3 == 0:
                        return
                    await peer.upload(number, b"%d" % i)
                    assert (await peer.answer(number)).body == b"%d" % i

            for _ in range(4):
                await asyncio.gather(*(visit(i) for i in range(50)))

    run(test())
