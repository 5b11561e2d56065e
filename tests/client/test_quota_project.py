from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client import quota_project
from gemauth.client.cache import adc, files, keyring, tokens
from gemauth.client.credentials import Credentials
from gemauth.client.profiles import store, upkeep, using
from gemauth.client.quota_project import PERMISSION, ROLE, UncheckedError, check, clear, write
from gemauth.client.sources.given import Given
from gemauth.client.token import AccessToken
from gemauth.errors import (
    DataError,
    GemauthError,
    NotFoundError,
    RefusedError,
    UnreachableError,
    UsageError,
)
from gemauth.flow import Send
from gemauth.google import scopes
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import GOOGLE, Endpoints
from gemauth.google.status import Code, Status, StatusError, error_info
from gemauth.http import Response
from tests.client.transcript import EMULATOR, Sender, answer, play, sent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ADC = {
    "type": "authorized_user",
    "client_id": "1-x.apps.googleusercontent.com",
    "client_secret": "GOCSPX-x",
    "refresh_token": "1//0x",
    "account": "ada@example.com",
    "from_elsewhere": {"ünknown": [1, 2.5, None]},
}
MAY = answer(permissions=[PERMISSION])


def credentials(
    held: tuple[str, ...] = (scopes.CLOUD_PLATFORM,), endpoints: Endpoints = GOOGLE
) -> Credentials:
    """Somebody's, with a token and another quota project."""
    token = "ya29.emu-x" if endpoints.is_emulator else "ya29.x"
    return Credentials(
        kind="authorized_user",
        source=Given(AccessToken(token)),
        endpoints=endpoints,
        account="ada@example.com",
        quota_project="the-old-one",
        scopes=held,
    )


def refused(code: Code, reason: str | None = None) -> Response:
    """Return an API's refusal."""
    details = [] if reason is None else [error_info(reason, domain="googleapis.com")]
    return Response(code.http, body=json.dumps(Status(code, "No.", details).to_json()).encode())


class TestCheck:
    """Whether an account may have a project billed."""

    @pytest.mark.parametrize("held", [(), (scopes.CLOUD_PLATFORM,)])
    def test_the_question(self, held: tuple[str, ...]) -> None:
        """It is gcloud's (5.5), and goes without a quota project, which need not have the API on;
        scopes that nobody remembers are tried.
        """

        def told(step: Send) -> Response:
            request = sent(step)
            root = "https://cloudresourcemanager.googleapis.com/v1"
            assert request.method == "POST"
            assert request.url == f"{root}/projects/my%2Fproject:testIamPermissions"
            assert json.loads(request.body) == {"permissions": ["serviceusage.services.use"]}
            assert "x-goog-user-project" not in request.headers
            assert request.headers["authorization"] == "Bearer ya29.x"
            return MAY

        found = play(check(credentials(held), "my/project"), (Send, told))
        assert (found.allowed, found.problem) == (True, None)

    @pytest.mark.parametrize(
        "no",
        [
            answer(),
            answer(permissions=[]),
            refused(Code.NOT_FOUND),
            refused(Code.PERMISSION_DENIED),
            refused(Code.PERMISSION_DENIED, "IAM_PERMISSION_DENIED"),
        ],
    )
    @pytest.mark.parametrize("endpoints", [GOOGLE, EMULATOR])
    def test_it_may_not(self, no: Response, endpoints: Endpoints) -> None:
        """An answer without the permission (`{}`), or a project that it may not see: who can grant
        the role is told, and the command.
        """
        found = play(check(credentials(endpoints=endpoints), "my-project"), (Send, no))
        assert found.allowed is False
        assert isinstance(found.problem, RefusedError)
        step = found.problem.next_step or ""
        assert step.startswith("An owner of the project can grant it: ")
        assert f"gemauth emulator iam add my-project {ROLE} user:ada" in step or (
            "gcloud projects add-iam-policy-binding my-project --member=user:ada@example.com "
            f"--role={ROLE}" in step
        )

    @pytest.mark.parametrize("reason", ["ACCESS_TOKEN_SCOPE_INSUFFICIENT", "SERVICE_DISABLED"])
    def test_the_question_is_not_admitted(self, reason: str) -> None:
        """Without the scope, or with the API off, nobody knows: that is no refusal."""
        no = refused(Code.PERMISSION_DENIED, reason)
        found = play(check(credentials(), "my-project"), (Send, no))
        assert found.allowed is None
        assert isinstance(found.problem, UncheckedError)
        assert found.problem.evidence == "No."

    def test_without_the_scope(self) -> None:
        """What cannot be answered is not asked."""
        found = play(check(credentials((scopes.TUNING,)), "my-project"))
        assert found.allowed is None
        assert "cloud-platform" in str(found.problem)

    @pytest.mark.parametrize(
        "failure",
        [
            UnreachableError("down"),
            refused(Code.UNAVAILABLE),
            refused(Code.PERMISSION_DENIED, "CONSUMER_SUSPENDED"),
            answer(permissions="all"),
            Response(200, body=b'"yes"'),
        ],
    )
    def test_it_raises_nothing(self, failure: Response | Exception) -> None:
        """A sign-in is not to fail for it: what went wrong is in the result."""
        found = play(check(credentials(), "my-project"), (Send, failure))
        assert found.allowed is None
        assert isinstance(found.problem, UnreachableError | StatusError)


