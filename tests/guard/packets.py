"""What the kernel has counted of attempts to leave loopback, where it knows no other network."""

from __future__ import annotations

import socket
from pathlib import Path

__all__ = ["no_routes"]


def no_routes() -> int:
    """Return how many packets had no route, where there is nothing but loopback; 0 elsewhere.

    RFC 4293: ipOutNoRoutes. In the suite's namespace each attempt to leave counts there, a question
    to a name server too; on a machine with a network nothing can be told from it.
    """
    if [name for _, name in socket.if_nameindex()] != ["lo"]:
        return 0
    names, values = (
        line.split()[1:]
        for line in Path("/proc/net/snmp").read_text(encoding="ascii").splitlines()
        if line.startswith("Ip:")
    )
    return int(dict(zip(names, values, strict=True))["OutNoRoutes"])
