from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient

from gemauth.emulator.service_route import ServiceRoute

if TYPE_CHECKING:
    from starlette.requests import Request

IAM, USAGE = "iam.googleapis.com", "serviceusage.googleapis.com"


async def iam(_: Request) -> Response:
    """Say who answers."""
    return PlainTextResponse("iam")


async def usage(_: Request) -> Response:
    """Say who answers."""
    return PlainTextResponse("usage")


APP = Starlette(
    routes=[
        ServiceRoute(IAM, "/v1/x", iam, methods=["GET"]),
        ServiceRoute(USAGE, "/v1/x", usage, methods=["GET"]),
    ]
)


@pytest.mark.parametrize(
    ("base", "status", "text"),
    [
        ("https://iam.googleapis.com", 200, "iam"),
        ("https://serviceusage.googleapis.com", 200, "usage"),
        ("https://serviceusage.googleapis.com:443", 200, "usage"),
        ("https://ServiceUsage.GoogleAPIs.com.", 200, "usage"),
        ("https://generativelanguage.googleapis.com", 404, None),
        ("http://127.0.0.1:8080", 200, "iam"),
        ("http://localhost", 200, "iam"),
        ("http://[::1]:8080", 200, "iam"),
    ],
)
def test_who_answers(base: str, status: int, text: str | None) -> None:
    """Google's name says which service is meant; on loopback the first that knows the path is."""
    answer = TestClient(APP, base_url=base).get("/v1/x")
    assert answer.status_code == status
    if text is not None:
        assert answer.text == text


def test_a_wrong_verb_is_an_unknown_path() -> None:
    """As at Google's front ends, which know no 405; and on other hosts the path is none at all."""
    assert TestClient(APP, base_url=f"https://{IAM}").get("/v1/x").status_code == 200
    assert TestClient(APP, base_url=f"https://{IAM}").post("/v1/x").status_code == 404
    assert TestClient(APP, base_url="https://sts.googleapis.com").post("/v1/x").status_code == 404
