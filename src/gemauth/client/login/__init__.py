"""Signing in, from the OAuth client's file to credentials that are kept.

    wish.py           what is asked for: by which client, which scopes, as whom, and kept where
    destination.py    where it is kept
    one_step.py       login(), login_async(): one process sees it through
    keeping.py        what a sign-in brought, and keeping it

`gemauth login` and the public functions are these; the protocol itself is `client/flows`.
google-oauth.md sections 1 and 7.5.
"""

from __future__ import annotations

from gemauth.client.login.destination import Destination
from gemauth.client.login.keeping import SignedIn, keep
from gemauth.client.login.one_step import login, login_async
from gemauth.client.login.wish import Wish, read_client

__all__ = ["Destination", "SignedIn", "Wish", "keep", "login", "login_async", "read_client"]
