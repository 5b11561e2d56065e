from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gemauth.google.scopes import RETRIEVER, TUNING

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room

SCREEN = {"appName": "Demo", "supportEmail": "ada@example.com"}
PATH = "/projects/my-project/consent-screen"
TESTERS = "/projects/my-project/test-users"


def test_a_consent_screen_starts_external_and_in_testing(lab: Room) -> None:
    """What is left out is what the console starts with: External, Testing"""
    assert lab.do("GET", PATH) == {
        "projectId": "my-project",
        "userType": "external",
        "publishingStatus": "testing",
        "appName": "Demo",
        "supportEmail": "ada@example.com",
        "scopes": [],
    }


def test_a_consent_screen_can_be_changed(lab: Room) -> None:
    """Setting it again replaces it; scopes may be short and are kept in full"""
    body = SCREEN | {"publishingStatus": "production", "scopes": ["tuning", RETRIEVER]}
    assert lab.do("PUT", PATH, body) == lab.do("GET", PATH)
    assert lab.do("GET", PATH)["scopes"] == [TUNING, RETRIEVER]
    assert lab.do("GET", PATH)["publishingStatus"] == "production"


@pytest.mark.parametrize(
    "change",
    [
        {"appName": ""},
        {"supportEmail": "ada"},
        {"userType": "public"},
        {"publishingStatus": "live"},
        {"scopes": ["nonsense"]},
        {"unknown": 1},
    ],
)
def test_wrong_settings_are_refused(lab: Room, change: dict[str, object]) -> None:
    """Each wrong member is refused by name, and the screen stays as it was"""
    before = lab.do("GET", PATH)
    status, message = lab.refused("PUT", PATH, SCREEN | change)
    assert status == "INVALID_ARGUMENT"
    assert next(iter(change)) in message
    assert lab.do("GET", PATH) == before


def test_internal_needs_an_organization(lab: Room) -> None:
    """Internal apps exist only in a Workspace organization, and know no Testing"""
    status, message = lab.refused("PUT", PATH, SCREEN | {"userType": "internal"})
    assert status == "INVALID_ARGUMENT"
    assert "organization" in message
    lab.do("POST", "/projects", {"projectId": "corp-project", "organization": "example.com"})
    screen = lab.do(
        "PUT", "/projects/corp-project/consent-screen", SCREEN | {"userType": "internal"}
    )
    assert screen["userType"] == "internal"
    assert screen["publishingStatus"] == "production"


def test_a_project_without_a_consent_screen_says_how_to_configure_one(lab: Room) -> None:
    """Reading it, adding a tester and making a client need a consent screen"""
    lab.do("POST", "/projects", {"projectId": "bare-project"})
    for verb, path, body in (
        ("GET", "/projects/bare-project/consent-screen", None),
        ("PUT", "/projects/bare-project/test-users/a@example.com", None),
        ("POST", "/projects/bare-project/clients", {"kind": "desktop", "name": "x"}),
    ):
        status, message = lab.refused(verb, path, body)
        assert status == "FAILED_PRECONDITION"
        assert "gemauth emulator consent-screen set bare-project" in message


def test_testers_come_and_go(lab: Room) -> None:
    """A tester is added once, removed once, and a removed one can come back"""
    for _ in range(2):
        answer = lab.do("PUT", f"{TESTERS}/Ada@example.com")
    assert [user["email"] for user in answer["testUsers"]] == ["ada@example.com"]
    assert lab.do("DELETE", f"{TESTERS}/ada@example.com")["testUsers"] == []
    assert lab.refused("DELETE", f"{TESTERS}/ada@example.com")[0] == "NOT_FOUND"
    lab.clock.advance(60)
    answer = lab.do("PUT", f"{TESTERS}/ada@example.com")
    assert answer["testUsers"] == [{"email": "ada@example.com", "addTime": "2026-01-01T00:01:00Z"}]
    assert (answer["used"], answer["limit"]) == (1, 100)


def test_a_project_has_100_testers_over_its_life(lab: Room) -> None:
    """The 101st address is refused even after others were removed; a known one is not"""
    for number in range(100):
        lab.do("PUT", f"{TESTERS}/user{number}@example.com")
    lab.do("DELETE", f"{TESTERS}/user0@example.com")
    assert lab.refused("PUT", f"{TESTERS}/new@example.com")[0] == "RESOURCE_EXHAUSTED"
    lab.do("PUT", f"{TESTERS}/user0@example.com")
    assert lab.do("GET", TESTERS)["used"] == 100


def test_a_tester_is_an_address(lab: Room) -> None:
    """What is no e-mail address is refused"""
    assert lab.refused("PUT", f"{TESTERS}/nonsense")[0] == "INVALID_ARGUMENT"
