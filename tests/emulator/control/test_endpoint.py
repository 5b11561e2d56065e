from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.emulator.control.conftest import Room


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize(("verb", "path"), [("GET", "/status"), ("POST", "/accounts")])
def test_pages_of_other_sites_are_refused(
    room: Room, verb: str, path: str, headers: dict[str, str]
) -> None:
    """A request that a browser marks as another site's is refused, reading and writing alike,
    also from another port of this machine
    """
    response = room.send(verb, path, {"email": "a@example.com"}, headers)
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers
    assert room.do("GET", "/accounts") == {"accounts": []}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://127.0.0.1:8085", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ],
)
def test_programs_and_the_emulators_own_pages_are_served(
    room: Room, headers: dict[str, str]
) -> None:
    """Programs send no Origin; the emulator's own pages send its own"""
    assert room.send("GET", "/status", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_writes_need_a_type_that_a_page_cannot_send_unasked(room: Room, content_type: str) -> None:
    """The types that a web page may send without a CORS preflight are refused"""
    response = room.http.post(
        "/_emulator/v1/accounts",
        content=b'{"email": "a@example.com"}',
        headers={"Content-Type": content_type},
    )
    assert response.status_code == 400
    assert "Content-Type: application/json" in response.json()["error"]["message"]


def test_a_body_that_is_no_json_is_refused(room: Room) -> None:
    """Broken JSON is 400 INVALID_ARGUMENT and says where"""
    response = room.http.post(
        "/_emulator/v1/accounts", content=b"{", headers={"Content-Type": "application/json"}
    )
    assert response.status_code == 400
    assert response.json()["error"]["status"] == "INVALID_ARGUMENT"
    assert "Expected an object key" in response.json()["error"]["message"]


def test_an_unknown_path_answers_in_the_apis_shape(room: Room) -> None:
    """A path or method that the API does not have is 404 NOT_FOUND, as JSON"""
    for verb, path in (("GET", "/nope"), ("PATCH", "/status"), ("DELETE", "/projects")):
        status, message = room.refused(verb, path)
        assert status == "NOT_FOUND"
        assert f"{verb} /_emulator/v1{path}" in message


def test_answers_are_not_stored_by_caches(room: Room) -> None:
    """Answers may hold secrets, so none is cacheable"""
    assert room.send("GET", "/status").headers["cache-control"] == "no-store"


def test_a_refused_write_changes_nothing(lab: Room) -> None:
    """A decision that refuses half-way leaves nothing: its transaction is undone"""
    body = {"projectId": "half-way", "owner": "nobody@example.com"}
    assert lab.refused("POST", "/projects", body)[0] == "INVALID_ARGUMENT"
    assert lab.refused("GET", "/projects/half-way")[0] == "NOT_FOUND"
