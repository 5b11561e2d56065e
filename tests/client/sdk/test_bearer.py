from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING

import pytest

import gemauth
from gemauth.client.sdk.bearer import Bearer, leads_to
from tests.client.sdk.fakes import MODELS, Plain, Source, credentials
from tests.client.transcript import EMULATOR

if TYPE_CHECKING:
    from pathlib import Path

PORT = EMULATOR.gemini.rpartition(":")[2]


def test_headers() -> None:
    """A request gets the token, and the project that pays."""
    expected = {"Authorization": "Bearer ya29.a0-0", "x-goog-user-project": "paying"}
    assert Bearer(credentials()).headers(MODELS) == expected
    assert asyncio.run(Bearer(credentials()).headers_async(MODELS)) == expected
    alone = Bearer(credentials(quota_project=None)).headers(MODELS)
    assert alone == {"Authorization": "Bearer ya29.a0-0"}


def test_refused() -> None:
    """A refused token is rejected, and so everybody who was refused it gets the same new one."""
    source = Source()
    bearer = Bearer(credentials(source))
    for _ in range(2):
        again = bearer.headers(MODELS, refused="Bearer ya29.a0-0")
        assert again["Authorization"] == "Bearer ya29.a0-1"
    assert source.rejected == ["ya29.a0-0"]


def test_refused_where_nothing_is_kept() -> None:
    """A source that cannot reject is asked for a fresh token."""
    source = Plain()
    asyncio.run(Bearer(credentials(source)).headers_async(MODELS, refused="Bearer x"))
    assert source.fresh == [True]


@pytest.mark.parametrize(
    "url",
    [
        MODELS,
        "https://storage.googleapis.com/b/o",
        "https://generativelanguage.googleapis.com:443/google.ai.generativelanguage.v1beta.M/L",
    ],
)
def test_googles_credentials_go_to_google(url: str) -> None:
    """Any of Google's APIs, which one program may call with one identity."""
    Bearer(credentials()).require_destination(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://generativelanguage.googleapis.com/v1beta/models",
        "https://example.com/",
        "https://googleapis.com.example.com/",
        "https://evilgoogleapis.com/",
        "https://storage.googleapis.com@example.com/",
        "https://example.com\\@storage.googleapis.com/",  # urllib3 asks example.com
        "https://example.com\\.googleapis.com/",
        "http://127.0.0.1:8085/",
        "https://[::1/",
        "",
    ],
)
def test_googles_credentials_go_nowhere_else(url: str) -> None:
    """In the clear, to another host, to an emulator: nothing is sent, and no token asked for."""
    source = Source()
    with pytest.raises(gemauth.UsageError, match="no token is sent there"):
        Bearer(credentials(source)).headers(url)
    assert source.asked == 0


def test_an_emulators_credentials() -> None:
    """They go to that emulator; to Google's names only where the proxy there is that emulator."""
    mine = credentials(Source(stem="ya29.emu-"), endpoints=EMULATOR)
    Bearer(mine).headers(f"{EMULATOR.gemini}/v1beta/models")
    Bearer(mine).headers(f"https://localhost:{PORT}/google.ai.generativelanguage.v1beta.M/L")
    for url in (MODELS, "http://127.0.0.1:9/"):
        with pytest.raises(gemauth.UsageError):
            Bearer(mine).headers(url)
    led = {"HTTPS_PROXY": EMULATOR.gemini}
    Bearer(mine, environ=led).headers(MODELS)
    with pytest.raises(gemauth.UsageError):
        Bearer(mine, environ=led).headers("https://example.com/")
    assert leads_to(EMULATOR, {"https_proxy": f"{EMULATOR.gemini}/"})
    assert not leads_to(EMULATOR, {})


def test_a_token_of_the_other_side() -> None:
    """An emulator's token is not sent to Google, whatever the credentials say."""
    with pytest.raises(gemauth.CredentialError):
        Bearer(credentials(Source(stem="ya29.emu-"))).headers(MODELS)


def test_found_where_none_are_given(home: Path) -> None:
    """Without credentials, `gemauth.default()`'s are taken, from the environment given."""
    user = {"type": "authorized_user", "client_id": "1", "client_secret": "2"}
    path = home / "adc.json"
    path.write_text(json.dumps(user | {"refresh_token": "1//0r", "quota_project_id": "paying"}))
    environ = {**os.environ, "GOOGLE_APPLICATION_CREDENTIALS": str(path)}
    assert Bearer(environ=environ).credentials.quota_project == "paying"
