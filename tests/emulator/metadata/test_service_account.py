from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.metadata.service_account import Tokens
from gemauth.emulator.storage.hashing import digest
from gemauth.emulator.storage.records import AccessToken, ServiceAccount
from gemauth.emulator.tokens.verify import Credential, verify_bearer
from gemauth.google.scopes import CLOUD_PLATFORM, GEMINI
from tests.emulator.conftest import ROBOT

if TYPE_CHECKING:
    from tests.emulator.metadata.conftest import Room


def take(room: Room, tokens: Tokens, *scopes: str) -> tuple[str, int]:
    """Return the token that a program gets, and its seconds."""
    (account,) = room.all(ServiceAccount)
    with room.write() as tx:
        answer = tokens.token(tx, room.clock.now(), account, scopes)
    assert answer["token_type"] == "Bearer"
    return answer["access_token"], answer["expires_in"]


def test_a_token_is_real(room: Room) -> None:
    """What the metadata server gives, the APIs accept as the service account."""
    token, seconds = take(room, Tokens(room.entropy), GEMINI)
    assert token.startswith("ya29.c.emu-")
    assert 3590 <= seconds <= 3600
    with room.read() as tx:
        credential = verify_bearer(tx, room.clock.now(), token)
    assert isinstance(credential, Credential)
    assert (credential.kind, credential.email) == ("service_account", ROBOT)
    assert credential.scopes == (GEMINI,)


def test_a_token_is_given_again_until_five_minutes_before_its_end(room: Room) -> None:
    """Programs get the same token with fewer seconds, then a new one (google-oauth.md 3)."""
    tokens = Tokens(room.entropy)
    first, seconds = take(room, tokens, GEMINI)
    room.clock.advance(1000)
    assert take(room, tokens, GEMINI) == (first, seconds - 1000)
    room.clock.advance(seconds - 1000 - 300)
    second, _ = take(room, tokens, GEMINI)
    assert second != first


def test_other_scopes_are_another_token(room: Room) -> None:
    """Each set of scopes has a token of its own."""
    tokens = Tokens(room.entropy)
    assert take(room, tokens, GEMINI)[0] != take(room, tokens, CLOUD_PLATFORM)[0]


def test_a_token_that_is_gone_is_not_given_again(room: Room) -> None:
    """What was revoked or swept has a successor."""
    tokens = Tokens(room.entropy)
    first, _ = take(room, tokens, GEMINI)
    room.remove(AccessToken, digest(first))
    assert take(room, tokens, GEMINI)[0] != first


def test_memory_is_bounded(room: Room) -> None:
    """A program that asks for ever new scopes does not fill the memory."""
    tokens = Tokens(room.entropy)
    for number in range(150):
        take(room, tokens, f"https://www.googleapis.com/auth/{number}")
    assert len(tokens._kept) <= 100  # nothing outside shows it