@pytest.fixture
def environ(home: Path) -> Mapping[str, str]:
    """A home with an ADC file that others have written into, and its cached token."""
    environ = {"HOME": str(home)}
    path = adc.well_known(environ)
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(ADC))
    path.chmod(0o644)
    for asked in ((), ("s",)):
        place = tokens.entry(environ, path.read_bytes(), asked, "")
        assert place is not None
        tokens.store(place, AccessToken("ya29.kept", 5e9))
    return environ


def content(environ: Mapping[str, str]) -> Any:
    """Return what the ADC file says."""
    return json.loads(adc.well_known(environ).read_bytes())


def test_only_the_project_changes(environ: Mapping[str, str]) -> None:
    """All else in the file stays, unknown members too; it is the owner's alone afterwards, and
    the sign-in's token is still at hand.
    """
    sender = Sender(MAY)
    done = write("my-project", environ=environ, transport=sender)
    path = adc.well_known(environ)
    assert (done.path, done.project, done.before) == (str(path), "my-project", None)
    assert done.check is not None
    assert done.check.allowed
    assert content(environ) == {**ADC, "quota_project_id": "my-project"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert tokens.cached(environ, 0) == "ya29.kept"
    entry = tokens.entry(environ, path.read_bytes(), (), "")
    assert entry is not None
    assert [found.name for found in path.parents[1].joinpath("gemauth", "tokens").iterdir()] == [
        entry.rpartition("/")[2]
    ]
    assert sender.requests[0].headers["authorization"] == "Bearer ya29.kept"


def test_clearing(environ: Mapping[str, str]) -> None:
    """The file is as before; clearing twice changes nothing."""
    write("my-project", environ=environ, checked=False)
    done = clear(environ=environ)
    assert (done.project, done.before, done.check) == (None, "my-project", None)
    assert content(environ) == ADC
    before = adc.well_known(environ).stat().st_mtime_ns
    assert clear(environ=environ).before is None
    assert adc.well_known(environ).stat().st_mtime_ns == before


def test_unasked(environ: Mapping[str, str]) -> None:
    """Without the check nothing is sent."""
    assert write("my-project", environ=environ, checked=False, transport=Sender()).check is None
    assert content(environ)["quota_project_id"] == "my-project"


def test_refused(environ: Mapping[str, str]) -> None:
    """A project that may not be billed is not written, nor one that nobody could be asked about."""
    path = adc.well_known(environ)
    before = path.read_bytes()
    with pytest.raises(RefusedError, match=PERMISSION):
        write("my-project", environ=environ, transport=Sender(answer()))
    with pytest.raises(UnreachableError):
        write("my-project", environ=environ, transport=Sender(UnreachableError("down")))
    assert path.read_bytes() == before


def test_nobody_knows(environ: Mapping[str, str]) -> None:
    """Where the question is not admitted, it is written, and the result says why it is unsure."""
    off = refused(Code.PERMISSION_DENIED, "SERVICE_DISABLED")
    done = write("my-project", environ=environ, transport=Sender(off))
    assert done.check is not None
    assert "cloudresourcemanager.googleapis.com, which knows, is off" in str(done.check.problem)
    assert content(environ)["quota_project_id"] == "my-project"


def test_somebody_else_writes(environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign-in that lands while Google is asked is not undone."""
    path = adc.well_known(environ)

    class SlowSender(Sender):
        def send(self, *args: Any, **more: Any) -> Response:
            path.write_text(json.dumps({**ADC, "refresh_token": "1//0new"}))
            return super().send(*args, **more)

    with pytest.raises(DataError, match="meanwhile"):
        write("my-project", environ=environ, transport=SlowSender(MAY))
    assert content(environ)["refresh_token"] == "1//0new"


def test_a_profile_in_use(environ: Mapping[str, str]) -> None:
    """The profile and the ADC file, which is its copy, say the same, whichever is named."""
    upkeep.save(environ, "work", adc.well_known(environ))
    using.use(environ, "work")
    own = store.place(environ, "work")
    write("one", profile="work", checked=False, environ=environ)
    assert content(environ)["quota_project_id"] == "one"
    write("two", checked=False, environ=environ)
    assert json.loads(own.read_bytes()) == content(environ) == {**ADC, "quota_project_id": "two"}
    clear(environ={**environ, "GEMAUTH_PROFILE": "work"})
    assert "quota_project_id" not in content(environ)
    with pytest.raises(NotFoundError):
        write("one", profile="play", checked=False, environ=environ)


def test_a_sign_in_in_a_keyring(
    environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The project stands in the file that points there; the keyring's entry is left alone."""
    user = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0x")
    pointer = keyring.Pointer.to(user, "keyring.backends.macOS.Keyring")
    path = store.place(environ, "hidden")
    files.write_private(path, adc.form(pointer.to_json()))
    monkeypatch.setattr(keyring, "read", lambda _: user)
    write("one", profile="hidden", checked=False, environ=environ)
    assert json.loads(path.read_bytes()) == {**pointer.to_json(), "quota_project_id": "one"}


@pytest.mark.parametrize("kind", ["service_account", "gdch_service_account"])
def test_files_that_carry_none(kind: str, tmp_path: Path) -> None:
    """A key's project is billed: what no library reads is not written."""
    path = tmp_path / "key.json"
    key = {"type": kind, "client_email": "x@p.iam.gserviceaccount.com"}
    more = {"token_uri": GOOGLE.token, "private_key": "-----BEGIN"}
    path.write_text(json.dumps(key | more))
    with pytest.raises(UsageError, match="no library reads"):
        write("my-project", path, environ={}, transport=Sender())
    with pytest.raises(UsageError, match="no library reads"):
        clear(path, environ={})


def test_others_that_carry_one(tmp_path: Path) -> None:
    """Whoever acts as a service account asks with the scope that the question takes; without a
    home there is no token to keep.
    """
    path = tmp_path / "adc.json"
    url = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
    body = {
        "type": "impersonated_service_account",
        "service_account_impersonation_url": f"{url}robot@p.iam.gserviceaccount.com"
        ":generateAccessToken",
        "source_credentials": ADC,
        "scopes": [scopes.TUNING],
    }
    path.write_text(json.dumps(body))
    sender = Sender(
        answer(access_token="ya29.ada", expires_in=3599, token_type="Bearer"),
        answer(accessToken="ya29.robot", expireTime="2999-01-01T00:00:00Z"),
        answer(),
    )
    with pytest.raises(RefusedError) as caught:
        write("my-project", path, environ={}, transport=sender)
    assert json.loads(sender.requests[1].body)["scope"] == [scopes.CLOUD_PLATFORM]
    assert "serviceAccount:robot@p.iam.gserviceaccount.com" in (caught.value.next_step or "")
    write("my-project", path, environ={}, checked=False)
    assert json.loads(path.read_bytes()) == {**body, "quota_project_id": "my-project"}


@pytest.mark.parametrize("name", ["", "my project", "a/b", "x\r\ny", "Ä"])
def test_names_of_no_project(name: str, environ: Mapping[str, str]) -> None:
    """It ends up in a header: what is no id is refused before anything happens."""
    with pytest.raises(UsageError, match="no project's id"):
        write(name, environ=environ, transport=Sender())


def test_nothing_there(home: Path, tmp_path: Path) -> None:
    """No file is an error of its own kind; one that leads elsewhere is not written through."""
    environ = {"HOME": str(home)}
    with pytest.raises(NotFoundError):
        write("my-project", environ=environ, transport=Sender())
    (tmp_path / "real.json").write_text(json.dumps(ADC))
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    with pytest.raises(DataError, match="symbolic link"):
        write("my-project", tmp_path / "link.json", environ={}, checked=False)


def test_every_error_is_of_the_tree() -> None:
    """What nobody can be asked about is no refusal: exit code 1, if anybody raises it."""
    assert issubclass(quota_project.UncheckedError, GemauthError)
    assert UncheckedError("x").exit_code == 1
