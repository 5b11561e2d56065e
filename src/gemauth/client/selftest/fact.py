"""What our references expect of an answer, as a question that an answer can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from gemauth.errors import UnreachableError
from gemauth.google.status import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from gemauth.http import Response

__all__ = ["Fact", "Sure", "body", "content_type", "error", "has", "reason", "status", "text"]


class Sure(Enum):
    """How a fact came to us: the tags of our references."""

    DOCUMENTED = "documented"
    REPORTED = "reported"
    INFERRED = "inferred"


@dataclass(frozen=True, slots=True)
class Fact:
    """One expectation.

    Attributes:
        words: for people.
        sure: how sure we were of it.
        holds: whether an answer is as expected.
    """

    words: str
    sure: Sure
    holds: Callable[[Response], bool]


def body(answer: Response) -> dict[str, Any]:
    """Return an answer's JSON object, empty where it is none."""
    try:
        return answer.json()
    except UnreachableError:
        return {}


def status(*codes: int, sure: Sure = Sure.DOCUMENTED) -> Fact:
    """Expect one of these HTTP statuses."""
    words = " or ".join(map(str, codes))
    return Fact(f"HTTP {words}", sure, lambda answer: answer.status in codes)


def has(*names: str, sure: Sure = Sure.DOCUMENTED) -> Fact:
    """Expect these members in the body."""
    return Fact(f"members {', '.join(names)}", sure, lambda answer: {*names} <= {*body(answer)})


def error(name: str, description: str | None = None, *, sure: Sure = Sure.REPORTED) -> Fact:
    """Expect an OAuth error, with its description."""

    def holds(answer: Response) -> bool:
        told = body(answer)
        same = description is None or told.get("error_description") == description
        return told.get("error") == name and same

    words = f"error {name}" + (f" ({description})" if description else "")
    return Fact(words, sure, holds)


def text(name: str, message: str, *, sure: Sure = Sure.REPORTED) -> Fact:
    """Expect an API's error: its canonical code, and how its text begins."""

    def holds(answer: Response) -> bool:
        told = Status.from_json(body(answer))
        return told is not None and told.code.name == name and told.message.startswith(message)

    return Fact(f"{name}: {message}…", sure, holds)


def reason(*names: str, sure: Sure = Sure.REPORTED) -> Fact:
    """Expect an ErrorInfo with one of these reasons."""

    def holds(answer: Response) -> bool:
        told = Status.from_json(body(answer))
        return told is not None and told.reason in names

    return Fact(f"ErrorInfo {' or '.join(names)}", sure, holds)


def content_type(name: str, *, sure: Sure = Sure.REPORTED) -> Fact:
    """Expect a Content-Type."""

    def holds(answer: Response) -> bool:
        return answer.headers.get("Content-Type", "").lower().replace(" ", "") == name

    return Fact(f"Content-Type {name}", sure, holds)
