"""From a token endpoint's answer to a token: what all sources do with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.token import AccessToken
from gemauth.errors import Fault, UnreachableError

if TYPE_CHECKING:
    from gemauth.oauth.token import TokenResponse

__all__ = ["from_answer"]


def from_answer(answer: TokenResponse, asked: float, scopes: tuple[str, ...]) -> AccessToken:
    """Return the access token of an answer.

    Args:
        answer: what the endpoint said.
        asked: when the request was sent (epoch seconds): its life counts from the answer, which
            came later, so this errs on the safe side.
        scopes: asked for; they hold where the answer names none (RFC 6749 section 5.1).

    Raises:
        UnreachableError: there is no access token in it.
    """
    if answer.access_token is None:
        raise UnreachableError(
            "The token endpoint answered without an access token.",
            fault=Fault.SERVER,
            next_step="See what answers there: gemauth doctor",
        )
    end = None if answer.expires_in is None else asked + answer.expires_in
    return AccessToken(answer.access_token, end, answer.scopes or scopes, asked)
