from __future__ import annotations

import urllib.request
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.storage.records import ServiceAccount
from gemauth.google.scopes import CLOUD_PLATFORM

if TYPE_CHECKING:
    from tests.cli.emulator.conftest import Desk

ROBOT = "robot@my-project.iam.gserviceaccount.com"


@pytest.fixture
def garage(lab: Desk) -> Desk:
    """The lab with a service account."""
    account = ServiceAccount(
        "1" * 21,
        "my-project",
        ROBOT,
        "",
        "",
        disabled=False,
        deleted_at=None,
        etag="",
        created_at=0,
    )
    with lab.emulator.context.store.write() as tx:
        tx.add(account)
    return lab


def test_set_show_clear(garage: Desk) -> None:
    """The commands give the metadata server a machine, show it and take it away."""
    words = ["--scopes", "cloud-platform", "--attribute", "cluster-name=c=1", "--format", "json"]
    made = garage.run("metadata", "set", ROBOT, *words).json
    assert made["serviceAccount"] == ROBOT
    assert made["scopes"] == [CLOUD_PLATFORM]
    assert made["attributes"] == {"cluster-name": "c=1"}
    assert garage.run("metadata", "show", "--format", "json").json == made
    ask = urllib.request.Request(
        f"{garage.emulator.address}/computeMetadata/v1/instance/service-accounts/default/email",
        headers={"Metadata-Flavor": "Google"},
    )
    with urllib.request.urlopen(ask) as answer:
        assert answer.read().decode() == ROBOT
    garage.run("metadata", "clear")
    shown = garage.run("metadata", "show", code=6)
    assert "gemauth emulator metadata set" in shown.err


def test_a_machine_without_an_account(garage: Desk) -> None:
    """With --project and no account there is a machine that gives no tokens."""
    made = garage.run("metadata", "set", "--project", "my-project", "--format", "json").json
    assert "serviceAccount" not in made


@pytest.mark.parametrize("attribute", ["name", "=text"])
def test_attributes_have_a_form(garage: Desk, attribute: str) -> None:
    """NAME=TEXT, else it is a usage error."""
    shown = garage.run("metadata", "set", ROBOT, "--attribute", attribute, code=2)
    assert "NAME=TEXT" in shown.err
