"""The doctor: checks from the ground up, each of which ends in one finding with one next step.

    finding.py        what a check finds
    case.py           what is examined, and what the checks before have found out
    environment.py    variables: emulator, API keys, certificates, proxy
    credentials.py    the credential file: which, its permissions, its OAuth client
    network.py        names, both servers, the clock
    sign_in.py        the sign-in's end, a real refresh, what the server says of the token
    api.py            scopes, real calls of the API, the quota project
    examination.py    the checks in their order

Nothing is changed and no secret is told. google-oauth.md 7.5 has the pains that it looks for.
"""

from __future__ import annotations
