"""Sends a Python program's connections to Google's hosts to the emulator, proxy or no proxy.

For what does not honour HTTPS_PROXY or brings its own CA file: http.client, asyncio, urllib3,
aiohttp, httplib2, contexts pinned to certifi. Hooks wait for `socket`, `ssl`, `uvloop` and
`aiohttp.resolver` to be imported, so that a program without a network pays nothing.

A name of Google's resolves to MARKER, an address of loopback that nothing uses, and `connect` turns
MARKER into the emulator's address and port: this way a program may resolve first and then connect
to a port of its own, as anyio does. Names that no emulator serves go there too, and are refused
readably. TLS contexts learn our CA when they are about to speak to such a name, and no earlier.

Standard library only, Python 3.8 and later. `gemauth_constants`, beside it, is written by
gemauth.run.preload for one run. Source: interception.md section 7, pitfalls 4 and 5.
"""

import sys

from gemauth_constants import ADDRESS, CA, GOOGLES, MARKER

_DOMAINS = tuple("." + name for name in GOOGLES)


def is_googles(host):
    """Whether a name (str or bytes) is Google's, or MARKER, or the metadata server's address."""
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    if not isinstance(host, str):
        return False
    if not host.isascii():  # `socket` resolves what IDNA makes of wide letters and other full stops
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return False
    name = "." + host.rstrip(".").lower()
    return name.endswith(_DOMAINS) or name in (_MARKED, ".169.254.169.254")


_MARKED = "." + MARKER


def install():
    """Patch what is loaded already, and wait for the rest."""
    for name in list(_PATCHES):
        if sys.modules.get(name) is not None:
            _patch(name, sys.modules[name])
    sys.meta_path.insert(0, _Finder)


class _Finder:
    """Has a module that is being imported patched right after it has run."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Return the spec that the other finders have, for the modules that are waited for."""
        if name not in _PATCHES:
            return None
        spec = _find_elsewhere(name, path, target)
        if spec is not None:
            _patch_afterwards(spec, name)
        return spec


def _find_elsewhere(name, path, target):
    for finder in sys.meta_path:
        find = None if finder is _Finder else getattr(finder, "find_spec", None)
        spec = None if find is None else find(name, path, target)
        if spec is not None:
            return spec
    return None


def _patch_afterwards(spec, name):
    """Wrap one loader's exec_module; the loader itself stays, since others look at its type."""
    loader = spec.loader
    exec_module = getattr(loader, "exec_module", None)
    if exec_module is None:
        return

    def execute(module):
        exec_module(module)
        if getattr(module, "__name__", None) == name:  # a loader may serve more modules than one
            _patch(name, module)

    try:
        loader.exec_module = execute
    except (AttributeError, TypeError):  # a loader that takes no attribute
        _tell()


def _patch(name, module):
    patch = _PATCHES.pop(name, None)
    try:
        if patch is not None:
            patch(module)
    except Exception:
        _tell()


def _tell():
    from os import environ

    if environ.get("GEMAUTH_DEBUG") == "1":
        import traceback

        traceback.print_exc()


def _patch_socket(socket):
    real_getaddrinfo = socket.getaddrinfo

    def getaddrinfo(host, port, family=0, type=0, proto=0, flags=0):  # noqa: A002
        if is_googles(host):
            if family == socket.AF_INET6:
                raise socket.gaierror(socket.EAI_NONAME, "the emulator has IPv4 only")
            # Not the caller's: by AI_ADDRCONFIG, a machine with loopback only has no address.
            host, family, flags = MARKER, socket.AF_INET, socket.AI_NUMERICHOST
        return real_getaddrinfo(host, port, family, type, proto, flags)

    def by_name(real):
        def look_up(hostname):
            return real(MARKER if is_googles(hostname) else hostname)

        return look_up

    socket.getaddrinfo = getaddrinfo
    socket.gethostbyname = by_name(socket.gethostbyname)
    socket.gethostbyname_ex = by_name(socket.gethostbyname_ex)
    _patch_connections(socket.socket, socket.AF_INET6)


def _patch_connections(kind, six):
    real_connect, real_connect_ex = kind.connect, kind.connect_ex

    def redirected(sock, address):
        if not isinstance(address, tuple) or not address or not is_googles(address[0]):
            return address
        return ("::ffff:" + ADDRESS[0], ADDRESS[1]) if sock.family == six else ADDRESS

    def connect(self, address):
        return real_connect(self, redirected(self, address))

    def connect_ex(self, address):
        return real_connect_ex(self, redirected(self, address))

    kind.connect, kind.connect_ex = connect, connect_ex


def _patch_ssl(ssl):
    kind = ssl.SSLContext
    real_wrap_socket, real_wrap_bio = kind.wrap_socket, kind.wrap_bio

    def trust(context, host):
        if not is_googles(host) or getattr(context, "_trusts_gemauth", False):
            return
        try:
            context.load_verify_locations(CA)
            context._trusts_gemauth = True  # noqa: SLF001  # the context is the best place for it
        except (OSError, ValueError, AttributeError):
            _tell()

    def wrap_socket(
        self,
        sock,
        server_side=False,
        do_handshake_on_connect=True,
        suppress_ragged_eofs=True,
        server_hostname=None,
        session=None,
    ):
        trust(self, server_hostname)
        return real_wrap_socket(
            self,
            sock,
            server_side,
            do_handshake_on_connect,
            suppress_ragged_eofs,
            server_hostname,
            session,
        )

    def wrap_bio(
        self,
        incoming,
        outgoing,
        server_side=False,
        server_hostname=None,
        session=None,
    ):
        trust(self, server_hostname)
        return real_wrap_bio(self, incoming, outgoing, server_side, server_hostname, session)

    kind.wrap_socket, kind.wrap_bio = wrap_socket, wrap_bio


def _patch_uvloop(uvloop):
    """Name resolution and connections of uvloop are C's own."""
    kind = uvloop.Loop
    real_create_connection, real_getaddrinfo = kind.create_connection, kind.getaddrinfo

    async def create_connection(self, protocol_factory, host=None, port=None, **options):
        if is_googles(host):
            if options.get("ssl") and options.get("server_hostname") is None:
                options["server_hostname"] = host
            host, port = ADDRESS
        return await real_create_connection(self, protocol_factory, host, port, **options)

    async def getaddrinfo(self, host, port, **options):
        if is_googles(host):
            from socket import AF_INET, AI_NUMERICHOST

            host = MARKER
            options.update(family=AF_INET, flags=AI_NUMERICHOST)
        return await real_getaddrinfo(self, host, port, **options)

    kind.create_connection, kind.getaddrinfo = create_connection, getaddrinfo


def _patch_aiohttp(resolver):
    """The resolver that asks name servers by itself (aiodns); the other one asks `socket`."""
    kind = resolver.AsyncResolver
    real_resolve = kind.resolve

    async def resolve(self, host, port=0, *arguments, **options):
        if is_googles(host):
            from socket import AF_INET, AI_NUMERICHOST

            found = {"hostname": host, "host": MARKER, "port": port, "family": AF_INET}
            return [{**found, "proto": 0, "flags": AI_NUMERICHOST}]
        return await real_resolve(self, host, port, *arguments, **options)

    kind.resolve = resolve


_PATCHES = {
    "socket": _patch_socket,
    "ssl": _patch_ssl,
    "uvloop": _patch_uvloop,
    "aiohttp.resolver": _patch_aiohttp,
}
