from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.accounts import sessions
from gemauth.emulator.storage.records import BrowserSession

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction


def test_known_by_the_cookie_until_its_end(tx: Transaction) -> None:
    """A session is found by its cookie only, an hour long, or fourteen days from a sign-in."""
    session = sessions.start(tx, 100, "value")
    assert "value" not in repr(session)
    assert sessions.current(tx, 100 + sessions.UNUSED - 1, "value") == session
    assert sessions.current(tx, 100 + sessions.UNUSED, "value") is None
    session = sessions.remember(tx, 200, session, "1")
    assert sessions.current(tx, 200 + sessions.LIFETIME - 1, "value") == session
    assert sessions.current(tx, 200 + sessions.LIFETIME, "value") is None
    assert sessions.current(tx, 100, session.session_hash) is None
    assert sessions.current(tx, 100, None) is None
    assert sessions.current(tx, 100, "") is None


def test_the_last_to_sign_in_comes_first(tx: Transaction) -> None:
    """A browser remembers everybody who signed in, each once."""
    session = sessions.start(tx, 0, "value")
    for sub in ("1", "2", "1"):
        session = sessions.remember(tx, 0, session, sub)
    assert sessions.current(tx, 0, "value") == session
    assert session.subs == ("1", "2")


def test_sweep(tx: Transaction) -> None:
    """Sessions that are over are deleted, the others kept."""
    sessions.start(tx, 0, "old")
    new = sessions.start(tx, 10, "new")
    sessions.sweep(tx, sessions.UNUSED)
    assert tx.find(BrowserSession) == [new]


def test_form_tokens_belong_to_a_session_and_a_purpose() -> None:
    """A form's token is good in one browser for one purpose."""
    token = sessions.form_token("cookie", "consent 1")
    assert sessions.form_token_is_valid("cookie", "consent 1", token)
    assert not sessions.form_token_is_valid("other", "consent 1", token)
    assert not sessions.form_token_is_valid("cookie", "consent 2", token)
    assert not sessions.form_token_is_valid("cookie", "consent 1", "")
    assert not sessions.form_token_is_valid("cookie", "consent 1", "ñ")
