"""The inside of `--isolate`: enters namespaces, hands its listeners out, becomes the command.

    python -I -S namespace.py DESCRIPTOR PORT FOLDER -- COMMAND [ARGUMENT …]

DESCRIPTOR is a Unix socket that the listeners are sent over (SCM_RIGHTS, unix(7)) and on which one
byte says that they are served; PORT is the emulator's; FOLDER holds `bundle.pem`. Without a command
it only tries whether the kernel permits namespaces. What fails is said on the socket, as JSON.
Source: interception.md section 8. Only the standard library: it runs before the command, each time.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
from pathlib import Path
from typing import NoReturn

__all__ = ["FORBIDDEN", "enter", "main"]

FORBIDDEN = 71
"""The exit code where the system permits no namespaces (EX_OSERR of sysexits.h)."""

_CLONE_NEWNS = 0x00020000  # <linux/sched.h>
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_MS_BIND = 0x1000  # <linux/mount.h>
_MS_REC = 0x4000
_MS_PRIVATE = 0x40000
_SIOCGIFFLAGS = 0x8913  # <linux/sockios.h>
_SIOCSIFFLAGS = 0x8914
_SIOCSIFADDR = 0x8916
_SIOCSIFNETMASK = 0x891C
_IFF_UP = 1  # <linux/if.h>

_METADATA = "169.254.169.254"
_RESOLVER = "nameserver 127.0.0.1\noptions timeout:2 attempts:2\n"
# Resolvers that ask a daemon over a Unix socket would pass the namespace by.
_SWITCH = "hosts: files dns\npasswd: files\ngroup: files\nshadow: files\nservices: files\n"
# Where programs that know no variable look for the authorities they trust: Debian and its kin, Red
# Hat's, SUSE's, Alpine's and OpenSSL's own.
_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
    "/usr/lib/ssl/cert.pem",
)


def enter() -> None:
    """Move this process into user, network and mount namespaces of its own.

    As root the user namespace is left out. Otherwise the user keeps their own id, so that file
    permissions mean what they meant, and has every capability until the command begins.

    Raises:
        OSError: the kernel or the container forbids it.
    """
    if not sys.platform.startswith("linux"):
        raise OSError(f"{sys.platform} has no namespaces")
    user, group = os.getuid(), os.getgid()
    try:
        _call("unshare", _CLONE_NEWNS | _CLONE_NEWNET)
    except OSError:
        _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWNET)
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    # What is mounted here is seen here only.
    _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)


def _network() -> None:
    """Bring loopback up, with the metadata server's address beside its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        _interface(any_socket, _SIOCSIFADDR, b"lo:1", _inet(_METADATA))
        _interface(any_socket, _SIOCSIFNETMASK, b"lo:1", _inet("255.255.255.255"))
        for name in (b"lo", b"lo:1"):
            request = struct.pack("16sh14x", name, 0)
            flags = struct.unpack("16sh14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
            fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sh14x", name, flags | _IFF_UP))


def _interface(any_socket: socket.socket, request: int, name: bytes, address: bytes) -> None:
    fcntl.ioctl(any_socket, request, struct.pack("16s16s8x", name, address))


def _inet(address: str) -> bytes:
    return struct.pack("=HH4s8x", socket.AF_INET, 0, socket.inet_aton(address))


def _files(folder: Path) -> None:
    """Put our name server and our authorities where programs look for theirs."""
    for path, text in (("/etc/resolv.conf", _RESOLVER), ("/etc/nsswitch.conf", _SWITCH)):
        ours = folder / f"isolated-{Path(path).name}"
        ours.write_text(text, encoding="ascii")
        ours.chmod(0o644)
        _bind(ours, Path(path))
    for path in _BUNDLES:
        _bind(folder / "bundle.pem", Path(path))


def _bind(ours: Path, theirs: Path) -> None:
    if theirs.exists():
        target = os.fsencode(theirs.resolve())
        _call("mount", os.fsencode(ours), target, None, _MS_BIND, None)


def _listeners(port: int) -> list[socket.socket]:
    """Open what the outside serves: https, metadata, the emulator's own port; the last is DNS."""
    addresses = [("127.0.0.1", 443), ("127.0.0.1", 80), (_METADATA, 80), ("127.0.0.1", port)]
    found = []
    for address in addresses:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(address)
        listener.listen(1024)
        found.append(listener)
    # IPv6's loopback too, where the kernel has it: `localhost` may be resolved to it.
    for number in (443, port):
        with contextlib.suppress(OSError):
            listener = socket.socket(socket.AF_INET6, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            listener.bind(("::1", number))
            listener.listen(1024)
            found.append(listener)
    names = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    names.bind(("127.0.0.1", 53))
    return [*found, names]


def _call(name: str, *arguments: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if getattr(libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def main(arguments: list[str]) -> NoReturn:
    """Enter, hand the listeners out, wait until they are served, become the command."""
    descriptor, port, folder, dashes, *command = arguments
    assert dashes == "--"
    with socket.socket(fileno=int(descriptor)) as outside:
        try:
            enter()
            _network()
            listeners = _listeners(int(port))
            _files(Path(folder))
        except OSError as error:
            outside.sendall(json.dumps({"error": str(error)}).encode())
            sys.exit(FORBIDDEN)
        if not command:
            outside.sendall(b"{}")
            sys.exit(0)
        socket.send_fds(outside, [b"{}"], [listener.fileno() for listener in listeners])
        for listener in listeners:
            listener.close()
        if outside.recv(1) != b"1":
            sys.exit(FORBIDDEN)  # the outside is gone: nothing would ever answer
    try:
        os.execvp(command[0], command)  # noqa: S606  # becoming the command is the purpose
    except OSError as error:
        sys.stderr.write(f"gemauth: {command[0]}: {error.strerror}\n")
        sys.exit(127 if isinstance(error, FileNotFoundError) else 126)


if __name__ == "__main__":
    main(sys.argv[1:])
