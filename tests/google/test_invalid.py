from __future__ import annotations

from gemauth.errors import Fault
from gemauth.google.invalid import InvalidRequestError, Violation


def test_each_violation_is_a_line_and_a_detail() -> None:
    """The message has one line per field; details are a BadRequest; the top level has no field."""
    error = InvalidRequestError.of([Violation("a.b", "one"), Violation(None, "two")])
    assert error.status.to_json() == {
        "error": {
            "code": 400,
            "message": "one\ntwo",
            "status": "INVALID_ARGUMENT",
            "details": [
                {
                    "@type": "type.googleapis.com/google.rpc.BadRequest",
                    "fieldViolations": [
                        {"field": "a.b", "description": "one"},
                        {"description": "two"},
                    ],
                }
            ],
        }
    }
    assert error.fault is Fault.CALLER


def test_unreadable_json_has_no_details() -> None:
    """A body that could not be read has no fields to blame."""
    assert InvalidRequestError("no").status.to_json() == {
        "error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT"}
    }
