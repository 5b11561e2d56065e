from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from gemauth.cli.gcloud import store
from gemauth.cli.gcloud.call import Call
from gemauth.cli.gcloud.errors import GcloudError
from gemauth.cli.gcloud.grammar import Parsed
from gemauth.google.credentials import AuthorizedUser
from tests.cli.terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

ADA = AuthorizedUser("id", "secret", "1//emu-token", account="ada@example.com")


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """A call in a folder of its own."""
    there = Terminal(environ={"CLOUDSDK_CONFIG": str(tmp_path)})
    return Call(Parsed(None, ()), there.console)


def test_kept_where_gcloud_keeps_a_copy(call: Call, tmp_path: Path) -> None:
    """One file for each account, for its owner only."""
    store.keep(call, ADA.account, ADA)
    path = tmp_path / "legacy_credentials" / ADA.account / "adc.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert store.accounts(call) == [ADA.account]
    assert store.find(call, ADA.account) == (ADA.account, path, ADA)


def test_the_active_account(call: Call) -> None:
    """None means the active one; without one there is nobody."""
    store.keep(call, ADA.account, ADA)
    with pytest.raises(GcloudError, match="active account"):
        store.find(call, None)
    store.activate(call, ADA.account)
    assert store.find(call, None)[0] == ADA.account
    store.forget(call, ADA.account)
    assert store.active(call) is None
    assert store.accounts(call) == []


def test_an_account_without_credentials(call: Call) -> None:
    """An account may be active that never signed in here."""
    store.activate(call, "bob@example.com")
    with pytest.raises(GcloudError, match=r"\[bob@example.com\]"):
        store.find(call, None)


@pytest.mark.parametrize("account", ["..", "../x", "a/b", "/etc", "."])
def test_no_account_leads_out_of_the_folder(call: Call, account: str) -> None:
    """An account's name becomes a folder's."""
    with pytest.raises(GcloudError):
        store.keep(call, account, ADA)
