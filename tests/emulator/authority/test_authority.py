from __future__ import annotations

import shutil
import ssl
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.authority import Authority, fingerprint, spki_sha256
from gemauth.emulator.authority.names import LEAF_ADDRESSES, LEAF_NAMES
from gemauth.errors import DataError
from gemauth.testing.clock import FakeClock
from tests.emulator.authority.handshake import shake, strict

if TYPE_CHECKING:
    from pathlib import Path

DAY = 86400
FILES = ("authority-key.pem", "authority.pem", "authority-leaf.pem")
needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="needs the openssl command"
)
HOSTS = [name.replace("*", "anything") for name in LEAF_NAMES]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder's place, not made yet."""
    return tmp_path / "data"


def contents(folder: Path) -> dict[str, bytes]:
    """What the three files hold."""
    return {name: (folder / name).read_bytes() for name in FILES}


class TestVerified:
    @pytest.mark.parametrize("name", [*HOSTS, *LEAF_ADDRESSES])
    def test_by_python(self, name: str) -> None:
        """A strict client that trusts the authority believes its leaf for every name it has."""
        authority = Authority()
        shake(strict(authority.certificate_pem), authority.server_context(), name)

    @pytest.mark.parametrize("name", ["example.com", "a.b.googleapis.com", "127.0.0.2"])
    def test_other_names_are_not_covered(self, name: str) -> None:
        """The leaf is no other host's, and a wildcard covers one label."""
        authority = Authority()
        with pytest.raises(ssl.SSLCertVerificationError, match=r"mismatch|not valid for"):
            shake(strict(authority.certificate_pem), authority.server_context(), name)

    def test_untrusted(self) -> None:
        """A client that trusts another emulator's authority refuses this one."""
        with pytest.raises(ssl.SSLCertVerificationError):
            shake(strict(Authority().certificate_pem), Authority().server_context(), "localhost")

    @pytest.mark.parametrize(
        ("offered", "agreed"),
        [((), None), (("h2",), "h2"), (("h2", "http/1.1"), "http/1.1"), (("spdy/1",), None)],
    )
    def test_alpn(self, offered: tuple[str, ...], agreed: str | None) -> None:
        """HTTP/1.1 goes before HTTP/2, whatever the client prefers."""
        authority = Authority()
        client = strict(authority.certificate_pem)
        found, _ = shake(client, authority.server_context(), "localhost", alpn=offered)
        assert found == agreed

    def test_old_protocols(self) -> None:
        """TLS 1.1 is not spoken."""
        assert Authority().server_context().minimum_version is ssl.TLSVersion.TLSv1_2

    @needs_openssl
    @pytest.mark.parametrize("host", HOSTS)
    def test_by_openssl(self, folder: Path, host: str) -> None:
        """`openssl verify -x509_strict` accepts the leaf for a server of each name."""
        Authority(folder).server_context()
        done = subprocess.run(
            [
                *("openssl", "verify", "-x509_strict", "-purpose", "sslserver"),
                *("-verify_hostname", host, "-CAfile", folder / "authority.pem"),
                folder / "authority-leaf.pem",
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr


class TestKept:
    def test_for_the_owner_only(self, folder: Path) -> None:
        """The folder is 0700 and each file 0600; nothing else is left in it."""
        Authority(folder).server_context()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert {
            path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()
        } == dict.fromkeys(FILES, 0o600)

    def test_found_again(self, folder: Path) -> None:
        """A second emulator on the folder has the same authority, and writes nothing."""
        first = Authority(folder).certificate_pem
        before = contents(folder)
        again = Authority(folder)
        assert again.certificate_pem == first
        shake(strict(first), again.server_context(), "oauth2.googleapis.com")
        assert contents(folder) == before

    def test_without_cryptography(self, folder: Path) -> None:
        """Where the files are good, cryptography is not imported: an idle emulator stays small."""
        Authority(folder).server_context()
        script = (
            "import sys; from pathlib import Path; from gemauth.emulator.authority import *\n"
            "it = Authority(Path(sys.argv[1])); it.server_context()\n"
            "spki_sha256(it.certificate_pem)\n"
            "print('cryptography' in sys.modules)"
        )
        done = subprocess.run(
            [sys.executable, "-c", script, folder], capture_output=True, text=True, check=True
        )
        assert done.stdout == "False\n"

    def test_nothing_is_made_before_it_is_needed(self, folder: Path) -> None:
        """Opening an emulator that never speaks TLS makes no key."""
        Authority(folder)
        assert not folder.exists()

    def test_in_memory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Without a folder nothing is left on the disk, and the authority stays the same."""
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        authority = Authority()
        shake(strict(authority.certificate_pem), authority.server_context(), "localhost")
        assert list(tmp_path.iterdir()) == []
        assert authority.server_context() is authority.server_context()

    def test_threads(self, folder: Path) -> None:
        """Threads that ask at once get one context of one authority."""
        authority = Authority(folder)
        start = threading.Barrier(8)
        found = set()

        def ask() -> None:
            start.wait()
            found.add((authority.server_context(), authority.certificate_pem))

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 1


class TestRenewed:
    @pytest.mark.parametrize("kept", [True, False])
    def test_before_its_end(self, folder: Path, *, kept: bool) -> None:
        """A certificate lasts 30 days and is renewed when fewer than seven are left."""
        clock = FakeClock()
        authority = Authority(folder if kept else None, clock)
        first, context = authority.certificate_pem, authority.server_context()
        assert authority.not_after == clock.now() + 30 * DAY
        clock.advance(23 * DAY - 1)
        assert authority.certificate_pem == first
        assert authority.server_context() is context
        clock.advance(1)
        assert authority.certificate_pem != first
        assert authority.server_context() is not context
        assert authority.not_after == clock.now() + 30 * DAY

    @pytest.mark.parametrize("days", [25, 40])
    def test_at_a_start(self, folder: Path, days: int) -> None:
        """An emulator that starts late renews an old or ended certificate, and its leaf."""
        early = Authority(folder, FakeClock(time.time() - days * DAY))
        early.server_context()
        late = Authority(folder)
        assert late.certificate_pem != early.certificate_pem
        shake(strict(late.certificate_pem), late.server_context(), "localhost")

    def test_clients_of_the_earlier_one(self, folder: Path) -> None:
        """The key stays: who was told to trust the earlier certificate verifies the new leaf."""
        earlier = Authority(folder, FakeClock(time.time() - 25 * DAY)).certificate_pem
        late = Authority(folder)
        assert spki_sha256(late.certificate_pem) == spki_sha256(earlier)
        assert fingerprint(late.certificate_pem) != fingerprint(earlier)
        shake(strict(earlier), late.server_context(), "oauth2.googleapis.com")

    def test_a_clock_that_was_wrong(self, folder: Path) -> None:
        """A certificate from the future is replaced: nobody could verify it."""
        Authority(folder, FakeClock(time.time() + 90 * DAY)).server_context()
        now = Authority(folder)
        shake(strict(now.certificate_pem), now.server_context(), "localhost")

    def test_a_leaf_for_other_names(self, folder: Path) -> None:
        """A leaf that an older version made for fewer names is made again, the authority kept."""
        authority = Authority(folder).certificate_pem
        Authority(folder).server_context()
        leaf = folder / "authority-leaf.pem"
        header, _, pem = leaf.read_text().partition("\n")
        leaf.write_text(header.replace(" ::1", "") + "\n" + pem)
        again = Authority(folder)
        assert again.certificate_pem == authority
        shake(strict(authority), again.server_context(), "::1")
        assert leaf.read_text().partition("\n")[0] == header

    @pytest.mark.parametrize("missing", FILES)
    def test_what_a_crash_leaves(self, folder: Path, missing: str) -> None:
        """A start that was killed between two files is completed by the next one.

        The order is key, certificate, leaf; what comes later is made from what is there.
        """
        Authority(folder).server_context()
        for name in FILES[FILES.index(missing) :]:
            (folder / name).unlink()
        again = Authority(folder)
        shake(strict(again.certificate_pem), again.server_context(), "localhost")


class TestUnusable:
    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
    @pytest.mark.parametrize("name", FILES)
    def test_reported_and_left(self, folder: Path, name: str, content: bytes) -> None:
        """A file that holds something else is named with the next step, and never overwritten."""
        Authority(folder).server_context()
        (folder / name).write_bytes(content)
        if name == "authority-key.pem":  # it is read only where something has to be signed
            (folder / "authority-leaf.pem").unlink()
        with pytest.raises(DataError, match=name) as caught:
            Authority(folder).server_context()
        assert str(folder / name) in caught.value.message
        assert "delete" in (caught.value.next_step or "")
        assert (folder / name).read_bytes() == content

    def test_a_key_that_is_gone(self, folder: Path) -> None:
        """A certificate whose key is gone is not replaced behind its owner's back."""
        Authority(folder).server_context()
        before = (folder / "authority.pem").read_bytes()
        (folder / "authority-key.pem").unlink()
        (folder / "authority-leaf.pem").unlink()
        with pytest.raises(DataError, match=r"authority-key\.pem cannot be used: it is gone"):
            Authority(folder).server_context()
        assert (folder / "authority.pem").read_bytes() == before

    def test_a_key_of_another(self, folder: Path, tmp_path: Path) -> None:
        """A key from another folder signs nothing here."""
        Authority(folder).server_context()
        Authority(tmp_path / "other").server_context()
        shutil.copy(tmp_path / "other" / "authority-key.pem", folder)
        (folder / "authority-leaf.pem").unlink()
        with pytest.raises(DataError, match="not the key of the certificate beside it"):
            Authority(folder).server_context()

    def test_a_leaf_of_another(self, folder: Path, tmp_path: Path) -> None:
        """A leaf below another authority is made again: clients would refuse it."""
        authority = Authority(folder).certificate_pem
        Authority(tmp_path / "other").server_context()
        shutil.copy(tmp_path / "other" / "authority-leaf.pem", folder)
        shake(strict(authority), Authority(folder).server_context(), "localhost")

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        """Where the data folder is a file, the error names it."""
        (tmp_path / "data").write_text("")
        with pytest.raises(DataError, match="data"):
            Authority(tmp_path / "data").server_context()

    @needs_openssl
    def test_no_password_is_asked_for(self, folder: Path) -> None:
        """A leaf whose key has a password is refused; OpenSSL would ask the terminal."""
        Authority(folder).server_context()
        leaf = folder / "authority-leaf.pem"
        done = subprocess.run(
            ["openssl", "ec", "-aes128", "-passout", "pass:secret", "-in", leaf],
            capture_output=True,
            check=True,
        )
        certificate = leaf.read_text().partition("-----END PRIVATE KEY-----\n")[2]
        leaf.write_text(done.stdout.decode() + certificate)
        with pytest.raises(DataError, match="authority-leaf"):
            Authority(folder).server_context()
