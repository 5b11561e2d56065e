"""The grants: each turns its part of a token request into an entitlement.

Owns: what is particular to a grant, in the order of google-oauth.md 2.1. Does not own: parsing,
client authentication, issuing and writing, which are `authserver/token.py`'s for all of them.
"""

from __future__ import annotations
