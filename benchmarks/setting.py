"""Where benchmarks run: a home of its own, credentials that are nobody's, and a Google on loopback.

`Setting` starts `tests/client/loopback_google.py` as a process of its own and names the environment
that leads every client there: the machine's own certificates with one more among them, in a folder
of hashed names, as Debian, Fedora and python.org's builds look for them; for clients that bring a
bundle of their own, a bundle.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import subprocess
import sys
from pathlib import Path
from time import time
from typing import Self

ROOT = Path(__file__).parents[1]
INTEROP = ROOT / ".venv-interop" / "bin" / "python"
REFRESH_TOKEN = "1//0benchmark"  # noqa: S105  # opens nothing
TOKEN = "ya29.benchmark"  # noqa: S105  # the same


class Setting:
    """The place; use it in a `with` statement.

    Attributes:
        environ: for every process that is measured.
        proxy: the address that answers CONNECT, and plain http too.
    """

    def __init__(self, home: Path) -> None:
        self.home = home

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.client.loopback_google", str(self.home)]
        self._server = subprocess.Popen(  # noqa: S603  # our own
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        assert self._server.stdout is not None
        self.proxy = f"http://127.0.0.1:{self._server.stdout.readline().strip()}"
        hashed, bundle = self._trust()
        self.user, self.key = self._credentials()
        kept = ("PATH", "LANG", "LC_ALL", "TMPDIR")
        self.environ = {name: os.environ[name] for name in kept if name in os.environ} | {
            "HOME": str(self.home),
            "GOOGLE_APPLICATION_CREDENTIALS": str(self.user),
            "HTTPS_PROXY": self.proxy,
            "https_proxy": self.proxy,
            "SSL_CERT_DIR": str(hashed),
            "SSL_CERT_FILE": str(self.home / "none.pem"),
            "REQUESTS_CA_BUNDLE": str(bundle),
            "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": str(bundle),
            "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "1",
            "CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK": "1",
            "CLOUDSDK_CONFIG": str(self.home / "gcloud"),
            # Whoever starts this may add a folder, such as one with orjson in it.
            "PYTHONPATH": os.pathsep.join(
                filter(None, (str(ROOT / "src"), os.environ.get("PYTHONPATH")))
            ),
        }
        self.bundled = self.environ | {"SSL_CERT_FILE": str(bundle)}
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait(10)
        assert self._server.stdout is not None
        self._server.stdout.close()

    def _trust(self) -> tuple[Path, Path]:
        """Return a folder of hashed names and a bundle: the machine's certificates and ours."""
        ours = (self.home / "ca.pem").read_bytes()
        machine = ssl.get_default_verify_paths()
        pems = [ours]
        file = Path(machine.cafile or machine.openssl_cafile)
        if file.is_file():
            pems += re.findall(
                rb"-----BEGIN CERT.*?-----END CERTIFICATE-----\n", file.read_bytes(), re.DOTALL
            )
        folder = self.home / "certs"
        folder.mkdir()
        for number, pem in enumerate(pems):
            (folder / f"{number}.pem").write_bytes(pem)
        subprocess.run(["openssl", "rehash", str(folder)], check=True, stderr=subprocess.DEVNULL)  # noqa: S603, S607
        bundle = self.home / "bundle.pem"
        bundle.write_bytes(b"".join(pems))
        return folder, bundle

    def _credentials(self) -> tuple[Path, Path]:
        """Write a person's file and a service account's key."""
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        user = {
            "type": "authorized_user",
            "client_id": "1-benchmark.apps.googleusercontent.com",
            "client_secret": "GOCSPX-benchmark",
            "refresh_token": REFRESH_TOKEN,
        }
        pem = rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        key = {
            "type": "service_account",
            "project_id": "benchmark",
            "private_key_id": "0" * 40,
            "private_key": pem.decode(),
            "client_email": "benchmark@benchmark.iam.gserviceaccount.com",
            "client_id": "1",
            "token_uri": "https://oauth2.googleapis.com/token",
        }
        files = self.home / "user.json", self.home / "key.json"
        for file, content in zip(files, (user, key), strict=True):
            file.write_text(json.dumps(content))
        return files

    def store_token(self) -> None:
        """Put a good token into gemauth's cache."""
        from gemauth.client.cache.tokens import entry, store
        from gemauth.client.token import AccessToken

        place = entry(self.environ, self.user.read_bytes(), (), "")
        assert place is not None
        store(place, AccessToken(TOKEN, time() + 86_400))

    def forget_tokens(self) -> None:
        """Empty gemauth's cache."""
        for file in (self.home / ".config" / "gemauth" / "tokens").glob("*"):
            file.unlink()
