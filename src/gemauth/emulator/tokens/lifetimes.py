"""How long tokens and codes live, and how many there may be (google-oauth.md section 3).

All in seconds. Wire and truth are one number: a token answered with `expires_in` 3599 is refused
3599 seconds later. Read by `issue`, `id_token`, `revoke` and `authserver`.
"""

from __future__ import annotations

__all__ = [
    "ACCESS_TOKEN",
    "ID_TOKEN",
    "REFRESH_TOKENS_PER_CLIENT",
    "REFRESH_TOKEN_IN_TESTING",
    "REFRESH_TOKEN_UNUSED",
    "SPENT_CODE",
]

DAY = 86400

ACCESS_TOKEN = 3599
ID_TOKEN = 3600
REFRESH_TOKEN_IN_TESTING = 7 * DAY - 1
REFRESH_TOKEN_UNUSED = 180 * DAY  # "six months"; Google gives no number of days
REFRESH_TOKENS_PER_CLIENT = 100  # of one account; the next one evicts the oldest
SPENT_CODE = DAY  # ours: how long a spent code must be remembered, so that its replay is seen
