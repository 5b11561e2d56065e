from __future__ import annotations

from typing import Any

import pytest

from gemauth.errors import UsageError
from gemauth.google.gemini.resources.content import (
    Blob,
    Content,
    FileData,
    Part,
    PredictResponse,
    contents,
    one_content,
)

TURN = {"role": "user", "parts": [{"text": "Hi"}]}
IMAGE = Part(inline_data=Blob(mime_type="image/png", data=b"\x89P"))
IMAGE_JSON = {"inlineData": {"mimeType": "image/png", "data": "iVA="}}


@pytest.mark.parametrize(
    ("written", "turns"),
    [
        ("Hi", [TURN]),
        (["Hi"], [TURN]),
        (TURN, [TURN]),
        (Content(role="user", parts=(Part(text="Hi"),)), [TURN]),
        ({"text": "Hi"}, [TURN]),
        (["Hi", IMAGE], [{"role": "user", "parts": [{"text": "Hi"}, IMAGE_JSON]}]),
        (
            ["Hi", Content(role="model", parts=(Part(text="Yes?"),)), "Why?"],
            [
                TURN,
                {"role": "model", "parts": [{"text": "Yes?"}]},
                {"role": "user", "parts": [{"text": "Why?"}]},
            ],
        ),
        (
            Part(file_data=FileData(file_uri="https://x/files/a")),
            [{"role": "user", "parts": [{"fileData": {"fileUri": "https://x/files/a"}}]}],
        ),
    ],
)
def test_what_people_write(written: Any, turns: list[Any]) -> None:
    """Texts and parts in a row are one turn of the user's; a turn stays one."""
    assert contents(written) == turns


def test_what_is_no_content() -> None:
    """Named before anything is sent."""
    with pytest.raises(UsageError, match="empty"):
        contents([])
    bad: Any = [3]
    with pytest.raises(UsageError, match="int is nothing"):
        contents(bad)
    with pytest.raises(UsageError, match="several turns"):
        one_content([TURN, TURN])


def test_predictions() -> None:
    """In the model's own JSON."""
    assert PredictResponse.from_json({"predictions": [{"a": 1}, 2]}).predictions == ({"a": 1}, 2)
