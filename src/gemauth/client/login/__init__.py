"""Signing in, from the OAuth client's file to credentials that are kept.

    wish.py           what is asked for: by which client, which scopes, as whom, and kept where
    destination.py    where it is kept
    asked.py          which wish a caller's arguments are: a new sign-in, or
    adding.py         more scopes for one that there is
    one_step.py       login(), login_async(): one process sees it through
    two_step.py       login_start(), login_finish(): two processes do
    waiting.py        what waits on disk between the two
    keeping.py        what a sign-in brought, and keeping it
    proof.py          the first call of the API

`gemauth login` and the public functions are these; the protocol itself is `client/flows`.
google-oauth.md sections 1 and 7.5.
"""

from __future__ import annotations

from gemauth.client.login.destination import Destination
from gemauth.client.login.keeping import SignedIn, keep
from gemauth.client.login.one_step import login, login_async
from gemauth.client.login.proof import Proof
from gemauth.client.login.two_step import Started, login_finish, login_start
from gemauth.client.login.wish import Wish, read_client

__all__ = [
    "Destination",
    "Proof",
    "SignedIn",
    "Started",
    "Wish",
    "keep",
    "login",
    "login_async",
    "login_finish",
    "login_start",
    "read_client",
]
