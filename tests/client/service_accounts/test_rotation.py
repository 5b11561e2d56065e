from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.cache import files
from gemauth.client.credentials import Credentials
from gemauth.client.flows.exchange import TokenRefused
from gemauth.client.service_accounts import pending
from gemauth.client.service_accounts.operations import Keys, ServiceAccounts
from gemauth.client.service_accounts.pending import Pending
from gemauth.client.service_accounts.rotation import PAUSES, rotate
from gemauth.client.sources import chain
from gemauth.client.transport import Transport
from gemauth.client.world import Network
from gemauth.errors import CredentialError, UsageError
from gemauth.flow import Send, Step, Wait, run
from gemauth.google.endpoints import GOOGLE
from gemauth.google.endpoints import emulator as emulator_at
from gemauth.google.status import StatusError
from gemauth.oauth import jwt
from gemauth.testing.emulator import EmulatorServer
from tests.client.service_accounts.iam import ACCOUNT, EMAIL, ME, error, expects
from tests.client.service_accounts.test_making import FILE, ID, OTHER, PAIR, certificate
from tests.client.test_credentials import Fixed
from tests.client.transcript import answer, form_of, play, sent, tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gemauth.http import Response

pytestmark = pytest.mark.processes

NEW = f"{ACCOUNT}/keys/{OTHER}"
BEGUN = Pending(EMAIL, PAIR.private_key, PAIR.certificate, replaces=ID)
DISABLE = expects("POST", f"{ACCOUNT}/keys/{ID}:disable", {})
UNKNOWN = answer(400, error="invalid_grant", error_description="Invalid JWT Signature.")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The file of a key."""
    path = tmp_path / "key.json"
    path.write_text(json.dumps(FILE | {"note": "of ours"}))
    return path


def upload(step: Step) -> Response:
    """Answer an upload with the new key; the file has not been touched by then."""
    assert sent(step).url.endswith(f"{ACCOUNT}/keys:upload")
    return answer(200, name=NEW, keyOrigin="USER_PROVIDED")


def prove(path: Path) -> Callable[[Step], Response]:
    """Answer the token exchange: it is the new key's, and the file still has the old one."""

    def check(step: Step) -> Response:
        assert sent(step).url == GOOGLE.token
        assert jwt.decode(form_of(step)["assertion"]).header["kid"] == OTHER
        assert json.loads(path.read_text())["private_key_id"] == ID
        return tokens()

    return check


def test_a_rotation(path: Path) -> None:
    """Upload, proof, replacement, and only then the end of the old key."""

    def disable(step: Step) -> Response:
        assert json.loads(path.read_text())["private_key_id"] == OTHER
        return DISABLE[1](step)  # type: ignore[arg-type]  # a Send

    done = play(rotate(ME, path), (Send, upload), (Send, prove(path)), (Send, disable))
    assert (done.key_id, done.old_key_id, done.old_key) == (OTHER, ID, "disabled")
    assert (done.account, done.resumed) == (EMAIL, False)
    file = json.loads(path.read_text())
    assert (file["note"], file["client_email"]) == ("of ours", EMAIL)
    assert [entry.name for entry in path.parent.iterdir()] == ["key.json"]


def test_delete_the_old_key(path: Path) -> None:
    """It is disabled first, as every key that ends; one that is gone already is no obstacle."""
    begin = [(Send, upload), (Send, prove(path)), DISABLE]
    gone = expects(
        "DELETE", f"{ACCOUNT}/keys/{ID}", status=404, then=error(404, "NOT_FOUND", "gone")
    )
    assert play(rotate(ME, path, delete_old=True), *begin, gone).old_key == "gone"
    path.write_text(json.dumps(FILE))
    begin = [(Send, upload), (Send, prove(path)), DISABLE]
    delete = expects("DELETE", f"{ACCOUNT}/keys/{ID}")
    assert play(rotate(ME, path, delete_old=True), *begin, delete).old_key == "deleted"


