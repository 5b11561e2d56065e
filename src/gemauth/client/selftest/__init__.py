"""The self-test against the real Google: do its answers look as our references expect?

    fact.py      what is expected of an answer, and how sure we were
    redact.py    an answer's shape: its keys, and only such values as tell nothing of anybody
    walk.py      what the steps share: credentials, the token, requests
    identity.py  the steps at the identity server
    api.py       the steps at the Gemini API and beside it
    transcript.py  the steps in their order, and what came of each

Every step only reads. A person runs it with credentials of their own (`gemauth selftest --live`)
and sends the transcript: it holds no token, no address and no project.
"""

from __future__ import annotations
