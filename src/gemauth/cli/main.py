"""The entry point of `gemauth`: a cached token is printed at once, everything else is dispatched.

Start-up is a feature: this module imports nothing but sys, and `print-access-token` with a valid
cached token nothing beyond `os`, `sys`, `time` and `client.cache`'s plain-lines reader (design.md
decision 11; `benchmarks/processes.py` measures it, `tests/cli/test_main.py` holds the list).
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main(words: list[str] | None = None) -> int:
    """Run a command line and return the exit code; never a traceback.

    Exit codes: `gemauth help exit-codes`.

    Args:
        words: the command line; None takes sys.argv's, and that this is all the process is for.
    """
    try:
        _open_streams()
        return _run(sys.argv[1:] if words is None else words, alone=words is None)
    except KeyboardInterrupt as stopped:
        return _stopped(stopped)


def _run(words: list[str], *, alone: bool) -> int:
    from os import _exit, environ

    if words[:1] == ["print-access-token"]:
        from gemauth.cli.cached import cached_token

        token = cached_token(words[1:], environ)
        if token is not None:
            try:
                sys.stdout.write(token + "\n")
                sys.stdout.flush()
            except OSError as error:
                return _unwritten(error)
            if alone:  # all is written, nothing is open: taking the interpreter down in order
                _exit(0)  # would be a seventh of the whole run
            return 0

    from gemauth.cli.console import Console, ReaderGoneError
    from gemauth.cli.dispatch import dispatch

    if hasattr(sys.stdout, "reconfigure"):  # a terminal without some letter shows its number
        sys.stdout.reconfigure(errors="backslashreplace")
    if hasattr(sys.stdin, "reconfigure"):  # what is typed may be no text at all
        sys.stdin.reconfigure(errors="replace")
    try:
        code = dispatch(words, Console(sys.stdin, sys.stdout, sys.stderr, environ))
    except ReaderGoneError:
        code = 141
    _let_go()
    return code


def _stopped(stopped: KeyboardInterrupt) -> int:
    """Say that Ctrl-C has ended it, and what the notes say was done by then."""
    from contextlib import suppress

    with suppress(OSError):  # nobody reads
        sys.stderr.write("\n".join(("\nStopped.", *getattr(stopped, "__notes__", ()), "")))
    _let_go()
    return 130


def _unwritten(error: OSError) -> int:
    """Return the exit code for a token that stdout did not take, and say why."""
    from os import environ

    from gemauth.cli.console import Console, ReaderGoneError, writing
    from gemauth.cli.failure import report
    from gemauth.errors import GemauthError

    try:
        with writing():
            raise error
    except ReaderGoneError:
        code = 141
    except GemauthError as told:
        code = report(told, Console(sys.stdin, sys.stdout, sys.stderr, environ))
    _let_go()
    return code


def _open_streams() -> None:
    """Let a stream that is closed (`gemauth … >&-`), and None then, lead nowhere."""
    from os import devnull

    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(devnull, mode))  # noqa: PTH123, SIM115  # pathlib costs 4 ms


def _let_go() -> None:
    """Let Python's own flush at exit meet no closed pipe and no full disk."""
    import os

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
