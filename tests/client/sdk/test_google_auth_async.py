from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

import gemauth
from gemauth.errors import CredentialError, UnreachableError
from tests.client.sdk.fakes import FAR, MODELS, Source, credentials, google_auth, installed, module


class Base:
    """google-auth's interface, as it documents it."""

    def __init__(self) -> None:
        self.token: str | None = None

    async def apply(self, headers: dict[str, str], token: str | None = None) -> None:
        """Write a token."""
        headers["authorization"] = f"Bearer {token or self.token}"


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The adapter, with google-auth installed."""
    interface = module("google.auth.aio.credentials", Credentials=Base)
    aio = module("google.auth.aio", credentials=interface)
    return installed(monkeypatch, "google_auth_async", *google_auth(), aio, interface)


def sent(mine: Any) -> dict[str, str]:
    """Return the headers of a request that is about to be sent."""
    headers = dict[str, str]()
    asyncio.run(mine.before_request(None, "GET", MODELS, headers))
    return headers


def test_before_request(adapter: Any) -> None:
    """A request gets the token and the quota project."""
    source = Source()
    mine = adapter.for_google_auth_async(credentials(source))
    assert (mine.token, mine.expiry, source.asked) == (None, None, 0)
    assert sent(mine) == {"authorization": "Bearer ya29.a0-0", "x-goog-user-project": "paying"}
    assert mine.expiry == datetime.fromtimestamp(FAR, UTC).replace(tzinfo=None)
    assert mine.token == "ya29.a0-0"
    assert "ya29" not in repr(mine)
    assert sent(mine.with_quota_project(None)) == {"authorization": "Bearer ya29.a0-0"}
    assert sent(mine.with_quota_project("other"))["x-goog-user-project"] == "other"


def test_refresh(adapter: Any) -> None:
    """What was sent and is refreshed was refused; what nobody has sent yet is new enough."""
    source = Source()
    mine = adapter.for_google_auth_async(credentials(source))
    sent(mine)
    asyncio.run(mine.refresh(None))  # the first task that was refused
    assert (mine.token, source.rejected) == ("ya29.a0-1", ["ya29.a0-0"])
    asyncio.run(mine.refresh(None))  # the second one
    assert (mine.token, source.rejected) == ("ya29.a0-1", ["ya29.a0-0"])
    sent(mine)
    asyncio.run(mine.refresh(None))
    assert mine.token == "ya29.a0-2"


def test_other_hosts(adapter: Any) -> None:
    """No token for a host that is not Google's."""
    mine = adapter.for_google_auth_async(credentials())
    with pytest.raises(gemauth.UsageError):
        asyncio.run(mine.before_request(None, "GET", "https://example.com/", {}))


@pytest.mark.parametrize(
    ("error", "retryable"), [(CredentialError("over"), False), (UnreachableError("away"), True)]
)
def test_errors(adapter: Any, error: Exception, retryable: bool) -> None:  # noqa: FBT001  # a table
    """A failure is google-auth's own error, with gemauth's words, and says if it may pass."""
    source = Source()
    source.error = error
    mine = adapter.for_google_auth_async(credentials(source))
    with pytest.raises(adapter.exceptions.RefreshError, match=str(error)) as raised:
        sent(mine)
    assert raised.value.retryable is retryable
