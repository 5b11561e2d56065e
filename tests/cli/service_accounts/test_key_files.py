from __future__ import annotations

import base64
import json
import os
import stat
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from gemauth.cli.console import OutputError, ReaderGoneError
from gemauth.client.cache import files
from gemauth.client.service_accounts import pending
from gemauth.client.service_accounts.key_pair import make
from gemauth.google.status import Code, Status, StatusError
from tests.cli.gcloud.test_main import on_terminal
from tests.cli.service_accounts.conftest import ADA, PROJECT, ROBOT
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.service_accounts.conftest import Place

pytestmark = pytest.mark.processes

WARNING = "A key is a password without an end"


def mode(path: Path) -> int:
    """A file's permission bits."""
    return stat.S_IMODE(path.stat().st_mode)


class TestCreate:
    def test_the_file_is_private_and_works(self, place: Place) -> None:
        """0600 whatever the umask, with a warning first, and tokens are had with it."""
        place.robot()
        key = place.home / "deep" / "key.json"
        before = os.umask(0)
        try:
            there = place.run("keys", "create", ROBOT, "--output", str(key))
        finally:
            os.umask(before)
        assert there.code == 0, there.err
        assert (mode(key), mode(key.parent)) == (0o600, 0o700)
        assert there.err.startswith(WARNING)
        assert "not in a repository" in there.err
        assert json.loads(key.read_text())["private_key_id"] in there.out
        assert place.works(key)

    def test_never_to_stdout_unasked(self, place: Place) -> None:
        """--output is required; a dash writes the file's content, and nothing else, to stdout."""
        place.robot()
        assert place.run("keys", "create", ROBOT).code == 2
        there = place.run("keys", "create", ROBOT, "--output", "-")
        assert there.code == 0
        assert there.json["client_email"] == ROBOT
        assert [*place.keys()] == [there.json["private_key_id"]]
        assert not (place.home / "-").exists()

    def test_stdout_that_leads_nowhere(self, place: Place) -> None:
        """A closed stdout is /dev/null by then (`cli/main.py`): no key is made for it."""
        place.robot()
        there = Terminal(environ=place.environ())
        words = ("--output", "-", "--credentials", str(place.home / f"{ADA}.json"))
        with Path(os.devnull).open("w") as nowhere:
            there.console.stdout = nowhere
            assert there.run("service-accounts", "keys", "create", ROBOT, *words) == 2
        assert "leads nowhere" in there.err
        assert place.keys() == {}

    def test_stdout_that_takes_nothing(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        """On a full disk, or where the reader has gone, the key that nobody got is deleted."""
        place.robot()
        words = ("service-accounts", "keys", "create", ROBOT, "--output", "-")
        for error in (OutputError("full"), ReaderGoneError()):
            there = Terminal(environ=place.environ())
            monkeypatch.setattr(there.console, "write_bytes", Mock(side_effect=error))
            with suppress(ReaderGoneError):
                assert there.run(*words, "--credentials", f"{ADA}.json") == 1
            assert place.keys() == {}

    def test_nothing_is_overwritten(self, place: Place) -> None:
        """A file, or a link to nowhere, is refused before a key is made; --overwrite says what
        became of the old one.
        """
        place.robot()
        (place.home / "key.json").write_text("{}")
        (place.home / "link.json").symlink_to("nowhere.json")
        for name in ("key.json", "link.json"):
            there = place.run("keys", "create", ROBOT, "--output", name)
            assert (there.code, "--overwrite" in there.err) == (2, True)
        there = place.run("keys", "create", ROBOT, "--output", "link.json", "--overwrite")
        assert (there.code, "symbolic link" in there.err) == (7, True)
        assert place.keys() == {}
        place.json("keys", "create", ROBOT, "--output", "key.json", "--overwrite")
        (first,) = place.keys()
        there = place.run("keys", "create", ROBOT, "--output", "key.json", "--overwrite")
        assert (
            f"still works; if nobody else needs it: gemauth service-accounts keys delete "
            f"{ROBOT} {first}" in there.err
        )

    def test_a_key_that_cannot_be_written_is_deleted(
        self, place: Place, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The disk is full when the key is there already: it is ended, since nobody has it."""
        from gemauth.errors import DataError

        place.robot()

        def full(*_: object, **__: object) -> None:
            raise DataError("The disk is full.")

        monkeypatch.setattr(files, "write_private", full)
        there = place.run("keys", "create", ROBOT, "--output", "key.json")
        assert (there.code, "The disk is full." in there.err) == (7, True)
        assert place.keys() == {}

    def test_forbidden_by_policy(self, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
        """The command shows the constraint's name and what to do without a key."""
        from gemauth.emulator.cloud import keys

        place.robot()
        violation = {
            "@type": "type.googleapis.com/google.rpc.PreconditionFailure",
            "violations": [{"type": "constraints/iam.disableServiceAccountKeyCreation"}],
        }

        def refuse(*_: object, **__: object) -> None:
            message = "Key creation is not allowed on this service account."
            raise StatusError(Status(Code.FAILED_PRECONDITION, message, (violation,)))

        monkeypatch.setattr(keys, "add_key", refuse)
        there = place.run("keys", "create", ROBOT, "--output", "key.json", "--format", "json")
        assert there.code == 4
        error = there.error
        assert "iam.disableServiceAccountKeyCreation" in error["next"]
        assert "impersonate" in error["next"]
        assert error["fault"] == "the Google Cloud project's settings"


class TestUpload:
    def test_the_private_half_stays_here(self, place: Place) -> None:
        """The file is a whole one and works; IAM has a certificate with the end asked for."""
        place.robot()
        key = place.home / "key.json"
        there = place.run("keys", "upload", ROBOT, "--output", str(key), "--days", "7")
        assert there.code == 0, there.err
        assert "USER_PROVIDED" in there.out
        assert mode(key) == 0o600
        assert place.works(key)
        ((key_id, shown),) = place.keys().items()
        assert json.loads(key.read_text())["private_key_id"] == key_id
        end = datetime.fromisoformat(shown["validBeforeTime"])
        assert 6.9 < (end - datetime.now(UTC)).total_seconds() / 86_400 <= 7
        assert not pending.place(key).exists()

    def test_a_certificate_of_ones_own(self, place: Place) -> None:
        """Only the certificate travels, though a private key stands in the same file."""
        place.robot()
        pair = make("mine", 1_795_000_000.0, 5000)
        both = place.home / "both.pem"
        both.write_text(pair.private_key + pair.certificate)
        made = place.json("keys", "upload", ROBOT, "--certificate", str(both))
        assert [*place.keys()] == [made["keyId"]]
        assert "path" not in made
        file = place.json("keys", "create", ROBOT, "--output", "template.json")
        mine = json.loads((place.home / file["path"]).read_text())
        mine |= {"private_key": pair.private_key, "private_key_id": made["keyId"]}
        (place.home / "mine.json").write_text(json.dumps(mine))
        assert place.works(place.home / "mine.json")

    @pytest.mark.parametrize(
        ("content", "code"), [(None, 6), ("-----BEGIN CERTIFICATE-----\nAAAA\n", 7), ("", 7)]
    )
    def test_what_is_no_certificate(self, place: Place, content: str | None, code: int) -> None:
        """A missing or broken file is told before anything is asked."""
        if content is not None:
            (place.home / "c.pem").write_text(content)
        there = place.run("keys", "upload", ROBOT, "--certificate", "c.pem")
        assert there.code == code

    def test_the_arguments_go_together(self, place: Place) -> None:
        """A file or a certificate, one of them; days within reason."""
        assert place.run("keys", "upload", ROBOT).code == 2
        words = ("keys", "upload", ROBOT, "--output", "k.json")
        assert place.run(*words, "--certificate", "c.pem").code == 2
        for days in ("0", "3651", "soon"):
            assert place.run(*words, "--days", days).code == 2

    def test_nothing_is_overwritten(self, place: Place) -> None:
        """What is there stays, and no key is made; --overwrite names the key that was there."""
        place.robot()
        place.json("keys", "upload", ROBOT, "--output", "key.json")
        (first,) = place.keys()
        assert place.run("keys", "upload", ROBOT, "--output", "key.json").code == 2
        assert [*place.keys()] == [first]
        there = place.run("keys", "upload", ROBOT, "--output", "key.json", "--overwrite")
        assert f"keys delete {ROBOT} {first}" in there.err


class TestRotate:
    def test_a_new_key_takes_its_place(self, place: Place) -> None:
        """The file works before and after, the old key no longer; what else it says is kept."""
        place.robot()
        key = place.home / "key.json"
        place.json("keys", "create", ROBOT, "--output", str(key))
        before = json.loads(key.read_text()) | {"note": "of ours"}
        key.write_text(json.dumps(before))
        old = place.home / "old.json"
        old.write_text(key.read_text())
        there = place.run("keys", "rotate", str(key), "--days", "30")
        assert there.code == 0, there.err
        after = json.loads(key.read_text())
        changed = {name for name in before if before[name] != after[name]}
        assert changed == {"private_key", "private_key_id"}
        assert mode(key) == 0o600
        assert (place.works(key), place.works(old)) == (True, False)
        keys = place.keys()
        assert keys[before["private_key_id"]]["disabled"] is True
        assert keys[after["private_key_id"]]["keyOrigin"] == "USER_PROVIDED"
        assert f"keys delete {ROBOT} {before['private_key_id']}" in there.err
        assert not pending.place(key).exists()

    def test_as_the_key_itself(self, place: Place) -> None:
        """A key that may manage keys replaces itself, and deletes what it was."""
        robot = place.robot()
        key = place.home / "key.json"
        place.json("keys", "create", ROBOT, "--output", str(key))
        role = "roles/iam.serviceAccountKeyAdmin"
        place.emulator.control.add_binding(PROJECT, role, f"serviceAccount:{robot}")
        done = place.json("keys", "rotate", str(key), "--delete-old", who=str(key))
        assert (done["oldKey"], done["resumed"], done["account"]) == ("deleted", False, ROBOT)
        assert [*place.keys()] == [done["keyId"]]
        assert place.works(key)

    def test_what_cannot_be_rotated(self, place: Place) -> None:
        """A person's sign-in, nothing at all, a link: each is told, and left as it is."""
        person = place.home / f"{ADA}.json"
        before = person.read_text()
        assert place.run("keys", "rotate", str(person)).code == 2
        assert person.read_text() == before
        assert place.run("keys", "rotate", "nothing.json").code == 6


def typing(answer: str) -> Callable[[str], str]:
    """What somebody types, whatever is on the screen."""
    return lambda _: answer


def test_questions_on_a_real_terminal(place: Place) -> None:
    """The question stands on the terminal, waits, and the answer counts; no other answer does."""
    place.robot()
    place.json("keys", "create", ROBOT, "--output", "key.json")
    (key_id,) = place.keys()
    words = ("service-accounts", "keys", "delete", ROBOT, key_id, "--credentials")
    command = [sys.executable, "-m", "gemauth", *words, str(place.home / f"{ADA}.json")]
    for typed, code, left in (("n", 1, 1), ("y", 0, 0)):
        got, seen = on_terminal(command, place.environ(), "[y/N] ", typing(typed))
        assert (got, len(place.keys())) == (code, left), seen
        assert f"Delete the key {key_id} of {ROBOT}?" in seen


def test_the_certificate_is_the_one_that_was_made(place: Place) -> None:
    """IAM shows the certificate of the file's private half, named after the account."""
    place.robot()
    made = place.json("keys", "upload", ROBOT, "--output", "key.json")
    there = Terminal(environ=place.environ())
    path = f"/v1/projects/-/serviceAccounts/{ROBOT}/keys/{made['keyId']}"
    query = "?publicKeyType=TYPE_X509_PEM_FILE"
    there.run("request", "GET", path + query, "--credentials", f"{ADA}.json")
    pem = base64.b64decode(there.json["publicKeyData"])
    certificate = x509.load_pem_x509_certificate(pem)
    file = json.loads((place.home / "key.json").read_text())
    private = load_pem_private_key(file["private_key"].encode(), None)
    assert certificate.public_key() == private.public_key()
    assert certificate.subject.rfc4514_string() == "CN=robot-1"
