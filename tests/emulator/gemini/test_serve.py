from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.settings import Settings
from gemauth.google import scopes
from gemauth.google.gemini.methods import METHODS
from gemauth.google.gemini.routes import template
from tests.emulator.gemini.world import (
    ANN,
    MODEL,
    NUMBER,
    OTHER_PROJECT,
    OTTO,
    PROJECT,
    ROBOT,
    World,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx2 import Response

    from gemauth.google.gemini.method import Method

ROUTES = [(method, route) for method in METHODS for route in method.routes]


TAKING_KEYS = Settings(accept_standard_api_keys_on_tuned_models=True)


def path_of(route_path: str) -> str:
    """Return a path that fits a route, on the world's tuned model where it is about one."""
    parsed = template(route_path)
    ids = iter(["sentences-k3", "p3", "z"] if parsed.segments[0] == "tunedModels" else "xyz")
    path = "/".join(next(ids) if part == "*" else part for part in parsed.segments)
    return f"/v1beta/{path}" + (f":{parsed.custom}" if parsed.custom else "")


def error_of(answer: Response, method: Method) -> dict[str, Any]:
    """Return the error in an answer; a stream's stands in an array of one (section 4)."""
    body = answer.json()
    if method.streams:
        (body,) = body
    error: dict[str, Any] = body["error"]
    return error


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=lambda x: getattr(x, "path", None))
def test_every_route_asks_for_credentials_first(world: World, method: Any, route: Any) -> None:
    """Without credentials no route says anything else, be it implemented or not (row 1)."""
    answer = world.call(route.verb, path_of(route.path), None)
    assert answer.status_code == 403
    assert "unregistered callers" in error_of(answer, method)["message"]


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=lambda x: getattr(x, "path", None))
def test_every_route_checks_its_scopes(world: World, method: Any, route: Any) -> None:
    """`cloud-platform` alone is enough nowhere; the challenge lists what is (row 7, fact 1)."""
    token = world.token(ANN, (scopes.CLOUD_PLATFORM, scopes.EMAIL))
    answer = world.call(
        route.verb, path_of(route.path), None, headers={"Authorization": f"Bearer {token}"}
    )
    assert answer.status_code == 403
    (info,) = error_of(answer, method)["details"]
    assert info["reason"] == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert info["metadata"]["method"] == method.full_name("v1beta")
    listed = f'scope="{" ".join(method.scopes)}"'
    assert answer.headers["WWW-Authenticate"].endswith(listed)


@pytest.mark.parametrize(
    ("method", "route"),
    [(m, route) for m, route in ROUTES if not route.implemented and not m.retired],
    ids=lambda x: getattr(x, "path", None),
)
def test_what_is_not_implemented_says_so(world: World, method: Any, route: Any) -> None:
    """Behind the checks of the caller, 501 UNIMPLEMENTED, whatever the body."""
    answer = world.call(route.verb, path_of(route.path), json={"anything": 1})
    assert answer.status_code == 501
    error = error_of(answer, method)
    assert error["status"] == "UNIMPLEMENTED"
    assert method.name in error["message"]
    assert "gemauth emulator" in error["message"]


@pytest.mark.parametrize("method", [m for m in METHODS if m.retired], ids=lambda m: str(m.name))
def test_retired_methods_have_no_model_left(world: World, method: Method) -> None:
    """PaLM's methods answer as an unknown model does, once the caller is let in (section 4)."""
    path = path_of(method.path)
    error = world.call(method.verb, path, json={}).json()["error"]
    assert (error["code"], error["status"]) == (404, "NOT_FOUND")
    rpc = path.rpartition(":")[2]
    assert error["message"].startswith("models/x is not found for API version v1beta")
    assert f"not supported for {rpc}." in error["message"]
    assert world.call(method.verb, path, json={"colour": 1}).status_code == 400


def test_the_order_of_the_checks(world: World) -> None:
    """Each step is taken away in turn, and the next one refuses (section 2)."""
    path = f"/v1beta/{MODEL}"
    body = {"colour": 1}

    def refuse(**request: Any) -> str:
        error = world.client.request("PATCH", path, **request).json()["error"]
        infos = [d for d in error.get("details", []) if "reason" in d]
        return infos[0]["reason"] if infos else str(error["message"])

    def headers(token: str, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}", **more}

    narrow = world.token(OTTO, (scopes.RETRIEVER,))
    good = world.token(OTTO)
    quota = {"x-goog-user-project": PROJECT}
    world.disable_api()
    assert "unregistered" in refuse(json=body)
    assert refuse(json=body, headers=headers("x", **quota)) == "ACCESS_TOKEN_TYPE_UNSUPPORTED"
    assert refuse(json=body, headers=headers(narrow, **quota)) == "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    assert refuse(json=body, headers=headers(good, **quota)) == "USER_PROJECT_DENIED"
    assert refuse(json=body, headers=headers(good)) == "SERVICE_DISABLED"
    world.enable_api()
    assert 'Unknown name "colour"' in refuse(json=body, headers=headers(good))
    assert "permission to access tuned model" in refuse(
        json={"displayName": "x" * 41}, headers=headers(good)
    )
    assert "more than 40" in refuse(
        json={"displayName": "x" * 41}, headers=headers(world.token(ANN))
    )


