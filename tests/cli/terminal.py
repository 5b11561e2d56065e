"""A person's terminal, or a pipe, as the streams of a `Console`: runs a command line in process."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from gemauth.cli.console import Console
from gemauth.cli.dispatch import dispatch

if TYPE_CHECKING:
    from collections.abc import Mapping


class Stream(io.TextIOWrapper):
    """Text over bytes in memory, which may claim to be a terminal."""

    def __init__(self, content: str = "", *, tty: bool = False) -> None:
        self.bytes = io.BytesIO(content.encode())
        super().__init__(self.bytes, encoding="utf-8", write_through=True)
        self.tty = tty

    def isatty(self) -> bool:
        """Whether it claims to be one."""
        return self.tty

    @property
    def text(self) -> str:
        """What was written so far."""
        return self.bytes.getvalue().decode()


class Closed(Stream):
    """A stream whose reader has gone away."""

    def write(self, text: str) -> int:
        """Nobody reads."""
        raise BrokenPipeError

    def flush(self) -> None:
        """There is nothing to hand on."""


class Terminal:
    """Three streams and an environment; `run` gives the exit code."""

    def __init__(
        self, typed: str = "", *, tty: bool = False, environ: Mapping[str, str] | None = None
    ) -> None:
        self.stdin = Stream(typed, tty=tty)
        self.stdout = Stream(tty=tty)
        self.stderr = Stream(tty=tty)
        self.environ = dict(environ or {})
        self.code: int | None = None
        self.console = Console(self.stdin, self.stdout, self.stderr, self.environ)

    def run(self, *words: str) -> int:
        """Run `gemauth WORDS…`; its exit code."""
        self.code = dispatch(words, self.console)
        return self.code

    @property
    def out(self) -> str:
        """What stdout got."""
        return self.stdout.text

    @property
    def err(self) -> str:
        """What stderr got."""
        return self.stderr.text

    @property
    def json(self) -> Any:
        """The JSON value on stdout."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, Any]:
        """The JSON error on stderr."""
        error: dict[str, Any] = json.loads(self.err)["error"]
        return error
