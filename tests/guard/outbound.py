"""The outbound guard: an audit hook that refuses every connection off loopback, and writes it down.

Code under test may swallow the refusal, so each attempt is also recorded, and the record fails the
test (`tests/isolation.py`). Child processes load the same hook through `sitecustomize.py` beside
this file, and write their attempts to the file that `LOG` names.

Only `sys` and `os` are imported here: a child that measures its own imports sees nothing added.
Native code that opens sockets by itself (gRPC's core) is not seen by audit hooks; for it there is
`loopback_only.py`, where the kernel is the guard.
"""

import os
import sys

LOG = "OUTBOUND_GUARD_LOG"
"""The variable that names the file to which every process appends its attempts, one a line."""

_EVENTS = frozenset(
    {
        "socket.connect",
        "socket.getaddrinfo",
        "socket.gethostbyaddr",
        "socket.gethostbyname",
        "socket.getnameinfo",
        "socket.sendmsg",
        "socket.sendto",
    }
)

# From <sys/socket.h>: not from the socket module, which a child may have no other reason to load.
_AF_UNIX = 1
_AF_NETLINK = 16
_LOCAL_FAMILIES = (_AF_UNIX, _AF_NETLINK)


class OutboundRefusedError(RuntimeError):
    """Something tried to leave loopback.

    Not an OSError, so that code which retries or translates network failures does not hide it.
    """


def is_loopback(host: object) -> bool:
    """Say whether `host` (a name, or an address as text) stays on this machine."""
    if isinstance(host, (bytes, bytearray)):
        host = host.decode("ascii", "replace")
    if not isinstance(host, str):
        return False
    import ipaddress

    if host.rstrip(".").lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False  # any other name would be asked of a name server
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def refused(event: str, arguments: tuple[object, ...]) -> str | None:
    """Return what `event` tried to reach if that lies off loopback, otherwise None."""
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        sock, address = arguments[0], arguments[1]
        if getattr(sock, "family", None) in _LOCAL_FAMILIES or address is None:
            return None  # None: sendmsg on a socket whose connect was already judged
        host = address[0] if isinstance(address, tuple) and address else address
        return None if is_loopback(host) else f"{host!r}, {address!r}"
    host = arguments[0]
    if event == "socket.getnameinfo" and isinstance(host, tuple):
        host = host[0]
    # No host, or an empty one, means "this machine": servers ask that before they bind.
    if host is None or host in {"", b""} or is_loopback(host):
        return None
    return repr(host)


def install(attempts: list[str] | None = None) -> None:
    """Install the hook in this process, for good: Python has no way to take an audit hook back.

    Each attempt is appended to `attempts`, if given, and to the file named by the variable `LOG`.
    """

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if event not in _EVENTS:
            return
        target = refused(event, arguments)
        if target is None:
            return
        line = f"{event} to {target} by {os.path.basename(sys.argv[0] or 'python')}[{os.getpid()}]"  # noqa: PTH119 -- pathlib is not loaded here
        if attempts is not None:
            attempts.append(line)
        elif path := os.environ.get(LOG):
            file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(file, line.encode() + b"\n")
            finally:
                os.close(file)
        message = f"outbound guard: {line}: tests never leave loopback"
        raise OutboundRefusedError(message)

    sys.addaudithook(hook)
