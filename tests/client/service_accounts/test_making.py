from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.cache import files
from gemauth.client.service_accounts import making, pending
from gemauth.client.service_accounts.key_pair import make
from gemauth.client.service_accounts.pending import Pending
from gemauth.errors import DataError, UnreachableError, UsageError
from gemauth.flow import Send
from gemauth.google.credentials import ServiceAccountKey
from gemauth.google.status import StatusError
from tests.client.service_accounts.iam import ACCOUNT, EMAIL, ME, error, expects
from tests.client.transcript import NOON, answer, play, sent

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.flow import Step
    from gemauth.http import Response

ID, OTHER = "0a" * 20, "0b" * 20
FILE = {
    "type": "service_account",
    "client_email": EMAIL,
    "token_uri": "https://oauth2.googleapis.com/token",
    "private_key": "PEM",
    "private_key_id": ID,
}
MADE = {
    "name": f"{ACCOUNT}/keys/{ID}",
    "keyType": "USER_MANAGED",
    "privateKeyData": base64.b64encode(json.dumps(FILE).encode()).decode(),
}
CREATE = ("POST", f"{ACCOUNT}/keys", {"privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE"})
SHOWN = {"name": ACCOUNT, "email": EMAIL, "projectId": "demo", "uniqueId": "104"}
PAIR = make("ci", NOON, 30)
BEGUN = Pending(EMAIL, PAIR.private_key, PAIR.certificate)
GET = expects("GET", ACCOUNT, then=SHOWN)
LIST = f"{ACCOUNT}/keys?keyTypes=USER_MANAGED"


def upload(step: Step) -> Response:
    """Answer an upload; its body holds a certificate and no private half."""
    request = sent(step)
    assert request.url.endswith(f"{ACCOUNT}/keys:upload")
    assert list(json.loads(request.body)) == ["publicKeyData"]
    assert b"CERTIFICATE" in base64.b64decode(json.loads(request.body)["publicKeyData"])
    return answer(200, name=f"{ACCOUNT}/keys/{ID}", keyOrigin="USER_PROVIDED")


def certificate(key_id: str, pem: str) -> Any:
    """Return the line in which a key's certificate is looked at."""
    path = f"{ACCOUNT}/keys/{key_id}?publicKeyType=TYPE_X509_PEM_FILE"
    then = {"publicKeyData": base64.b64encode(pem.encode()).decode()}
    return expects("GET", path, then=then)


