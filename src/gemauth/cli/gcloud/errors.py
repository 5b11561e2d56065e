"""How this gcloud fails: 1 for whatever goes wrong, 2 for words that it does not understand.

gcloud's own codes (google-oauth.md section 7), in the place of gemauth's finer ones.
"""

from __future__ import annotations

from gemauth.errors import GemauthError, UsageError

__all__ = ["GcloudError", "GrammarError", "invalid"]


class GcloudError(GemauthError):
    """The command was understood, and cannot be carried out."""


class GrammarError(UsageError):
    """The command line is not understood.

    Attributes:
        path: the command as far as it was recognized.
    """

    def __init__(
        self, message: str, path: tuple[str, ...] = (), *, next_step: str | None = None
    ) -> None:
        super().__init__(message, next_step=next_step)
        self.path = path


def invalid(flag: str, why: str, *, next_step: str | None = None) -> GcloudError:
    """Return the error for a flag whose value makes no sense; gcloud's code for it is 1."""
    return GcloudError(f"Invalid value for [{flag}]: {why}", next_step=next_step)