def test_a_key_that_is_not_known_yet(path: Path) -> None:
    """Google may take a minute: the proof is tried again, with pauses."""
    waits = [line for seconds in PAUSES[:2] for line in ((Send, UNKNOWN), (Wait(seconds), None))]
    play(rotate(ME, path), (Send, upload), *waits, (Send, prove(path)), DISABLE)


def test_a_key_that_is_never_known(path: Path) -> None:
    """Then the file is as it was, and the next run goes on with the same key."""
    before = path.read_text()
    waits = [line for seconds in PAUSES for line in ((Send, UNKNOWN), (Wait(seconds), None))]
    with pytest.raises(CredentialError, match="not accepted after 75 seconds") as told:
        play(rotate(ME, path), (Send, upload), *waits, (Send, UNKNOWN))
    assert f"gemauth service-accounts keys rotate {path}" in (told.value.next_step or "")
    assert path.read_text() == before
    kept = pending.recall(path)
    assert kept is not None
    assert (kept.key_id, kept.replaces) == (OTHER, ID)
    done = play(
        rotate(ME, path),
        expects("GET", f"{ACCOUNT}/keys?keyTypes=USER_MANAGED", then={"keys": [{"name": NEW}]}),
        certificate(OTHER, kept.certificate),
        (Send, prove(path)),
        DISABLE,
    )
    assert done.resumed
    assert json.loads(path.read_text())["private_key"] == kept.private_key


def test_another_refusal_is_told_at_once(path: Path) -> None:
    """A disabled account does not get better by waiting."""
    disabled = answer(400, error="invalid_grant", error_description="Robot is disabled.")
    with pytest.raises(TokenRefused, match="Robot is disabled"):
        play(rotate(ME, path), (Send, upload), (Send, disabled))
    assert json.loads(path.read_text())["private_key_id"] == ID


def test_only_the_old_key_was_left(path: Path) -> None:
    """The file had been replaced: the next run ends the old key, and makes no other."""
    pending.keep(path, replace(BEGUN, key_id=OTHER))
    path.write_text(json.dumps(FILE | {"private_key_id": OTHER}))
    done = play(rotate(ME, path), DISABLE)
    assert (done.key_id, done.old_key_id, done.resumed) == (OTHER, ID, True)
    assert pending.recall(path) is None


def test_who_may_upload_and_not_disable(path: Path) -> None:
    """The refusal is told; the new key is in place, and what is left is remembered."""
    refused = expects(
        "POST", f"{ACCOUNT}/keys/{ID}:disable", {}, error(403, "PERMISSION_DENIED"), status=403
    )
    with pytest.raises(StatusError):
        play(rotate(ME, path), (Send, upload), (Send, prove(path)), refused)
    assert json.loads(path.read_text())["private_key_id"] == OTHER
    assert play(rotate(ME, path), DISABLE).resumed


@pytest.mark.parametrize(
    "kept",
    [
        replace(BEGUN, replaces="0c" * 20, key_id="0d" * 20),
        replace(BEGUN, replaces=None),
        replace(BEGUN, account="other@demo.iam.gserviceaccount.com"),
    ],
)
def test_what_is_left_of_another_key(path: Path, kept: Pending) -> None:
    """It is never thrown away unasked: it may be the only copy of a key."""
    pending.keep(path, kept)
    with pytest.raises(UsageError, match="what is left of bringing another key") as told:
        play(rotate(ME, path))
    assert (kept.key_id or "") in (told.value.next_step or "")
    assert pending.recall(path) == kept


def test_what_was_begun_too_long_ago(path: Path) -> None:
    """A new key that has ended before it arrived is made anew."""
    pending.keep(path, replace(BEGUN, key_id="0c" * 20))
    late = 1_795_000_000.0 + 31 * 86_400
    flow = rotate(ME, path)
    done = play(flow, (Send, upload), (Send, prove(path)), DISABLE, now=late)
    assert not done.resumed


