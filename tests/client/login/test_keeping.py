from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client import quota_project
from gemauth.client.cache import adc, tokens
from gemauth.client.flows.sign_in import Granted, SignIn
from gemauth.client.login.destination import Destination
from gemauth.client.login.keeping import SignedIn, see_through
from gemauth.client.login.wish import Wish
from gemauth.errors import DataError, RefusedError, UnreachableError
from gemauth.flow import Send
from gemauth.google import scopes
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.endpoints import GOOGLE
from gemauth.oauth.token import TokenResponse
from tests.client.transcript import CLIENT, NOON, answer, play, sent

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gemauth.flow import Step
    from gemauth.http import Response

MAY = answer(permissions=["serviceusage.services.use"])
ANSWER = TokenResponse(
    access_token="ya29.first", token_type="Bearer", expires_in=3599, refresh_token="1//0x"
)


@pytest.fixture
def environ(home: Path) -> Mapping[str, str]:
    """A home that nobody has signed in to."""
    return {"HOME": str(home)}


def kept(
    environ: Mapping[str, str],
    *lines: tuple[Any, Any],
    granted: tuple[str, ...] = scopes.DEFAULT,
    proof: bool = True,
    project: str | None = "demo",
    quota: str | None = None,
) -> SignedIn:
    """Keep what was granted."""
    sign_in = SignIn(replace(CLIENT, project_id=project), GOOGLE, scopes.DEFAULT, None)
    wish = Wish(sign_in, Destination.of(None, environ), quota)
    flow = see_through(wish, Granted(ANSWER, granted, (), None), proof=proof, environ=environ)
    return play(flow, *lines)


def billed(environ: Mapping[str, str]) -> str | None:
    """Return the file's quota project."""
    body = json.loads(adc.well_known(environ).read_bytes())
    assert body["refresh_token"] == "1//0x"
    project: str | None = body.get("quota_project_id")
    return project


def test_the_clients_own_project(environ: Mapping[str, str]) -> None:
    """The sign-in is on disk before it is asked about; then the file, the credentials and the first
    call name the project, and the first token is still at hand.
    """

    def asked(step: Step) -> Response:
        assert billed(environ) is None
        assert sent(step).url.endswith("/v1/projects/demo:testIamPermissions")
        return MAY

    def called(step: Step) -> Response:
        assert sent(step).headers["x-goog-user-project"] == "demo"
        assert sent(step).headers["authorization"] == "Bearer ya29.first"
        return answer(models=[])

    told = kept(environ, (Send, asked), (Send, called))
    assert billed(environ) == told.credentials.quota_project == "demo"
    assert told.billing is not None
    assert told.billing.allowed
    assert told.proof is not None
    assert told.proof.error is None
    assert tokens.cached(environ, NOON) == "ya29.first"


@pytest.mark.parametrize("no", [answer(), UnreachableError("down")])
def test_one_that_may_not_be_billed(environ: Mapping[str, str], no: Response | Exception) -> None:
    """With it every call would be refused, so it is left out; nor is what nobody knows kept."""
    told = kept(environ, (Send, no), (Send, answer(models=[])))
    assert billed(environ) is told.credentials.quota_project is None
    assert told.billing is not None
    assert isinstance(told.billing.problem, RefusedError | UnreachableError)


def test_without_the_scope(environ: Mapping[str, str]) -> None:
    """Nobody is asked, and that is told."""
    told = kept(environ, (Send, answer(models=[])), granted=(scopes.TUNING,))
    assert told.billing is not None
    assert told.billing.allowed is None
    assert "cloud-platform" in str(told.billing.problem)


@pytest.mark.parametrize(
    "how",
    [{"quota": "another"}, {"project": None}, {"proof": False}],
    ids=lambda how: next(iter(how)),
)
def test_where_nothing_is_to_be_asked(environ: Mapping[str, str], how: dict[str, Any]) -> None:
    """Another project was named, the client's is not known, or no call is to be made."""
    lines = () if "proof" in how else ((Send, answer(models=[])),)
    told = kept(environ, *lines, **how)
    assert told.billing is None
    assert billed(environ) == how.get("quota")


def test_another_sign_in_while_the_project_is_asked_about(environ: Mapping[str, str]) -> None:
    """It does not get this one's project, and these credentials stay this sign-in's."""
    bob = AuthorizedUser("1-x.apps.googleusercontent.com", "GOCSPX-x", "1//0bob")

    def meanwhile(_: Step) -> Response:
        adc.write(adc.well_known(environ), bob)
        return MAY

    def called(step: Step) -> Response:
        assert sent(step).headers["authorization"] == "Bearer ya29.first"
        return answer(models=[])

    told = kept(environ, (Send, meanwhile), (Send, called))
    assert adc.read(adc.well_known(environ)).credentials == bob
    assert told.billing is not None
    assert "another sign-in" in str(told.billing.problem)


def test_a_file_that_cannot_be_changed(
    environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sign-in is kept as it is."""

    def full(*_: object, **__: object) -> None:
        raise DataError("The disk is full.")

    monkeypatch.setattr(quota_project, "put", full)
    told = kept(environ, (Send, MAY), (Send, answer(models=[])))
    assert told.billing is not None
    assert (told.billing.allowed, str(told.billing.problem)) == (None, "The disk is full.")
    assert billed(environ) is None
