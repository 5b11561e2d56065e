"""A stand-in for Google on loopback, behind CONNECT and TLS, that answers two addresses and fast.

    POST https://oauth2.googleapis.com/token                          a token, whatever was sent
    GET  https://generativelanguage.googleapis.com/v1beta/models      50 models, 40 KB

It judges nothing: benchmarks measure the client with it (as a process of its own: `python -m
tests.client.loopback_google FOLDER [PORTS]` prints its port), and tests see what a client of
Google's own names and credentials sends, where an emulator's would not be taken for Google's.
Plain HTTP is answered on the same port.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import sys
import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

HOSTS = ("oauth2.googleapis.com", "generativelanguage.googleapis.com", "localhost")
TOKEN = "ya29.loopback"
MODELS = {
    "models": [
        {
            "name": f"models/gemini-{number}",
            "version": "001",
            "displayName": f"Gemini {number}",
            "description": f"Stable version of Gemini {number}. " + "What it is good for. " * 19,
            "inputTokenLimit": 1048576,
            "outputTokenLimit": 65536,
            "supportedGenerationMethods": [
                "generateContent",
                "countTokens",
                "createCachedContent",
                "batchGenerateContent",
            ],
            "temperature": 1,
            "topP": 0.95,
            "topK": 64,
            "maxTemperature": 2,
            "thinking": True,
        }
        for number in range(50)
    ]
}


@dataclass
class Seen:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


class LoopbackGoogle:
    """The server on a thread; `answers` may be changed: status and body by path.

    Attributes:
        port: where it listens.
        ca: the PEM file of the authority that its certificate is from.
        seen: the requests, CONNECT too.
    """

    def __init__(self, folder: Path) -> None:
        self.ca = folder / "ca.pem"
        self._context = certificates(folder)
        self.port = 0
        self.seen: list[Seen] = []
        self.keep = True
        token = {"access_token": TOKEN, "expires_in": 3599, "token_type": "Bearer"}
        self.answers: dict[str, tuple[int, bytes]] = {
            "/token": (200, json.dumps(token).encode()),
            "/v1beta/models": (200, json.dumps(MODELS, indent=2).encode()),
        }
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def environ(self) -> dict[str, str]:
        """What leads a client here."""
        proxy = f"http://127.0.0.1:{self.port}"
        return {"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(self.ca)}

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()
        server.close()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.01))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while True:
                seen = await _read(reader)
                if self.keep:
                    self.seen.append(seen)
                if seen.method == "CONNECT":
                    writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    await writer.drain()
                    await writer.start_tls(self._context)
                    continue
                status, body = self.answers.get(seen.target.partition("?")[0], (404, b"{}"))
                head = (
                    f"HTTP/1.1 {status} Said\r\nContent-Type: application/json; charset=UTF-8\r\n"
                    "Vary: Origin\r\nVary: X-Origin\r\nCache-Control: private\r\n"
                    "X-Content-Type-Options: nosniff\r\nServer: loopback\r\n"
                    f"Content-Length: {len(body)}\r\n\r\n"
                )
                writer.write(head.encode() + body)
                await writer.drain()
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Seen(method, target, headers, body)


def certificates(folder: Path) -> ssl.SSLContext:
    """Write an authority to `ca.pem` and return a server's context for HOSTS and 127.0.0.1."""
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.now(UTC)

    def made(name: str, key: Any, signed_by: Any, issuer: str, *more: Any) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signed_by.public_key()),
                critical=False,
            )
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
        )
        for extension, critical in more:
            builder = builder.add_extension(extension, critical=critical)
        return builder.sign(signed_by, hashes.SHA256())

    authority, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    usage = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    root = made(
        "Loopback root",
        authority,
        authority,
        "Loopback root",
        (x509.BasicConstraints(ca=True, path_length=None), True),
        (x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), True),
    )
    names: list[x509.GeneralName] = [x509.DNSName(host) for host in HOSTS]
    names.append(x509.IPAddress(ip_address("127.0.0.1")))
    leaf = made(
        HOSTS[0], own, authority, "Loopback root", (x509.SubjectAlternativeName(names), False)
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(root.public_bytes(pem))
    chain = folder / "server.pem"
    chain.write_bytes(
        own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + leaf.public_bytes(pem)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)
    return context


if __name__ == "__main__":
    with LoopbackGoogle(Path(sys.argv[1])) as google:
        google.keep = False
        print(google.port, flush=True)
        sys.stdin.read()  # until whoever started it goes away
