"""The emulator's socket: on a loopback address only (google-oauth.md section 8).

The emulator signs anybody in without a password, so whoever reaches its port may do everything.
"""

from __future__ import annotations

import ipaddress
import socket

from gemauth.errors import Fault, RefusedError, UsageError

__all__ = ["PortTakenError", "listen", "loopback", "url_of"]


class PortTakenError(RefusedError):
    """Something else listens on the port."""

    default_fault = Fault.MACHINE


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket on a loopback address; port 0 takes any free one.

    Raises:
        UsageError: the host is no loopback address, or the machine does not have it.
        PortTakenError: something listens there already.
    """
    address = loopback(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    # asyncio switches Nagle's algorithm off only on sockets whose protocol is named; with it every
    # answer of two small packets waits 40 ms for the client's delayed acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # A port of connections that are still closing may be taken again (a restart in a script).
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((str(address), port))
        listener.listen(2048)
    except PermissionError as error:
        listener.close()
        raise UsageError(
            f"This machine lets only its administrator listen on port {port}.",
            next_step="Use --port 0 for any free port, or one above 1023.",
        ) from error
    except OverflowError as error:
        listener.close()
        raise UsageError(
            f"{port} is no port.", next_step="Use a number from 0 (any free port) to 65535."
        ) from error
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"The emulator cannot listen on {host}, port {port}: {error.strerror}.",
            next_step="Use --port 0 for any free port, or stop what listens there.",
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the address that clients use, such as `http://127.0.0.1:8085`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def loopback(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return the loopback address that a host names.

    Raises:
        UsageError: it names none.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host.strip("[]"))
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise UsageError(
            f"The emulator does not listen on {host}: it signs anybody in without a password, so "
            "only this machine may reach it.",
            next_step="Use 127.0.0.1, ::1 or localhost.",
        )
    return address
