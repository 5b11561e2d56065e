from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.api import call, refused, sent

if TYPE_CHECKING:
    from tests.cli.google import Google

PATH = "/v1beta/models"


def test_body_as_it_came(google: Google) -> None:
    """The answer's bytes go to stdout unchanged, whatever they are."""
    google.answers[f"GET {PATH}"] = (200, b'{ "odd":  1}\r\n\xff')
    there = call(google, "request", "get", f"{PATH}?pageSize=5")
    assert there.code == 0
    assert there.stdout.bytes.getvalue() == b'{ "odd":  1}\r\n\xff'
    assert google.lines[-1] == f"GET {PATH}?pageSize=5"


@pytest.mark.parametrize("data", ['{"a": 1}', "@FILE", "-"])
def test_data(google: Google, data: str) -> None:
    """The body is given in place, in a file, or on standard input."""
    google.answers[f"POST {PATH}"] = (200, {})
    (google.folder / "body.json").write_text('{"a": 1}')
    data = data.replace("FILE", str(google.folder / "body.json"))
    there = call(google, "request", "POST", PATH, "--data", data, typed='{"a": 1}')
    assert there.code == 0
    assert sent(google) == (f"POST {PATH}", {"a": 1})
    assert google.asked[-1][1]["content-type"] == "application/json"


def test_missing_file(google: Google) -> None:
    """A file that is not there is a usage error before anything is sent."""
    there = call(google, "request", "POST", PATH, "--data", "@nowhere.json")
    assert there.code == 2
    assert "The file nowhere.json cannot be read" in there.err
    assert not google.asked


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (refused(403, "PERMISSION_DENIED", "No."), 4),
        (refused(404, "NOT_FOUND", "None."), 6),
        (refused(401, "UNAUTHENTICATED", "Who?"), 3),
        ((502, b"<html>proxy</html>"), 5),
    ],
)
def test_refused(google: Google, answer: tuple[int, object], code: int) -> None:
    """An answer that is no success leaves stdout empty: its body is the evidence on stderr."""
    google.answers[f"GET {PATH}"] = answer
    there = call(google, "request", "GET", PATH, "--format", "json")
    assert (there.code, there.out) == (code, "")
    body = answer[1].decode() if isinstance(answer[1], bytes) else json.dumps(answer[1])
    assert there.error["evidence"] == body


def test_foreign_address(google: Google) -> None:
    """A token is sent to no other host than the API's."""
    there = call(google, "request", "GET", "https://example.com/v1beta/models")
    assert there.code == 2
    assert there.out == ""


def test_bytes_that_are_no_text(google: Google) -> None:
    """What was typed goes out byte for byte, whatever its encoding."""
    google.answers[f"POST {PATH}"] = (200, {})
    assert call(google, "request", "POST", PATH, "--data", "caf\udce9").code == 0
    assert google.asked[-1][2] == "caf\udce9"
