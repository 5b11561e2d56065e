"""The form in a request, read within limits (RFC 6749 appendix B).

Used by the sign-in pages, and by `token.py`, `revocation.py` and `tokeninfo.py`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException

from gemauth.http import FORM, media_type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

__all__ = ["LARGEST", "Form", "read_body", "read_form", "read_pairs"]

# Bytes: an assertion is a few kilobytes, everything else is smaller.
LARGEST = 64 * 1024
MOST_FIELDS = 100


@dataclass(frozen=True, slots=True)
class Form:
    """A form's fields; one without a value counts as absent (RFC 6749 section 3.1)."""

    fields: Mapping[str, str]
    repeated: str | None  # a name that came more than once


async def read_pairs(request: Request) -> list[tuple[str, str]]:
    """Return the pairs of a form in their order; another media type holds none.

    Raises:
        HTTPException: 413 for a body or a number of fields beyond the limits.
    """
    body = await read_body(request)
    if media_type(request.headers, FORM) != FORM:
        return []
    text = body.decode("utf-8", "replace")
    try:
        return parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(413) from None


async def read_body(request: Request) -> bytes:
    """Return the body of a request.

    Raises:
        HTTPException: 413 for one beyond the limit.
    """
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            raise HTTPException(413)
    return body


async def read_form(request: Request) -> Form:
    """Return the form of a request to an OAuth endpoint.

    Raises:
        HTTPException: as `read_pairs`.
    """
    pairs = [(name, value) for name, value in await read_pairs(request) if value]
    counts = Counter(name for name, _ in pairs)
    repeated = next((name for name, count in counts.items() if count > 1), None)
    return Form(dict(pairs), repeated)
