"""The deadline that a gRPC client sends along: `grpc-timeout: 250m` (gRPC over HTTP2, Timeout)."""

from __future__ import annotations

import re

from gemauth.google.status import Code, Status, StatusError

__all__ = ["read_timeout"]

_TIMEOUT = re.compile(r"(\d{1,8})([HMSmun])", re.ASCII)
_SECONDS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


def read_timeout(header: str | None) -> float | None:
    """Return the seconds that a call may take, None where it has all the time.

    Raises:
        StatusError: INTERNAL, the header is none of the form (as grpc-go answers it).
    """
    if header is None:
        return None
    found = _TIMEOUT.fullmatch(header)
    if found is None:
        raise StatusError(Status(Code.INTERNAL, f"Malformed grpc-timeout: {header[:50]}"))
    return int(found[1]) * _SECONDS[found[2]]
