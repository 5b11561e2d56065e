"""Run a command where the kernel knows no network but loopback, if this machine permits it.

    python tests/guard/loopback_only.py [--require] -- COMMAND [ARGUMENT ...]

A fresh network namespace (network_namespaces(7)) has only a loopback interface, and no route to
anywhere. It holds for native code and for every child process, which the audit hook in
`outbound.py` does not. Where namespaces are forbidden the command runs with the audit hook alone,
and the first line says so; with `--require` it does not run at all (exit code 77).
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
import sys
from pathlib import Path
from typing import NoReturn

_CLONE_NEWUSER = 0x10000000  # <linux/sched.h>
_CLONE_NEWNET = 0x40000000
_SIOCGIFFLAGS = 0x8913  # <linux/sockios.h>
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1  # <linux/if.h>
_FORBIDDEN = 77


def enter() -> None:
    """Move this process into a network namespace of its own and bring its loopback up.

    As root the network alone is new. Otherwise a user namespace comes with it, in which the user
    keeps their own id, so that file permissions mean what they meant.

    Raises:
        OSError: the kernel or the container forbids it.
    """
    if not sys.platform.startswith("linux"):
        raise OSError(f"{sys.platform} has no network namespaces")
    user, group = os.getuid(), os.getgid()
    try:
        _unshare(_CLONE_NEWNET)
    except OSError:
        _unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        answer = fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request)
        flags = struct.unpack("16sh14x", answer)[1] | _IFF_UP
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags))


def _unshare(flags: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(flags) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def main(arguments: list[str]) -> NoReturn:
    """Enter the namespace, say which guard is active, and become the command."""
    required = arguments[:1] == ["--require"]
    command = arguments[1:] if required else arguments
    if command[:1] != ["--"] or len(command) < 2:
        sys.exit(f"usage: {sys.argv[0]} [--require] -- COMMAND [ARGUMENT ...]")
    try:
        enter()
    except OSError as error:
        if required:
            print(f"guard: no network namespace ({error}); not run", file=sys.stderr)
            sys.exit(_FORBIDDEN)
        print(
            f"guard: AUDIT HOOK ONLY. This machine permits no network namespace ({error}).",
            flush=True,
        )
    else:
        print("guard: kernel (network namespace with loopback only) and audit hook", flush=True)
    os.execvp(command[1], command[1:])  # noqa: S606 -- becoming the command is the purpose


if __name__ == "__main__":
    main(sys.argv[1:])
