"""Reading a JSON object that a person wrote: every member checked, every problem with its path.

Problems are collected, so that a seed file's author sees all of them at once; `refuse_problems`
ends the reading. Read by every module here that takes a body.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, TypeVar

from gemauth.emulator.accounts.people import InvalidEmailError, normal
from gemauth.google.status import Code, Status, StatusError, bad_request

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

__all__ = ["Members", "invalid"]

DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+", re.ASCII)
_REQUIRED: Final = object()
T = TypeVar("T")


def invalid(path: str, problem: str) -> StatusError:
    """Return the refusal of one member."""
    text = f"{path}: {problem}" if path else problem
    return StatusError(Status(Code.INVALID_ARGUMENT, text, (bad_request([(path, problem)]),)))


class Members:
    """The members of one JSON object; each reader takes a member's name and returns its value.

    A reader whose member is wrong notes the problem and returns an empty value of its type.

    Args:
        value: what should be an object.
        path: where it stands in the document, such as `projects[0]`; empty for the whole.
    """

    def __init__(
        self,
        value: Any,  # noqa: ANN401  # any JSON value
        path: str = "",
        problems: list[tuple[str, str]] | None = None,
    ) -> None:
        self.path = path
        self.problems = [] if problems is None else problems
        self._seen: set[str] = set()
        if not isinstance(value, dict):
            self._note(path, "must be a JSON object")
            value = {}
        self._value: dict[str, Any] = value

    def text(self, name: str, *, default: Any = _REQUIRED, most: int = 200) -> str:  # noqa: ANN401
        """Return a string of 1 to `most` characters; without a default the member is required."""

        def read(value: Any) -> str:  # noqa: ANN401  # any JSON value
            if not isinstance(value, str) or not value.strip():
                raise _WrongError("must be a string that is not empty")
            if len(value) > most or not value.isprintable():
                raise _WrongError(f"must have {most} printable characters or fewer")
            return value.strip()

        return self._one(name, read, default, "")

    def optional(self, name: str, *, most: int = 200) -> str | None:
        """Return a string, or None where the member is missing or null."""
        if self._value.get(name) is None:
            self._seen.add(name)
            return None
        return self.text(name, most=most)

    def email(self, name: str, *, default: Any = _REQUIRED) -> str:  # noqa: ANN401
        """Return an e-mail address in lower case."""
        return self._one(name, _email, default, "")

    def emails(self, name: str) -> tuple[str, ...]:
        """Return a list of e-mail addresses, each once; missing is empty."""
        return self._list(name, _email)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings, each once; missing is empty."""

        def read(value: Any) -> str:  # noqa: ANN401  # any JSON value
            if not isinstance(value, str) or not value:
                raise _WrongError("must be a string that is not empty")
            return value

        return self._list(name, read)

    def choice(self, name: str, options: Collection[str], *, default: Any = _REQUIRED) -> str:  # noqa: ANN401
        """Return one of the options."""

        def read(value: Any) -> str:  # noqa: ANN401  # any JSON value
            if not isinstance(value, str) or value not in options:
                raise _WrongError(f"must be one of {', '.join(options)}")
            return value

        return self._one(name, read, default, "")

    def domain(self, name: str) -> str | None:
        """Return a domain name in lower case, or None where the member is missing or null."""
        text = self.optional(name)
        if text is not None and DOMAIN.fullmatch(text.lower()) is None:
            self._note(self.at(name), "must be a domain name such as example.com")
            return None
        return None if text is None else text.lower()

    def flag(self, name: str, *, default: bool) -> bool:
        """Return true or false."""

        def read(value: Any) -> bool:  # noqa: ANN401  # any JSON value
            if not isinstance(value, bool):
                raise _WrongError("must be true or false")
            return value

        return self._one(name, read, default, empty=False)

    def mapping(self, name: str) -> dict[str, Any]:
        """Return an object as it is, for readers of its own; missing is empty."""

        def read(value: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON value
            if not isinstance(value, dict):
                raise _WrongError("must be a JSON object")
            return value

        return self._one(name, read, {}, {})

    def objects(self, name: str) -> list[Members]:
        """Return the objects of a list, each to be read further; missing is empty."""
        values: list[Any] = self._one(name, _list, [], [])
        return [
            Members(value, f"{self.at(name)}[{index}]", self.problems)
            for index, value in enumerate(values)
        ]

    def member(self, name: str) -> Members | None:
        """Return one object to be read further, or None where it is missing or null."""
        self._seen.add(name)
        value = self._value.get(name)
        return None if value is None else Members(value, self.at(name), self.problems)

    def wrong(self, name: str, problem: str) -> None:
        """Note a problem that a reader's caller has found in a member."""
        self._note(self.at(name), problem)

    def end(self) -> None:
        """Note every member that nothing has read: a misspelt name must not be ignored."""
        for name in self._value.keys() - self._seen:
            known = ", ".join(sorted(self._seen))
            self._note(self.at(name), f"is not known here; known are {known or 'none'}")

    def refuse_problems(self) -> None:
        """End the reading of the whole document.

        Raises:
            StatusError: INVALID_ARGUMENT with every problem and its path.
        """
        self.end()
        if self.problems:
            lines = [
                f"{path}: {text}" if path else f"The body {text}" for path, text in self.problems
            ]
            details = (bad_request([(path or None, text) for path, text in self.problems]),)
            raise StatusError(Status(Code.INVALID_ARGUMENT, "; ".join(lines) + ".", details))

    def at(self, name: str) -> str:
        """Return a member's path in the document."""
        return f"{self.path}.{name}" if self.path else name

    def _one(self, name: str, read: Callable[[Any], T], default: Any, empty: T) -> T:  # noqa: ANN401  # T or _REQUIRED
        self._seen.add(name)
        if self._value.get(name) is None:
            if default is _REQUIRED:
                self._note(self.at(name), "is required")
                return empty
            found: T = default
            return found
        try:
            return read(self._value[name])
        except _WrongError as error:
            self._note(self.at(name), str(error))
            return empty

    def _list(self, name: str, read: Callable[[Any], str]) -> tuple[str, ...]:
        values: list[Any] = self._one(name, _list, [], [])
        found = []
        for index, value in enumerate(values):
            try:
                found.append(read(value))
            except _WrongError as error:
                self._note(f"{self.at(name)}[{index}]", str(error))
        return tuple(dict.fromkeys(found))

    def _note(self, path: str, problem: str) -> None:
        self.problems.append((path, problem))


class _WrongError(Exception):
    """A value is not what its member takes."""


def _list(value: Any) -> list[Any]:  # noqa: ANN401  # any JSON value
    if not isinstance(value, list):
        raise _WrongError("must be a list")
    return value


def _email(value: Any) -> str:  # noqa: ANN401  # any JSON value
    if not isinstance(value, str):
        raise _WrongError("must be an e-mail address")
    try:
        return normal(value)
    except InvalidEmailError as error:
        raise _WrongError("must be an e-mail address such as ada@example.com") from error
