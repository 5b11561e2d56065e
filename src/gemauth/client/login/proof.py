"""A first call of the API with new credentials: what a sign-in is good for shows before it is told.

Listing models costs nothing, and meets what keeps any other call from working: an API that is not
enabled, a quota project that may not be used, scopes that are not enough (google-oauth.md 5.7).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.client.calls.call import call
from gemauth.errors import CredentialError, GemauthError
from gemauth.google.gemini.methods import LIST_MODELS
from gemauth.google.status import Code, StatusError

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow

__all__ = ["Proof", "prove"]

PATIENCE = 10.0
"""Seconds that it may take in all: somebody waits to hear that they are signed in."""
_VERSION = "v1beta"
# What says nothing of the credentials: the server is busy or broken.
_PASSING = frozenset(
    {Code.UNAVAILABLE, Code.INTERNAL, Code.UNKNOWN, Code.DEADLINE_EXCEEDED, Code.RESOURCE_EXHAUSTED}
)


@dataclass(frozen=True, slots=True)
class Proof:
    """How a first call ended.

    Attributes:
        error: what came instead of an answer; None where the API answered.
    """

    error: GemauthError | None = None

    @property
    def refused(self) -> bool:
        """Whether the API was reached and does not take calls with these credentials."""
        if isinstance(self.error, StatusError):
            return self.error.status.code not in _PASSING
        return isinstance(self.error, CredentialError)


def prove(credentials: Credentials, asked: tuple[str, ...]) -> Flow[Proof | None]:
    """Return the flow of a first call; it has no errors of its own.

    Args:
        credentials: as kept, with the quota project that every call will name.
        asked: the scopes that the sign-in asked for. None is made where they were not for the API.
    """
    if set(asked).isdisjoint(LIST_MODELS.scopes):
        return None
    try:
        yield from call(credentials, LIST_MODELS, {"pageSize": 1}, _VERSION, timeout=PATIENCE)
    except GemauthError as error:
        return Proof(error)
    return Proof()
