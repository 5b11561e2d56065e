"""`--isolate`: a child in namespaces of its own, whose only network ends at the emulator.

Linux only, no root: `namespace.py` enters them in the process that becomes the command, and hands
its listeners out; `outside.py` serves these listeners from the real network; `names.py` answers
the name server's questions. Source: interception.md section 8, namespaces(7), user_namespaces(7).
"""

from __future__ import annotations

from gemauth.run.isolation.outside import Isolation, IsolationForbiddenError, isolated

__all__ = ["Isolation", "IsolationForbiddenError", "isolated"]
