"""Where a command meets the person: results on stdout, talk on stderr, questions on a terminal.

The streams and the environment are arguments. Colour and rich are used only when stdout is a
terminal, rich is installed and NO_COLOR is not set (no-color.org).
"""

from __future__ import annotations

import json
import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TextIO

from gemauth.cli import table
from gemauth.clock import SystemClock
from gemauth.errors import Fault, GemauthError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from gemauth.clock import Clock

__all__ = ["Console", "Format", "OutputError", "ReaderGoneError", "writing"]

Format = Literal["table", "json"]
# DEL and C1 are no control characters to JSON, but to a terminal (U+009B is CSI).
_UNESCAPED = re.compile(r"[\x7f-\x9f]")
_ENDLESS = 10_000  # columns: wider than any terminal


class ReaderGoneError(Exception):
    """The program that reads stdout or stderr has closed it (`gemauth models list | head -1`)."""


class OutputError(GemauthError):
    """Standard output takes no more: what was written there is not whole."""

    default_fault = Fault.MACHINE


class Console:
    """A command's streams and environment.

    Attributes:
        format: what `record` and `records` write: `table` for people or `json` for programs.
        quiet: whether `say` is silent and nothing is asked.
    """

    def __init__(  # the whole outside of a command, each an argument
        self,
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        environ: Mapping[str, str],
        *,
        clock: Clock | None = None,
        format: Format = "table",  # noqa: A002  # the option's name
        quiet: bool = False,
    ) -> None:
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.environ = environ
        self.clock = clock or SystemClock()
        self.format = format
        self.quiet = quiet

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked: stdin and stderr are a terminal and --quiet is off."""
        return not self.quiet and self.stdin.isatty() and self.stderr.isatty()

    def columns(self, most: int) -> int:
        """Return the width for text on stdout: `most`, or that of a terminal that is narrower.

        COLUMNS goes before what the terminal says of itself, as everywhere (POSIX).
        """
        if not self.stdout.isatty():
            return most
        named = self.environ.get("COLUMNS", "")
        if named.isdecimal() and int(named):
            return min(int(named), most)
        try:
            columns = os.get_terminal_size(self.stdout.fileno()).columns
        except (OSError, ValueError):  # no descriptor of the system's
            columns = 0
        return min(columns or most, most)  # 0: a terminal that does not know

    def write(self, text: str) -> None:
        """Write text to stdout as it is; this and all that write there raise as `writing` says."""
        with writing():
            self.stdout.write(text)

    def write_bytes(self, body: bytes) -> None:
        """Write bytes to stdout as they are."""
        self.flush()
        with writing():
            self.stdout.buffer.write(body)

    def read(self) -> bytes:
        """Return all of standard input."""
        return self.stdin.buffer.read()

    def flush(self) -> None:
        """Hand on what is still buffered for stdout."""
        with writing():
            self.stdout.flush()

    def print(self, text: str) -> None:
        """Write one result to stdout, with a newline."""
        self.write(text + "\n")

    def json(self, value: Any) -> None:  # noqa: ANN401  # any JSON value
        """Write one JSON value to stdout, indented; escaped where stdout is not UTF-8."""
        unicode = self.stdout.encoding.lower().replace("-", "") == "utf8"
        text = json.dumps(value, indent=2, ensure_ascii=not unicode)
        self.print(_UNESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", text))

    def say(self, text: str) -> None:
        """Tell the person something on stderr, unless --quiet."""
        if not self.quiet:
            self.warn(text)

    def warn(self, text: str) -> None:
        """Tell the person something on stderr, even with --quiet."""
        self._prompt(text + "\n")

    def record(self, value: Mapping[str, Any]) -> None:
        """Write one thing: a JSON object, or a line for each member."""
        if self.format == "json":
            self.json(value)
        else:
            self.write(table.members(value))

    def records(
        self,
        rows: Sequence[Mapping[str, Any]],
        columns: Sequence[str],
        *,
        nothing: str = "Nothing to list.",
    ) -> None:
        """Write several things: a JSON array of all members, or a table of these columns.

        `nothing` is said on stderr, for people, when there are none.
        """
        if self.format == "json":
            self.json(list(rows))
        elif not rows:
            self.say(nothing)
        elif not self._rich_table(rows, columns):
            self.write(table.plain(rows, columns))

    def ask(self, prompt: str, *, secret: bool = False) -> str:
        """Ask for one line and return it, stripped; the prompt goes to stderr.

        A pipe may answer too. A secret line is not echoed by a terminal.

        Raises:
            UsageError: stdin has ended: nobody can answer.
        """
        if secret and self.stdin.isatty():
            from getpass import getpass  # rarely needed

            return getpass(prompt, self.stderr).strip()
        self._prompt(prompt)
        line = self.stdin.readline()
        if not line:
            self._prompt("\n")
            raise UsageError(
                "This needs an answer, and the input has ended.",
                next_step="Run it in a terminal, or write the answer to its standard input.",
            )
        return line.strip()

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question (the default is no); true when nobody can be asked."""
        if not self.interactive:
            return True
        return self.ask(f"{question} [y/N] ").lower() in {"y", "yes"}

    def _prompt(self, text: str) -> None:
        try:
            self.stderr.write(table.lines(text))
            self.stderr.flush()
        except OSError:  # a full disk, too: there is no other place to tell it
            raise ReaderGoneError from None

    def _rich_table(self, rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bool:
        """Write a table with rich where a person looks at it and it fits; false elsewhere."""
        if not self.stdout.isatty() or self.environ.get("NO_COLOR"):
            return False
        try:
            from rich.console import Console as RichConsole  # optional and slow
            from rich.table import Table
        except ImportError:
            return False
        view = Table(box=None, header_style="bold", pad_edge=False)
        for column in columns:
            view.add_column(table.heading(column), no_wrap=True)
        for row in rows:
            view.add_row(*(table.cell(row.get(column)) for column in columns))
        person = RichConsole(file=self.stdout, markup=False, highlight=False)
        endless = person.options.update(max_width=_ENDLESS)
        if person.measure(view, options=endless).maximum > person.width:
            return False  # a name that is folded into its column cannot be copied
        person.print(view)
        return True


@contextmanager
def writing() -> Iterator[None]:
    """Tell a reader that went away and a full disk from other failures.

    Raises:
        ReaderGoneError: stdout is a pipe that nobody reads any more.
        OutputError: the system does not take what is written.
    """
    try:
        yield
    except BrokenPipeError:
        raise ReaderGoneError from None
    except OSError as error:
        raise OutputError(
            f"Standard output cannot be written: {error.strerror}.",
            next_step="Send it to a place with room, and run the command again.",
        ) from None
