"""What each exit code means, read from the error tree.

Read by `gemauth help exit-codes`; `docs/exit-codes.md` is generated from it.
"""

from __future__ import annotations

from gemauth import errors
from gemauth.errors import GemauthError

__all__ = ["DEFECT", "INTERRUPTED", "OK", "PARTLY", "READER_GONE", "meanings"]

OK = 0
PARTLY = 8  # gemauth share --from
DEFECT = 70  # EX_SOFTWARE of sysexits.h
INTERRUPTED = 130  # 128 + SIGINT, as shells report it
READER_GONE = 141  # 128 + SIGPIPE, likewise


def meanings() -> dict[int, str]:
    """Return every exit code with its meaning; the tree's are their classes' first lines."""
    tree = {
        error.exit_code: (error.__doc__ or "").partition("\n")[0]
        for error in vars(errors).values()
        if isinstance(error, type) and issubclass(error, GemauthError)
    }
    return dict(
        sorted(
            {
                OK: "It worked.",
                **tree,
                PARTLY: "Of a list, some are done and some are not: which and why was told.",
                DEFECT: "A defect in gemauth itself; GEMAUTH_DEBUG=1 shows where.",
                INTERRUPTED: "Stopped by Ctrl-C.",
                READER_GONE: "The program that read the output went away.",
            }.items()
        )
    )
