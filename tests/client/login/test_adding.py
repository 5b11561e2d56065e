from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.client.cache import adc, grants
from gemauth.client.login import login
from gemauth.errors import CredentialError, NotFoundError, UsageError
from gemauth.google import scopes
from gemauth.google.client_secret import GCLOUD_CLIENT_ID
from gemauth.google.credentials import AuthorizedUser
from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from gemauth.http import parse_form
from tests.client.flows.test_sign_in import id_token
from tests.client.login.test_one_step import Desk
from tests.client.transcript import CLIENT, EMULATED_CLIENT, EMULATOR, Sender, tokens

if TYPE_CHECKING:
    from pathlib import Path

    from gemauth.client.login import SignedIn

ADA = "ada@example.com"
FEW = tokens(refresh_token="1//0few", scope=f"openid {EMAIL} {CLOUD_PLATFORM}", id_token=id_token())
MORE = tokens(
    refresh_token="1//0more",
    scope=f"openid {EMAIL} {CLOUD_PLATFORM} {TUNING}",
    id_token=id_token(),
)


def add(desk: Desk, *answers: Any, names: str = "tuning", **options: Any) -> SignedIn:
    """Ask for more scopes by pasting."""
    given: dict[str, Any] = {
        "add_scopes": [names],
        "browser": False,
        "proof": False,
        "environ": desk.environ,
        "show": desk.shown.append,
        "ask": desk.paste,
        "open_url": desk.browse,
        "transport": Sender(*answers),
        "clock": desk.clock,
    }
    return login(**(given | options))


@pytest.fixture
def desk(home: Path) -> Desk:
    """A person who has signed in for few scopes, and has deleted the client's file."""
    desk = Desk(home)
    desk.login(FEW, scopes=["cloud-platform", "email", "openid"], quota_project="billed")
    desk.client_file.unlink()
    desk.shown.clear()
    return desk


@pytest.mark.parametrize("browser", [True, False])
def test_more_scopes(desk: Desk, *, browser: bool) -> None:
    """Same client, same account, all scopes with the earlier grant included; one file with all."""
    sender = Sender(MORE)
    signed_in = add(desk, browser=browser, transport=sender)
    url = next(word for word in desk.shown[0].split() if "client_id=" in word)
    for part in (
        f"client_id={CLIENT.client_id}",
        "include_granted_scopes=true",
        "login_hint=ada%40example.com",
        "prompt=consent",
        "cloud-platform",
        "generative-language.tuning",
    ):
        assert part in url
    assert parse_form(sender.requests[0].body)["client_secret"] == CLIENT.client_secret
    assert signed_in.granted == (OPENID, EMAIL, CLOUD_PLATFORM, TUNING)
    assert signed_in.earlier == (OPENID, EMAIL, CLOUD_PLATFORM)
    assert signed_in.replaced
    kept = adc.read(adc.well_known(desk.environ)).credentials
    assert isinstance(kept, AuthorizedUser)
    assert (kept.refresh_token, kept.quota_project_id) == ("1//0more", "billed")
    known = grants.recall(desk.environ, "1//0more")
    assert known is not None
    assert known.scopes == signed_in.granted
    assert known.project == "demo"


def test_another_account_is_refused(desk: Desk) -> None:
    """Both are named, and the file is as it was."""
    before = adc.well_known(desk.environ).read_bytes()
    bobs = tokens(refresh_token="1//0bob", id_token=id_token(email="bob@example.com"))
    with pytest.raises(CredentialError, match=r"bob@example\.com signed in instead of ada@"):
        add(desk, bobs)
    assert adc.well_known(desk.environ).read_bytes() == before


def test_another_account_is_named(desk: Desk) -> None:
    """Refused before anybody signs in."""
    with pytest.raises(UsageError, match=r"sign-in of ada@example\.com, not of bob@"):
        add(desk, account="bob@example.com")
    assert desk.shown == []
    add(desk, MORE, account="Ada@Example.com")


def test_what_the_server_grants_counts(desk: Desk) -> None:
    """Boxes that are unticked this time are missing, though they were granted before."""
    less = tokens(refresh_token="1//0l", scope=f"openid {EMAIL} {TUNING}", id_token=id_token())
    signed_in = add(desk, less)
    assert signed_in.granted == (OPENID, EMAIL, TUNING)
    assert signed_in.missing == (CLOUD_PLATFORM,)


def test_the_same_refresh_token(desk: Desk) -> None:
    """A server that answers with the one that is there has replaced nothing."""
    same = tokens(refresh_token="1//0few", scope=f"openid {EMAIL} {TUNING}", id_token=id_token())
    assert not add(desk, same).replaced


