from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.errors import UnreachableError
from gemauth.google.gemini.streaming import EventStream, Framing, JsonArray, framing

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
MESSAGES = st.lists(st.dictionaries(st.text(), JSON_VALUES, max_size=3), max_size=5)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


def cut(reader: Framing, body: bytes, sizes: list[int]) -> list[Any]:
    """Return the messages of a body that arrives in parts of these sizes, then one by one."""
    found: list[bytes] = []
    for size in sizes:
        found += reader.feed(body[:size])
        body = body[size:]
    for index in range(len(body)):
        found += reader.feed(body[index : index + 1])
    return [json.loads(text) for text in found + reader.finish()]


@given(
    MESSAGES,
    ENDS,
    st.lists(st.integers(1, 40), max_size=10),
    st.sampled_from([b"", b"\xef\xbb\xbf"]),
)
def test_events_however_they_are_cut(
    messages: list[Any],
    end: bytes,
    sizes: list[int],
    bom: bytes,
) -> None:
    """Google writes `data: {json}` and an empty line (gemini-api.md section 4)."""
    body = b"".join(b"data: " + json.dumps(m).encode() + end * 2 for m in messages)
    assert cut(EventStream(), bom + body, sizes) == messages


@given(MESSAGES, st.sampled_from([None, 2]), st.lists(st.integers(1, 40), max_size=10))
def test_an_array_however_it_is_cut(messages: list[Any], indent: int, sizes: list[int]) -> None:
    """Every element is found where JSON itself finds it, strings with brackets included."""
    for ascii_only in (True, False):
        text = json.dumps(messages, indent=indent, ensure_ascii=ascii_only)
        body = f" \r\n{text}\n".encode("utf-8", "surrogatepass")
        assert cut(JsonArray(), body, sizes) == messages


def test_the_rest_of_the_event_stream_format() -> None:
    """Comments, other fields and empty events are no messages; `data` lines join (WHATWG 9.2.6)."""
    body = b': hello\nevent: x\nid: 1\ndata:{"a":\ndata: 1}\n\n\nretry: 5\n\ndata\n\n'
    reader = EventStream()
    assert reader.feed(body) == [b'{"a":\n1}', b""]
    assert reader.finish() == []


def test_the_last_event_without_an_empty_line() -> None:
    """Some proxies trim the body's end."""
    reader = EventStream()
    assert reader.feed(b'data: {"a": 1}\r') == []
    assert reader.finish() == [b'{"a": 1}']


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b'[{"a": 1}', "ends in the middle"),
        (b"", "ends in the middle"),
        (b"  ", "ends in the middle"),
        (b'{"a": 1}', "is no JSON array"),
        (b"<html>", "is no JSON array"),
        (b"[] x", "goes on after its end"),
        (b'["\\', "ends in the middle"),
    ],
)
def test_a_body_that_is_no_array(body: bytes, problem: str) -> None:
    """A cut-off array is not mistaken for a whole one."""
    with pytest.raises(UnreachableError, match=problem):
        cut(JsonArray(), body, [])


@pytest.mark.parametrize("reader", [EventStream(limit=100), JsonArray(limit=100)])
def test_a_message_without_an_end(reader: Framing) -> None:
    """Memory is bounded: a message over the limit is an error, many small ones are none."""
    start = b"data: " if isinstance(reader, EventStream) else b"["
    small = b"{}\n\ndata: " if isinstance(reader, EventStream) else b"{},"
    assert reader.feed(start + small * 1000) == [b"{}"] * 1000
    reader.feed(b'{"a": "' + b"x" * 50)
    with pytest.raises(UnreachableError, match="larger than 100 bytes"):
        reader.feed(b"x" * 50)


def test_the_answers_type_picks_the_reader() -> None:
    """Without `alt=sse` the answer is JSON."""
    assert isinstance(framing("text/event-stream"), EventStream)
    assert isinstance(framing("application/json"), JsonArray)
