"""The emulator's one port: it tells TLS, CONNECT, HTTP/2 and HTTP/1.1 apart, all for the one app.

Owns: the accept loop, a connection's first bytes, which host a proxy client gets to, the protocols.
Does not own: any answer of Google's (the other rooms), which Host may ask for what (the server's
guard), certificates (`emulator/authority.py`). Source: interception.md sections 2 and 7.

No transport exists before a connection's kind is decided: its bytes wait in the kernel, so none is
lost between two protocols. Nothing is imported here.
"""

from __future__ import annotations
