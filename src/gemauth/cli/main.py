"""The entry point of `gemauth`: a cached token is printed at once, everything else is dispatched.

Start-up is a feature: this module imports nothing but sys, and `print-access-token` with a valid
cached token nothing beyond `os`, `sys`, `time` and `client.cache`'s plain-lines reader (design.md
decision 11; `benchmarks/startup.py` measures it, `tests/cli/test_main.py` holds the list).
"""

from __future__ import annotations

import sys

__all__ = ["main"]


def main(words: list[str] | None = None) -> int:
    """Run a command line (sys.argv's by default) and return the exit code; never a traceback.

    Exit codes: `gemauth help exit-codes`.
    """
    words = sys.argv[1:] if words is None else words
    try:
        return _run(words)
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return 130


def _run(words: list[str]) -> int:
    from os import environ

    if words[:1] == ["print-access-token"]:
        from gemauth.cli.cached import cached_token

        token = cached_token(words[1:], environ)
        if token is not None:
            try:
                sys.stdout.write(token + "\n")
                sys.stdout.flush()
            except BrokenPipeError:
                return _reader_gone()
            return 0

    from gemauth.cli.console import Console, ReaderGoneError
    from gemauth.cli.dispatch import dispatch

    if hasattr(sys.stdout, "reconfigure"):  # a terminal without some letter shows its number
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return dispatch(words, Console(sys.stdin, sys.stdout, sys.stderr, environ))
    except ReaderGoneError:
        return _reader_gone()


def _reader_gone() -> int:
    """Let Python's own flush at exit meet no closed pipe, and return the exit code."""
    import os

    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(nowhere, stream.fileno())
    return 141
