"""gcloud on a machine of Google's: the metadata server's account is the active one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from gemauth.cli.gcloud import machine
from gemauth.oauth import jwt
from tests.cli.gcloud.conftest import ADA, CLOUD, PROJECT, ROBOT, Gcloud

if TYPE_CHECKING:
    from collections.abc import Iterator

ADC = ("auth", "application-default")


@pytest.fixture
def there(gcloud: Gcloud) -> Iterator[Gcloud]:
    """On a machine with the service account attached."""
    gcloud.emulator.control.set_metadata(ROBOT, scopes=[CLOUD])
    gcloud.environ["GCE_METADATA_HOST"] = gcloud.emulator.address.removeprefix("http://")
    yield gcloud
    gcloud.emulator.control.clear_metadata()


def test_its_account_and_project_are_active(there: Gcloud) -> None:
    """Nobody has to sign in, or to set a project."""
    assert there("config", "get", "account") == 0
    assert there.out == f"{ROBOT}\n"
    assert there("config", "get", "project") == 0
    assert there.out == f"{PROJECT}\n"
    assert there("auth", "list", "--format=json") == 0
    assert json.loads(there.out) == [{"account": ROBOT, "status": "ACTIVE"}]


def test_tokens(there: Gcloud) -> None:
    """Those of gcloud itself and of the ADC are the machine's."""
    for words in (("auth", "print-access-token"), (*ADC, "print-access-token")):
        assert there(*words) == 0, there.err
        assert there.out.startswith("ya29.c.emu-")
    assert there("auth", "print-identity-token", "--audiences=https://x.example") == 0
    claims = jwt.decode(there.out.strip()).claims
    assert claims["aud"] == "https://x.example"


def test_a_person_s_choice_goes_before_it(there: Gcloud) -> None:
    """Who signs in is the active account, and the machine's stays in the list."""
    assert there.consenting("auth", "login") == 0
    assert there("auth", "list", "--format=value(account)") == 0
    assert there.out == f"{ADA}\n{ROBOT}\n"
    assert there("config", "get", "account") == 0
    assert there.out == f"{ADA}\n"
    assert there("auth", "print-access-token", ROBOT) == 0
    assert there.out.startswith("ya29.c.emu-")


def test_a_login_is_warned_of(there: Gcloud) -> None:
    """Personal credentials on a machine that others use: gcloud asks first."""
    assert there(*ADC, "login", "--no-browser") == 1
    assert ROBOT in there.err
    assert there(*ADC, "login", typed="n\n") == 1
    assert "Aborted by user." in there.err
    assert there.consenting(*ADC, "login") == 0


def test_it_is_not_revoked(there: Gcloud) -> None:
    """Nothing here ends the machine's own account."""
    assert there("auth", "revoke") == 1
    assert ROBOT in there.err


def test_no_machine(gcloud: Gcloud) -> None:
    """Without a name, with NO_GCE_CHECK, without an answer: there is none."""
    host = gcloud.emulator.address.removeprefix("http://")
    assert machine.find({}) is None
    assert machine.find({"GCE_METADATA_HOST": host, "NO_GCE_CHECK": "true"}) is None
    assert machine.find({"GCE_METADATA_HOST": host}) is None, "nothing is attached"
    assert machine.find({"GCE_METADATA_HOST": "127.0.0.1:1"}) is None