def test_what_cannot_be_rotated(path: Path, tmp_path: Path) -> None:
    """A key without an id, a person's sign-in, a key of the other side, a link."""
    for content in (
        {name: value for name, value in FILE.items() if name != "private_key_id"},
        {"type": "gdch_service_account", "project": "x"},
    ):
        path.write_text(json.dumps(content))
        with pytest.raises(UsageError, match="cannot be rotated"):
            play(rotate(ME, path))
    path.write_text(json.dumps(FILE | {"token_uri": "http://127.0.0.1:8085/token"}))
    with pytest.raises(CredentialError, match="made by an emulator"):
        play(rotate(ME, path))
    path.write_text(json.dumps(FILE))
    link = tmp_path / "link.json"
    link.symlink_to(path)
    with pytest.raises(Exception, match="symbolic link"):
        play(rotate(ME, link))


class Stopped(BaseException):
    """What ends a process in the middle: neither a flow nor a driver answers it."""


class Stopping(Network):
    """A network on which everything ends at one step: before it is sent, or with its answer."""

    def __init__(self, transport: Transport, at: int, *, heard: bool) -> None:
        super().__init__(transport, sleep=lambda _: None)
        self.left = at
        self.heard = heard

    def do(self, step: Step) -> Any:
        """Carry out a step, unless it is the last."""
        if not isinstance(step, Send):
            return super().do(step)
        self.left -= 1
        if self.left == 0 and not self.heard:
            raise Stopped
        given = super().do(step)
        if self.left == 0:
            raise Stopped
        return given


class Robot:
    """A service account of an emulator with one key in a file, which may manage itself."""

    def __init__(self, emulator: EmulatorServer, folder: Path) -> None:
        self.path = folder / "key.json"
        self._emulator = emulator
        self._transport = Transport({})
        control = emulator.control
        owner, project = "ada@example.com", "my-project"
        seeded = control.seed(
            {
                "accounts": [{"email": owner}],
                "projects": [
                    {
                        "projectId": project,
                        "owner": owner,
                        "services": ["iam.googleapis.com"],
                        "consentScreen": {"appName": "Demo", "supportEmail": owner},
                        "testUsers": [owner],
                        "clients": [{"kind": "desktop", "name": "cli"}],
                    }
                ],
            }
        )
        client = seeded["clients"][0]["file"]["installed"]["client_id"]
        body = {"account": owner, "clientId": client, "scopes": ["cloud-platform"]}
        token = control.call("POST", "grants", body=body)["access_token"]
        ada = Credentials("authorized_user", Fixed(token), emulator_at(emulator.address))
        run(ServiceAccounts(ada).create(project, "robot-1"), Network(self._transport))
        self.email = "robot-1@my-project.iam.gserviceaccount.com"
        role = "roles/iam.serviceAccountKeyAdmin"
        control.add_binding("my-project", role, f"serviceAccount:{self.email}")
        self.fill()

    def fill(self) -> None:
        """Put a new key into the file."""
        made = self._emulator.control.create_service_account_key(self.email)
        self.path.write_text(json.dumps(made["file"]))

    def credentials(self) -> Any:
        """What the file gives now."""
        return chain.load(self.path, environ={}).credentials

    def works(self) -> bool:
        """Whether a new token can be had with the file."""
        return bool(self.credentials().token(fresh=True, transport=self._transport).value)

    def keys(self) -> dict[str, bool]:
        """Whether each key is enabled."""
        account = f"projects/my-project/serviceAccounts/{self.email}"
        keys = Keys(self.credentials()).list(account, "USER_MANAGED")
        return {key.id: not key.disabled for key in run(keys, Network(self._transport))}

    def rotate(self, network: Network | None = None, **how: Any) -> Any:
        """Rotate, with the file's own key."""
        flow = rotate(self.credentials(), self.path, **how)
        return run(flow, network or Network(self._transport))

    def stopping(self, at: int, *, heard: bool) -> Stopping:
        """A network that ends at a request."""
        return Stopping(self._transport, at, heard=heard)

    @property
    def key_id(self) -> str:
        """The id of the key in the file."""
        return str(json.loads(self.path.read_text())["private_key_id"])

    def clear(self) -> None:
        """Delete the keys that are not in the file."""
        account = f"projects/my-project/serviceAccounts/{self.email}"
        for key_id in set(self.keys()) - {self.key_id}:
            run(Keys(self.credentials()).delete(account, key_id), Network(self._transport))