class TestCreate:
    def test_the_file_is_googles_own(self, tmp_path: Path) -> None:
        """Byte for byte what came; what is returned has no private half."""
        path = tmp_path / "key.json"
        made = play(making.create_file(ME, ACCOUNT, path), expects(*CREATE, then=MADE))
        assert path.read_bytes() == base64.b64decode(MADE["privateKeyData"])
        assert (made.key.id, made.key.private_key_data) == (ID, "")
        assert (made.account, made.path) == (EMAIL, str(path))

    @pytest.mark.parametrize("data", ["", "%%%", "e30=", "W10=", "MQ=="])
    def test_an_answer_without_a_file(self, data: str) -> None:
        """The key is there and useless: its id and the command that ends it are told."""
        with pytest.raises(UnreachableError, match=ID) as told:
            play(
                making.create(ME, ACCOUNT), expects(*CREATE, then={**MADE, "privateKeyData": data})
            )
        assert f"keys delete {EMAIL} {ID}" in (told.value.next_step or "")

    def test_a_file_that_cannot_be_written(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The key is deleted; where even that fails, the command for it is told."""

        def full(*_: object, **__: object) -> None:
            raise DataError("The disk is full.", next_step="Make room.")

        monkeypatch.setattr(files, "write_private", full)
        path = tmp_path / "key.json"
        delete = ("DELETE", f"{ACCOUNT}/keys/{ID}")
        with pytest.raises(DataError) as told:
            play(
                making.create_file(ME, ACCOUNT, path), expects(*CREATE, then=MADE), expects(*delete)
            )
        assert told.value.next_step == "Make room."
        refused = expects(*delete, status=403, then=error(403, "PERMISSION_DENIED"))
        with pytest.raises(DataError) as told:
            play(making.create_file(ME, ACCOUNT, path), expects(*CREATE, then=MADE), refused)
        assert f"keys delete {EMAIL} {ID}" in (told.value.next_step or "")

    def test_nothing_is_asked_in_vain(self, tmp_path: Path) -> None:
        """What is there already is seen before there is a key."""
        (tmp_path / "key.json").touch()
        with pytest.raises(UsageError, match="not overwritten"):
            play(making.create_file(ME, ACCOUNT, tmp_path / "key.json"))


class TestUpload:
    def test_the_whole_file(self, tmp_path: Path) -> None:
        """The account is looked at, the certificate uploaded, the file written."""
        path = tmp_path / "key.json"
        made = play(making.upload_file(ME, ACCOUNT, path, days=30), GET, (Send, upload))
        file = ServiceAccountKey.from_json(json.loads(path.read_text()))
        assert (file.client_email, file.private_key_id, file.client_id) == (EMAIL, ID, "104")
        assert file.token_uri == "https://oauth2.googleapis.com/token"
        assert (made.key.id, made.resumed) == (ID, False)
        assert [entry.name for entry in tmp_path.iterdir()] == ["key.json"]

    def test_what_is_refused_leaves_nothing(self, tmp_path: Path) -> None:
        """IAM's no ends it; an answer that never came, or a failure of IAM's, does not."""
        path = tmp_path / "key.json"

        def attempt(kind: type[Exception], response: Any) -> None:
            flow = making.upload_file(ME, ACCOUNT, path)
            with pytest.raises(kind):
                play(flow, GET, *([] if pending.recall(path) is None else [(Send, answer())]),
                     (Send, response))  # fmt: skip

        attempt(StatusError, answer(400, **error(400, "FAILED_PRECONDITION")))
        assert [*tmp_path.iterdir()] == []
        attempt(UnreachableError, UnreachableError("silence"))
        kept = pending.recall(path)
        assert kept is not None
        attempt(StatusError, answer(500, **error(500, "INTERNAL")))
        assert pending.recall(path) == kept

    def test_a_refused_resumption_forgets_nothing(self, tmp_path: Path) -> None:
        """The first upload may have been heard, though the list does not show it yet."""
        path = tmp_path / "key.json"
        pending.keep(path, BEGUN)
        flow = making.upload_file(ME, ACCOUNT, path)
        with pytest.raises(StatusError) as told:
            play(flow, GET, (Send, answer()), (Send, answer(409, **error(409, "ALREADY_EXISTS"))))
        assert pending.recall(path) == BEGUN
        assert ".key.json.pending" in (told.value.next_step or "")

    def test_an_upload_that_was_heard(self, tmp_path: Path) -> None:
        """The next run finds the key of the lost answer by its public half, and makes no other."""
        path = tmp_path / "key.json"
        pending.keep(path, BEGUN)
        keys = [{"name": f"{ACCOUNT}/keys/{key_id}"} for key_id in (OTHER, ID)]
        made = play(
            making.upload_file(ME, ACCOUNT, path),
            GET,
            expects("GET", LIST, then={"keys": keys}),
            certificate(OTHER, make("ci", NOON, 1).certificate),
            certificate(ID, PAIR.certificate),
        )
        assert (made.key.id, made.resumed) == (ID, True)
        assert json.loads(path.read_text())["private_key"] == PAIR.private_key
        assert pending.recall(path) is None

    def test_only_the_note_was_left(self, tmp_path: Path) -> None:
        """The file had arrived: that it exists is no obstacle then."""
        path = tmp_path / "key.json"
        pending.keep(path, Pending(EMAIL, PAIR.private_key, PAIR.certificate, key_id=ID))
        path.write_text(json.dumps(FILE))
        keys = expects("GET", LIST, then={"keys": [{"name": f"{ACCOUNT}/keys/{ID}"}]})
        made = play(
            making.upload_file(ME, ACCOUNT, path), GET, keys, certificate(ID, PAIR.certificate)
        )
        assert made.resumed
        assert pending.recall(path) is None
        assert json.loads(path.read_text())["private_key"] == PAIR.private_key

    def test_a_key_that_has_ended_meanwhile(self, tmp_path: Path) -> None:
        """What was begun too long ago is begun anew."""
        path = tmp_path / "key.json"
        pending.keep(path, BEGUN)
        late = NOON + 31 * 86_400
        made = play(making.upload_file(ME, ACCOUNT, path), GET, (Send, upload), now=late)
        assert not made.resumed
        assert json.loads(path.read_text())["private_key"] != PAIR.private_key

    @pytest.mark.parametrize(
        ("kept", "words"),
        [
            (Pending("other@demo.iam.gserviceaccount.com", "P", "C"), "unfinished upload"),
            (Pending(EMAIL, "P", "C", replaces=OTHER), "unfinished rotation"),
        ],
    )
    def test_something_else_is_unfinished(self, tmp_path: Path, kept: Pending, words: str) -> None:
        """Another account's key, or a rotation, is never thrown away."""
        path = tmp_path / "key.json"
        pending.keep(path, kept)
        with pytest.raises(UsageError, match=words):
            play(making.upload_file(ME, ACCOUNT, path), GET)
        assert pending.recall(path) == kept

    def test_a_file_of_something_else(self, tmp_path: Path) -> None:
        """A file that is not the key's is not overwritten, note or no note."""
        path = tmp_path / "key.json"
        pending.keep(path, Pending(EMAIL, PAIR.private_key, PAIR.certificate, key_id=ID))
        path.write_text(json.dumps({"type": "authorized_user", "client_id": "c",
                                    "client_secret": "s", "refresh_token": "r"}))  # fmt: skip
        with pytest.raises(UsageError, match="not overwritten"):
            play(making.upload_file(ME, ACCOUNT, path), GET)


def test_a_certificate_alone(tmp_path: Path) -> None:
    """One request, and no file."""
    made = play(making.upload_certificate(ME, ACCOUNT, PAIR.certificate), (Send, upload))
    assert (made.key.id, made.path) == (ID, None)
