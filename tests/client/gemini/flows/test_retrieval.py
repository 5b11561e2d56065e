from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.gemini.flows.chunks import Chunks
from gemauth.client.gemini.flows.retrieval import BATCH, BatchError
from gemauth.errors import UnreachableError
from gemauth.flow import Send
from gemauth.google.gemini.resources.retrieval import Chunk
from gemauth.google.status import Code, Status, StatusError
from tests.client.gemini.flows.api import MINE
from tests.client.transcript import answer, play, sent

if TYPE_CHECKING:
    from gemauth.flow import Step
    from gemauth.http import Response

DO = Chunks(MINE)
D = "corpora/c/documents/d"
CHUNKS = [Chunk.of(str(number)) for number in range(250)]
NO = Status(Code.INVALID_ARGUMENT, "no").to_json()


def made(step: Step) -> Response:
    """Answer a batch: each chunk as it was asked for."""
    requests = json.loads(sent(step).body)["requests"]
    assert len(requests) <= BATCH
    return answer(chunks=[request["chunk"] for request in requests])


def test_a_long_list_goes_out_in_batches() -> None:
    """A hundred at a time, one after another; all that was made comes back in order."""
    result = play(DO.batch_create(D, CHUNKS), (Send, made), (Send, made), (Send, made))
    assert result == tuple(CHUNKS)


def test_an_empty_list() -> None:
    """Sends nothing."""
    assert play(DO.batch_create(D, [])) == ()
    assert play(DO.batch_delete(D, [])) == ()


def test_a_batch_that_is_refused() -> None:
    """What is done and what is left are told; the rest is not sent."""
    with pytest.raises(BatchError, match="100 of 250 are done: no") as caught:
        play(DO.batch_create(D, CHUNKS), (Send, made), (Send, answer(400, **NO)))
    assert caught.value.done == tuple(CHUNKS[:100])
    assert caught.value.left == tuple(CHUNKS[100:])
    assert isinstance(caught.value.__cause__, StatusError)
    assert caught.value.exit_code == StatusError.exit_code


def test_a_batch_without_an_answer() -> None:
    """Nobody knows whether it was carried out, and the error says so."""
    names = [f"{D}/chunks/{number}" for number in range(120)]
    lost: Any = UnreachableError("The connection broke off.")
    with pytest.raises(BatchError, match=r"100 of 120 are done .*of the 20") as caught:
        play(DO.batch_delete(D, names), (Send, answer()), (Send, lost))
    assert caught.value.done == tuple(names[:100])
    assert caught.value.exit_code == UnreachableError.exit_code
