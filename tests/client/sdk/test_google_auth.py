from __future__ import annotations

import copy
import json
import pickle
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

import gemauth
from gemauth.client.sources.chain import load
from gemauth.errors import CredentialError, UnreachableError
from tests.client.sdk.fakes import FAR, MODELS, Source, credentials, google_auth, installed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter, with google-auth installed."""
    return installed(monkeypatch, "google_auth", *google_auth())


def test_before_request(adapter: Any) -> None:
    """A request gets the token and the quota project; asked for once it is needed."""
    source, headers = Source(), dict[str, str]()
    mine = adapter.for_google_auth(credentials(source, scopes=("a",)))
    assert (mine.token, mine.expiry, mine.valid, source.asked) == (None, None, False, 0)
    mine.before_request(None, "GET", MODELS, headers)
    assert headers == {"authorization": "Bearer ya29.a0-0", "x-goog-user-project": "paying"}
    assert mine.expiry == datetime.fromtimestamp(FAR, UTC).replace(tzinfo=None)
    assert (mine.valid, mine.scopes, mine.requires_scopes) == (True, ["a"], False)


def test_other_hosts(adapter: Any) -> None:
    """No token for a host that is not Google's."""
    mine = adapter.for_google_auth(credentials())
    with pytest.raises(gemauth.UsageError):
        mine.before_request(None, "GET", "https://example.com/", {})


def test_refresh_after_401(adapter: Any) -> None:
    """What this thread has sent and now refreshes was refused: it gets another token."""
    source = Source()
    mine = adapter.for_google_auth(credentials(source))
    mine.before_request(None, "GET", MODELS, {})
    mine.refresh(None)
    assert (mine.token, source.rejected) == ("ya29.a0-1", ["ya29.a0-0"])


def test_refresh_of_what_another_thread_has_refreshed(adapter: Any) -> None:
    """Two threads are refused the same token: the second takes what the first was given."""
    source = Source()
    mine = adapter.for_google_auth(credentials(source))
    mine.before_request(None, "GET", MODELS, {})

    def other() -> None:
        mine.before_request(None, "GET", MODELS, {})
        mine.refresh(None)

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    mine.refresh(None)
    assert (mine.token, source.rejected) == ("ya29.a0-1", ["ya29.a0-0"])


def test_refresh_while_a_request_is_being_written(adapter: Any) -> None:
    """The token that a request carries is the refused one, not what came behind its back."""
    source = Source()
    mine = adapter.for_google_auth(credentials(source))

    def other() -> None:
        mine.before_request(None, "GET", MODELS, {})
        mine.refresh(None)

    class Slow(dict[str, str]):
        def __setitem__(self, name: str, value: str) -> None:
            super().__setitem__(name, value)
            if name == "authorization":
                thread = threading.Thread(target=other)
                thread.start()
                thread.join()

    headers = Slow()
    mine.before_request(None, "GET", MODELS, headers)
    assert headers["authorization"] == "Bearer ya29.a0-0"
    mine.refresh(None)
    assert (mine.token, source.rejected) == ("ya29.a0-1", ["ya29.a0-0"])


def test_refresh_of_an_expired_one(adapter: Any) -> None:
    """An expired token has not been refused."""
    source = Source()
    mine = adapter.for_google_auth(credentials(source))
    mine.refresh(None)
    mine.expiry = datetime(1990, 1, 1)  # noqa: DTZ001  # google-auth's are naive
    assert mine.token == "ya29.a0-0"
    mine.refresh(None)
    assert source.rejected == []
    mine.expiry = None
    assert mine.expiry is None


def test_token_set_by_a_library(adapter: Any) -> None:
    """Some set the token themselves, to drop it or for a test."""
    mine = adapter.for_google_auth(credentials())
    mine.token = "ya29.a0-other"
    assert mine.token == "ya29.a0-other"
    mine.token = None
    mine.expiry = None
    assert not mine.valid


@pytest.mark.parametrize(
    ("error", "retryable"),
    [(CredentialError("Ended.", next_step="Sign in."), False), (UnreachableError("Off."), True)],
)
def test_errors_are_google_auths(adapter: Any, error: Exception, *, retryable: bool) -> None:
    """Libraries know google-auth's error only; ours is its cause, and its words."""
    source = Source()
    source.error = error
    with pytest.raises(adapter.exceptions.RefreshError, match=str(error)) as raised:
        adapter.for_google_auth(credentials(source)).refresh(None)
    assert raised.value.retryable is retryable
    assert raised.value.__cause__ is error


def test_with_quota_project(adapter: Any) -> None:
    """Another project pays; the tokens stay the same source's."""
    source = Source()
    mine = adapter.for_google_auth(credentials(source))
    other = mine.with_quota_project("other")
    assert (mine.quota_project_id, other.quota_project_id) == ("paying", "other")
    other.refresh(None)
    assert source.asked == 1
    assert mine.with_quota_project(None).quota_project_id is None


def user_file(home: Path) -> str:
    """Write a person's file; return its path."""
    user = {"type": "authorized_user", "client_id": "1", "client_secret": "GOCSPX-secret"}
    path = home / "adc.json"
    path.write_text(json.dumps(user | {"refresh_token": "1//0refresh", "quota_project_id": "p"}))
    return str(path)


def test_with_scopes(adapter: Any, home: Path) -> None:
    """Credentials of a file give tokens of fewer scopes; others are found again for that."""
    mine = adapter.for_google_auth(load(user_file(home), quota_project="paying").credentials)
    fewer = mine.with_scopes(["https://www.googleapis.com/auth/cloud-platform"])
    assert fewer.scopes == ["https://www.googleapis.com/auth/cloud-platform"]
    assert fewer.quota_project_id == "paying"
    with pytest.raises(gemauth.UsageError, match="scopes"):
        adapter.for_google_auth(credentials()).with_scopes(["a"])


def test_pickled_without_a_secret(adapter: Any, home: Path) -> None:
    """A pickle says where they came from; it holds neither a token nor the file's secrets."""
    path = user_file(home)
    mine = adapter.for_google_auth(load(path, ["cloud-platform"], quota_project="o").credentials)
    mine.token = "ya29.a0-secret"
    pickled = pickle.dumps(mine)
    for secret in (b"ya29", b"1//0refresh", b"GOCSPX"):
        assert secret not in pickled
    back = pickle.loads(pickled)  # noqa: S301  # our own
    assert (back.quota_project_id, back.scopes, back.token) == ("o", mine.scopes, None)
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(adapter.for_google_auth(credentials()))


def test_copies_are_the_same(adapter: Any) -> None:
    """SDKs copy their options deeply, and the credentials in them."""
    mine = adapter.for_google_auth(credentials())
    assert copy.copy(mine) is mine
    assert copy.deepcopy({"credentials": mine})["credentials"] is mine


def test_what_shows(adapter: Any) -> None:
    """Its repr and the facts for error messages name the account, and no secret."""
    mine = adapter.for_google_auth(credentials())
    mine.refresh(None)
    assert "ada@example.com" in repr(mine)
    assert "ya29" not in repr(mine)
    assert mine.get_cred_info() == {
        "credential_source": "authorized_user",
        "credential_type": "gemauth authorized_user",
        "principal": "ada@example.com",
    }
    nobody = adapter.for_google_auth(credentials(account=None))
    assert (nobody.account, "principal" in nobody.get_cred_info()) == ("", False)
