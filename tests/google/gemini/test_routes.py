from __future__ import annotations

import pytest

from gemauth.errors import UsageError
from gemauth.google.gemini import methods
from gemauth.google.gemini.routes import Match, Miss, fill, match, template

FOUND = [
    ("GET", "/v1/models", "ListModels", {}),
    ("GET", "/v1beta/models/gemini-2.0-flash", "GetModel", {"name": "models/gemini-2.0-flash"}),
    ("GET", "/v1alpha/tunedModels/x", "GetTunedModel", {"name": "tunedModels/x"}),
    ("POST", "/v1beta/tunedModels", "CreateTunedModel", {}),
    ("PATCH", "/v1/tunedModels/x", "UpdateTunedModel", {"tuned_model.name": "tunedModels/x"}),
    ("DELETE", "/v1/tunedModels/x", "DeleteTunedModel", {"name": "tunedModels/x"}),
    (
        "POST",
        "/v1beta/tunedModels/x:transferOwnership",
        "TransferOwnership",
        {"name": "tunedModels/x"},
    ),
    (
        "POST",
        "/v1beta/tunedModels/x%3AtransferOwnership",
        "TransferOwnership",
        {"name": "tunedModels/x"},
    ),
    (
        "POST",
        "/v1beta/tunedModels/x/permissions",
        "CreatePermission",
        {"parent": "tunedModels/x"},
    ),
    (
        "PATCH",
        "/v1beta/tunedModels/x/permissions/1",
        "UpdatePermission",
        {"permission.name": "tunedModels/x/permissions/1"},
    ),
    ("GET", "/v1beta/corpora/c/permissions", "ListPermissions", {"parent": "corpora/c"}),
    (
        "POST",
        "/v1beta/corpora/c/documents/d/chunks:batchCreate",
        "BatchCreateChunks",
        {"parent": "corpora/c/documents/d"},
    ),
    (
        "POST",
        "/v1/dynamic/x:streamGenerateContent",
        "StreamGenerateContent",
        {"model": "dynamic/x"},
    ),
    ("GET", "/v1/models/a%20b", "GetModel", {"name": "models/a b"}),
]


@pytest.mark.parametrize(("verb", "path", "name", "fields"), FOUND)
def test_a_path_means_one_method(verb: str, path: str, name: str, fields: dict[str, str]) -> None:
    """Verb and path give the method, the version and the fields that the path binds."""
    found = match(verb, path)
    assert isinstance(found, Match)
    assert (found.method.name, dict(found.fields)) == (name, fields)
    assert found.version == path.split("/")[1]
    assert found.full_name == found.method.full_name(found.version)
    assert found.resource == next(iter(fields.values()), "")


def test_a_route_may_be_behind_its_method() -> None:
    """Permissions are answered on tuned models and not yet on corpora."""
    on_model = match("GET", "/v1/tunedModels/x/permissions")
    on_corpus = match("GET", "/v1/corpora/x/permissions")
    assert isinstance(on_model, Match)
    assert isinstance(on_corpus, Match)
    assert on_model.method is on_corpus.method
    assert (on_model.route.implemented, on_corpus.route.implemented) == (True, False)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/v1beta",
        "/v1beta/",
        "/v2/models",
        "/models",
        "/v1beta//models",
        "/v1beta/models/",
        "/v1beta/nothing",
        "/v1beta/models/x:nothing",
        "/v1beta/models/:generateContent",
        "/v1beta/models:generateContent",
        "/v1beta/tunedModels/x/permissions/1/more",
        "/v1beta/models/a%2Fb",
        "/v1beta/tunedModels/x%2Fpermissions%2F1",
        "/v1beta/permissions/1",
    ],
)
def test_other_paths_mean_nothing(path: str) -> None:
    """An unknown path is a miss for every verb; an encoded slash does not open another route."""
    for verb in ("GET", "POST", "PATCH", "DELETE"):
        assert match(verb, path) == Miss()


@pytest.mark.parametrize(
    ("verb", "path", "verbs"),
    [
        ("DELETE", "/v1/models", ("GET",)),
        ("PUT", "/v1/tunedModels/x", ("DELETE", "GET", "PATCH")),
        ("GET", "/v1/models/x:generateContent", ("POST",)),
        ("get", "/v1/models", ("GET",)),
    ],
)
def test_a_known_path_with_another_verb_is_told_apart(
    verb: str, path: str, verbs: tuple[str, ...]
) -> None:
    """A miss names the verbs that the path answers to."""
    assert match(verb, path) == Miss(verbs)


def test_every_path_alternates_collections_and_ids() -> None:
    """The lookup rests on it: ids at odd places only, one variable at the start, no wildcards.

    What uploads to stores began is one level deeper, under `upload` (gemini-api.md section 9).
    """
    for method in methods.METHODS:
        for route in method.routes:
            parsed = template(route.path)
            plain = [segment for segment in parsed.segments if segment != "upload"]
            for i, segment in enumerate(plain):
                assert (segment == "*") == bool(i % 2), route.path
            assert "{" not in route.path.removeprefix("{")
            assert "**" not in route.path


def test_filling_and_matching_are_inverse() -> None:
    """Every route's path, filled with a name of its form, matches to that method and name."""
    for method in methods.METHODS:
        for route in method.routes:
            parsed = template(route.path)
            name = "/".join(
                f"an-id.{i}" if part == "*" else part
                for i, part in enumerate(parsed.segments[: parsed.bound])
            )
            used, path = fill(method, name)
            assert used == route
            found = match(route.verb, f"/v1beta/{path}")
            assert isinstance(found, Match)
            assert (found.method, found.route) == (method, route)
            assert found.fields == (((parsed.field, name),) if parsed.field else ())


@pytest.mark.parametrize(
    "name",
    ["x", "", "models", "models/", "models/x/y", "tunedModels/x", "models/..", "models/.", "/x"],
)
def test_a_name_of_another_form_is_refused(name: str) -> None:
    """The client does not send a request whose path would mean something else."""
    with pytest.raises(UsageError, match=r"models/\*"):
        fill(methods.GET_MODEL, name)


def test_ids_are_encoded() -> None:
    """No id changes the path's shape or becomes a query, and matching decodes it again."""
    _, path = fill(methods.GET_MODEL, "models/a?b#c%d:e f")
    assert path == "models/a%3Fb%23c%25d%3Ae%20f"