@pytest.fixture
def robot(tmp_path: Path) -> Iterator[Robot]:
    """A service account whose key is to be rotated."""
    with EmulatorServer() as emulator:
        yield Robot(emulator, tmp_path)


def check_finished(robot: Robot, old: str, before: int) -> None:
    """The next run finishes: one new key that works, the old one disabled, and nothing else."""
    assert robot.works(), "the file's key works at every moment"
    done = robot.rotate()
    assert robot.works()
    assert (done.old_key_id, robot.key_id) == (old, done.key_id)
    assert robot.keys() == {old: False, done.key_id: True}
    assert [entry.name for entry in robot.path.parent.iterdir()] == ["key.json"]
    assert len(robot.keys()) == before + 1


def test_stopped_at_any_request(robot: Robot) -> None:
    """Before each request of a rotation and after each answer: the next run finishes it."""
    stops = 0
    for at in range(1, 20):
        for heard in (False, True):
            old = robot.key_id
            try:
                robot.rotate(robot.stopping(at, heard=heard))
            except Stopped:
                stops += 1
                check_finished(robot, old, 1)
            else:
                assert stops >= 8  # its token, upload, proof, disable, each before and after
                return
            robot.clear()
    raise AssertionError("a rotation never ends")


class Writes:
    """What is written and deleted of a key's files; everything ends at one of them.

    Args:
        patch: puts it in the place of the real thing.
        at: the write, counted from 1.
        after: whether it is still done.
    """

    def __init__(self, patch: pytest.MonkeyPatch, at: int, *, after: bool) -> None:
        self._left = at
        self._after = after
        for name in ("write_private", "delete"):
            patch.setattr(files, name, self._stopping(getattr(files, name)))

    def _stopping(self, do: Callable[..., Any]) -> Callable[..., Any]:
        def step(path: Path, *args: Any, **more: Any) -> Any:
            if "key.json" not in path.name:  # the token cache is another matter
                return do(path, *args, **more)
            self._left -= 1
            if self._left == 0 and not self._after:
                raise Stopped
            done = do(path, *args, **more)
            if self._left == 0:
                raise Stopped
            return done

        return step


# Begun, named, replaced, forgotten: each before and after, but for the very last, when all is done.
@pytest.mark.parametrize(
    ("at", "after"),
    [(1, False), (1, True), (2, False), (2, True), (3, False), (3, True), (4, False)],
)
def test_stopped_at_any_write(
    robot: Robot, monkeypatch: pytest.MonkeyPatch, at: int, *, after: bool
) -> None:
    """Before a file is written or deleted, and after: the next run finishes it."""
    old = robot.key_id
    with monkeypatch.context() as patch:
        Writes(patch, at, after=after)
        with pytest.raises(Stopped):
            robot.rotate()
    check_finished(robot, old, 1)


def test_no_other_write(robot: Robot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four writes are all there are: the rows above leave none out."""
    with monkeypatch.context() as patch:
        Writes(patch, 5, after=False)
        robot.rotate()


def test_two_at_once(robot: Robot) -> None:
    """A rotation in the middle of another is told to wait, and the first one ends well."""

    class Meanwhile(Network):
        told = 0

        def do(self, step: Step) -> Any:
            if isinstance(step, Send):
                with pytest.raises(UsageError, match="Another run"):
                    robot.rotate()
                self.told += 1
            return super().do(step)

    network = Meanwhile(Transport({}))
    assert robot.rotate(network).old_key == "disabled"
    assert network.told >= 4
    assert robot.works()


def test_again_and_again(robot: Robot) -> None:
    """With --delete-old a rotation leaves one key however often it is done."""
    for _ in range(3):
        assert robot.rotate(delete_old=True).old_key == "deleted"
    assert robot.keys() == {robot.key_id: True}
    assert robot.path.stat().st_mode & 0o777 == 0o600