CARRIERS: list[Callable[[str], dict[str, Any]]] = [
    lambda token: {"headers": {"Authorization": f"Bearer {token}"}},
    lambda token: {"headers": {"authorization": f"bearer {token}"}},
    lambda token: {"params": {"access_token": token}},
    lambda token: {"params": {"oauth_token": token}},
]


@pytest.mark.parametrize("carry", CARRIERS)
def test_carriers_of_tokens(world: World, carry: Callable[[str], dict[str, Any]]) -> None:
    """A token may come in the header or in the query (section 2)."""
    answer = world.client.get(f"/v1beta/{MODEL}", **carry(world.token()))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize("name", ["x-goog-api-key", "key"])
def test_carriers_of_keys(world: World, name: str) -> None:
    """A key may come in the header or in the query, and an empty parameter is none."""
    key = world.key()
    where = {"headers": {name: key}} if name.startswith("x") else {"params": {name: key}}
    assert world.client.get("/v1beta/models", **where).status_code == 200  # type: ignore[arg-type]
    token = {"Authorization": f"Bearer {world.token()}"}
    answer = world.client.get("/v1beta/models", params={"key": ""}, headers=token)
    assert answer.status_code == 200


def test_a_standard_key_is_its_project() -> None:
    """A key of the model's project may do all on tuned models, another's nothing (inference)."""
    world = World(TAKING_KEYS)
    path = f"/v1beta/{MODEL}"
    ours, theirs = ({"x-goog-api-key": world.key(p)} for p in (PROJECT, OTHER_PROJECT))
    assert world.call("GET", path, None, headers=theirs).status_code == 403
    assert world.call("GET", path, None, headers=ours).status_code == 200
    assert world.call("GET", "/v1beta/tunedModels", None, headers=theirs).json() == {}
    assert world.call("GET", "/v1beta/tunedModels", None, headers=ours).json()["tunedModels"]
    changed = world.call("PATCH", path, None, headers=ours, json={"description": "by key"})
    assert changed.json()["description"] == "by key"


def test_a_standard_key_is_nobody(world: World) -> None:
    """Permissions take a principal: 401 for a key that names a project only (row 3)."""
    key = {"x-goog-api-key": world.key()}
    answer = world.call("GET", f"/v1beta/{MODEL}/permissions", None, headers=key)
    assert answer.status_code == 401
    assert answer.json()["error"]["details"][0]["reason"] == "CREDENTIALS_MISSING"


def test_a_key_reads_what_everyone_may() -> None:
    """EVERYONE includes callers with a plain key (section 6)."""
    world = World(TAKING_KEYS)
    world.share(MODEL, "", "READER", kind="EVERYONE")
    key = {"x-goog-api-key": world.key(OTHER_PROJECT)}
    assert world.call("GET", f"/v1beta/{MODEL}", None, headers=key).status_code == 200
    assert world.call("DELETE", f"/v1beta/{MODEL}", None, headers=key).status_code == 403


def test_an_auth_key_is_its_service_account(world: World) -> None:
    """A key that is bound to a service account acts as it, on permissions too (section 2)."""
    key = {"x-goog-api-key": world.key(PROJECT, "1" * 21)}
    path = f"/v1beta/{MODEL}/permissions"
    assert world.call("GET", path, None, headers=key).status_code == 403
    world.share(MODEL, ROBOT, "READER")
    listed = world.call("GET", path, None, headers=key).json()["permissions"]
    assert [p["emailAddress"] for p in listed] == [ROBOT]


def test_the_switch_for_standard_keys() -> None:
    """Unless they are accepted, standard keys are turned away from tunedModels and nothing else."""
    world = World()
    key = {"x-goog-api-key": world.key()}
    for path in (f"/v1beta/{MODEL}", "/v1beta/tunedModels"):
        answer = world.call("GET", path, None, headers=key)
        assert answer.status_code == 401
        assert answer.json()["error"]["details"][0]["reason"] == "CREDENTIALS_MISSING"
    assert world.call("GET", "/v1beta/models", None, headers=key).status_code == 200
    auth_key = {"x-goog-api-key": world.key(PROJECT, "1" * 21)}
    assert world.call("GET", "/v1beta/tunedModels", None, headers=auth_key).status_code == 200


def test_the_quota_project_pays(world: World) -> None:
    """With x-goog-user-project the API has to be enabled there, not in the client's project."""
    world.disable_api(OTHER_PROJECT)
    world.allow(OTTO, OTHER_PROJECT)
    by_other = world.call(
        "GET", "/v1beta/models", OTTO, headers={"x-goog-user-project": OTHER_PROJECT}
    )
    assert by_other.json()["error"]["details"][0]["reason"] == "SERVICE_DISABLED"
    assert world.call("GET", "/v1beta/models", OTTO).status_code == 200
    by_number = world.call("GET", "/v1beta/models", headers={"x-goog-user-project": NUMBER})
    assert by_number.status_code == 200


def test_a_refused_change_leaves_nothing(world: World) -> None:
    """What a handler refuses is undone as a whole."""
    before = world.roles()
    answer = world.call("POST", f"/v1beta/{MODEL}:transferOwnership", json={"emailAddress": "x"})
    assert answer.status_code == 400
    assert world.roles() == before