def test_nothing_to_add(desk: Desk) -> None:
    """Said before anybody signs in."""
    for names in (["email"], ["cloud-platform", "openid"], "email, openid", []):
        with pytest.raises(UsageError, match="nothing to add"):
            add(desk, add_scopes=names)
    assert desk.shown == []


def test_what_nobody_remembers_is_asked(desk: Desk) -> None:
    """Without the sidecar the refresh token is spent once: the answer has the scopes."""
    grants.forget(desk.environ, "1//0few")
    sender = Sender(tokens(scope=f"{CLOUD_PLATFORM}"), MORE)
    signed_in = add(desk, transport=sender)
    assert parse_form(sender.requests[0].body)["grant_type"] == "refresh_token"
    assert signed_in.earlier == (CLOUD_PLATFORM,)
    assert "cloud-platform" in desk.shown[0]


def test_the_answer_tells_whose_it_is(desk: Desk) -> None:
    """As for a file of gcloud's, which names no account: nobody else's tokens go into it."""
    grants.forget(desk.environ, "1//0few")
    path = adc.well_known(desk.environ)
    kept = adc.read(path).credentials
    assert isinstance(kept, AuthorizedUser)
    before = adc.write(path, replace(kept, account="")).raw
    bobs = tokens(refresh_token="1//0bob", id_token=id_token(email="bob@example.com"))
    with pytest.raises(CredentialError, match=r"bob@example\.com signed in instead of ada@"):
        add(desk, tokens(scope=f"openid {EMAIL}", id_token=id_token()), bobs)
    assert path.read_bytes() == before


def test_whose_it_is_may_be_unknown(home: Path) -> None:
    """Where nobody knows, that is told first; whoever signs in is named from then on."""
    desk = Desk(home)
    desk.login(tokens(refresh_token="1//0nobody", scope=CLOUD_PLATFORM))
    desk.shown.clear()
    signed_in = add(desk, MORE)
    doubt, address = desk.shown
    assert str(adc.well_known(desk.environ)) in doubt
    assert "Sign in with the same account" in doubt
    assert "--account EMAIL" in doubt
    assert "login_hint" not in address
    assert "userinfo.email" in address
    assert (signed_in.account, signed_in.unsure) == (ADA, True)
    desk.shown.clear()
    again = add(desk, MORE, names="retriever")
    assert not again.unsure
    assert len(desk.shown) == 1


def test_whose_it_is_may_be_said(home: Path) -> None:
    """Then it is checked, and nobody is warned."""
    desk = Desk(home)
    desk.login(tokens(refresh_token="1//0nobody", scope=CLOUD_PLATFORM))
    desk.shown.clear()
    with pytest.raises(CredentialError, match=r"ada@example.com signed in instead of bob@x.org"):
        add(desk, MORE, account="bob@x.org")
    assert not add(desk, MORE, account=ADA).unsure
    assert "Nobody knows" not in "".join(desk.shown)


def test_at_an_emulator(home: Path) -> None:
    """The remembered emulator is asked, without a variable; Google never."""
    desk = Desk(home, EMULATED_CLIENT)
    emulated = tokens(access_token="ya29.emu-a", refresh_token="1//emu-r", scope=TUNING)
    desk.login(emulated)
    sender = Sender(
        tokens(access_token="ya29.emu-b", refresh_token="1//emu-s", scope=f"{TUNING} {RETRIEVER}")
    )
    signed_in = add(desk, transport=sender, names="retriever")
    assert sender.requests[0].url == EMULATOR.token
    assert EMULATOR.authorization in desk.shown[-1]
    assert signed_in.granted == (TUNING, RETRIEVER)


def test_no_sign_in_to_add_to(desk: Desk, home: Path) -> None:
    """Nothing there, no person's, Google's own client's: each in one sentence."""
    with pytest.raises(NotFoundError, match="no credential file"):
        add(desk, output=home / "nothing.json")
    path = home / "other.json"
    path.write_text(
        json.dumps(
            {
                "type": "authorized_user",
                "client_id": GCLOUD_CLIENT_ID,
                "client_secret": "x",
                "refresh_token": "1//0g",
            }
        )
    )
    with pytest.raises(UsageError, match="only Google may use"):
        add(desk, tokens(scope=CLOUD_PLATFORM), output=path)
    with pytest.raises(UsageError, match="Scopes are added"):
        add(desk, client_id_file=home / "client_secret.json")
    with pytest.raises(UsageError, match="Scopes are added"):
        add(desk, scopes=scopes.DEFAULT)
    with pytest.raises(UsageError, match="needs the file of an OAuth client"):
        add(desk, add_scopes=None)
    with pytest.raises(UsageError, match="no scope"):
        add(desk, names="everything")
