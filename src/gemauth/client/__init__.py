"""Everything that reaches out: sign-in flows, credential sources, caches, the Gemini API's client.

Nothing is imported here: each module loads when it is first used.
"""

from __future__ import annotations
