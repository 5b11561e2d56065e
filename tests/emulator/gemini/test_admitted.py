from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gemauth.emulator.gemini.admitted import SIZES, AdmittedCall
from gemauth.emulator.iam.admission import Caller
from gemauth.emulator.paging import Pager, Sizes
from gemauth.emulator.tokens.verify import Credential
from gemauth.google.gemini.methods import METHODS
from gemauth.google.invalid import InvalidRequestError

if TYPE_CHECKING:
    from tests.emulator.gemini.world import World

CREDENTIAL = Credential("user", "1", "a@example.com", (), None, "p", None)


@pytest.fixture
def call(world: World) -> AdmittedCall:
    """Give a call whose caller is let in."""
    with world.context.store.read() as tx:
        pager = Pager(b"k" * 32)
        caller = Caller(CREDENTIAL, None)
        return AdmittedCall(tx, 0.0, caller, "v1beta", world.context.entropy, pager)


def test_messages_are_of_the_called_version(call: AdmittedCall) -> None:
    """A call of v1 is answered with v1's messages."""
    for version in ("v1", "v1beta", "v1alpha"):
        message = replace(call, version=version).message("TunedModel")
        assert message.DESCRIPTOR.full_name == f"google.ai.generativelanguage.{version}.TunedModel"


def test_pages_by_position(call: AdmittedCall) -> None:
    """A page goes on after the last position, whatever was added or removed in between."""
    request = call.message("ListPermissionsRequest")
    request.page_size = 2
    shown, request.page_token = call.page("ListPermissions", request, "dbac", str, "x")
    assert shown == ["a", "b"]
    shown, request.page_token = call.page("ListPermissions", request, "acdef", str, "x")
    assert shown == ["c", "d"]
    assert call.page("ListPermissions", request, "dcfe", str, "x") == (["e", "f"], "")


def test_a_token_is_its_callers_and_versions(call: AdmittedCall) -> None:
    """Another caller's token is refused, and so is another version's."""
    request = call.message("ListPermissionsRequest")
    request.page_size = 1
    _, request.page_token = call.page("ListPermissions", request, "ab", str)
    stranger = replace(call, caller=Caller(replace(CREDENTIAL, subject="2"), None))
    for other in (stranger, replace(call, version="v1")):
        with pytest.raises(InvalidRequestError):
            other.page("ListPermissions", request, "ab", str)


def test_every_list_has_its_sizes() -> None:
    """The table names exactly the contract's lists, with the documented sizes."""
    assert SIZES.keys() == {method.name for method in METHODS if method.name.startswith("List")}
    assert SIZES["ListModels"] == Sizes(50, 1000)
    assert SIZES["ListChunks"] == Sizes(10, 100)
