from __future__ import annotations

import pytest

from gemauth.errors import DataError
from gemauth.google.credentials.members import required, texts, texts_of


def test_what_has_to_be_there() -> None:
    """Texts, also beyond ASCII; what is missing is named, all of it, and without its value."""
    assert required({"a": "x", "b": "é😀", "c": 1}, "k", "a", "b") == {"a": "x", "b": "é😀"}
    with pytest.raises(DataError, match=r"The k credential file lacks b, c\."):
        required({"a": "x", "b": 3}, "k", "a", "b", "c")


def test_half_a_letter_is_no_text() -> None:
    """JSON can hold half of a surrogate pair, which no request can carry."""
    with pytest.raises(DataError, match="lacks a") as caught:
        required({"a": "s3cret\ud800"}, "k", "a")
    assert "s3cret" not in str(caught.value)


def test_what_may_be_there() -> None:
    """Nothing, an empty text and another type are as good as none."""
    assert texts_of({"a": "", "b": None, "c": 3, "d": "x"}, "a", "b", "c", "d", "e") == {"d": "x"}
    assert texts({"a": ["x", 1], "b": "x"}, "a") == ("x", "1")
    assert texts({"a": ["x", 1], "b": "x"}, "b") == ()
