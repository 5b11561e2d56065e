from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.authserver.form import LARGEST

if TYPE_CHECKING:
    from tests.emulator.desk import Desk


def test_too_large(desk: Desk) -> None:
    """A body beyond the limit is refused unread, whatever is in it."""
    assert desk.post("a=" + "x" * LARGEST).status == 413


def test_too_many_fields(desk: Desk) -> None:
    """A form of very many fields is refused."""
    assert desk.post("&".join(f"f{n}=1" for n in range(101))).status == 413


@pytest.mark.parametrize(
    "media_type",
    [
        "application/x-www-form-urlencoded; charset=utf-8",
        "APPLICATION/X-www-form-URLencoded",
    ],
)
def test_media_type(desk: Desk, media_type: str) -> None:
    """Parameters and case of the media type do not matter (RFC 9110 section 8.3.1)."""
    answered = desk.post("grant_type=x", media_type=media_type)
    assert answered.body["error"] == "unsupported_grant_type"


def test_bytes_that_are_no_text(desk: Desk) -> None:
    """Bytes outside UTF-8 are read as replacement characters, not as an error."""
    answered = desk.post("grant_type=%ff%00")
    assert answered.body["error_description"] == "Invalid grant_type: \ufffd\x00"
