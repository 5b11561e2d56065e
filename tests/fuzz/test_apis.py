"""Google's APIs and the control API: paths, queries and documents out of form."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.emulator.cloud import (
    iam_credentials,
    keys,
    operations,
    resource_manager,
    service_accounts,
    service_usage,
    workload_pools,
    workload_providers,
)
from gemauth.emulator.control.methods import METHODS as CONTROL
from gemauth.google.gemini.methods import METHODS as GEMINI
from gemauth.google.scopes import CLOUD_PLATFORM
from tests.fuzz.conftest import JSON
from tests.fuzz.nasty import ACCOUNT, PROJECT, bodies, few, forms, query_of, segments, some, texts

if TYPE_CHECKING:
    from tests.fuzz.conftest import Target

pytestmark = pytest.mark.fuzz

# Making a key pair takes 100 ms; its body is fuzzed in `test_new_keys`.
RPCS = [
    rpc
    for module in (
        iam_credentials,
        keys,
        operations,
        service_accounts,
        service_usage,
        resource_manager,
        workload_pools,
        workload_providers,
    )
    for rpc in module.RPCS
    if rpc.prepare is None
]
ROUTES = sorted({(route.verb, route.path) for method in GEMINI for route in method.routes})
ROBOT = f"robot-two@{PROJECT}.iam.gserviceaccount.com"
GOOD = {
    "project": [PROJECT, "-"],
    "account": [ROBOT, "robot-two"],
    "key": ["0" * 40],
    "pool": ["fuzz-pool"],
    "provider": ["fuzz-provider"],
    "service": ["generativelanguage.googleapis.com"],
    "operation": ["noop.DONE_OPERATION"],
    "email": ["bob@example.com", "team@example.com", "new@example.com"],
    "member": ["bob@example.com", ACCOUNT],
    "client": ["x.apps.googleusercontent.com"],
    "uid": ["00000000-0000-4000-8000-000000000000"],
    "id": ["fuzz-model", "other-model"],
}
MEMBER = f"user:{ACCOUNT}"
POLICY: dict[str, Any] = {"bindings": [{"role": "roles/owner", "members": [MEMBER]}], "etag": "x"}
CLOUD_BODIES: list[dict[str, Any]] = [
    {},
    {"projectId": "fuzz-other", "name": "Other", "labels": {"a": "b"}},
    {"accountId": "robot-two", "serviceAccount": {"displayName": "d", "description": "e"}},
    {"serviceAccount": {"displayName": "d"}, "updateMask": "displayName"},
    {"policy": {**POLICY, "etag": None}},
    {"permissions": ["serviceusage.services.use"]},
    {"serviceIds": ["iam.googleapis.com"]},
    {"publicKeyData": "QUFBQQ=="},
    {"scope": [CLOUD_PLATFORM], "lifetime": "60s", "delegates": []},
    {"audience": "x", "includeEmail": "true"},
    {"payload": '{"exp": 1}'},
    {"payload": "QUFBQQ=="},
    {
        "displayName": "d",
        "attributeMapping": {"google.subject": "assertion.sub + 'x'"},
        "attributeCondition": "assertion.x in ['a', 'b'] && !has(assertion.y)",
        "oidc": {"issuerUri": "https://ci.example", "allowedAudiences": ["a"], "jwksJson": "{}"},
    },
    {"displayName": "d", "disabled": True},
]
TUNED_MODEL: dict[str, Any] = {
    "displayName": "d",
    "temperature": 0.5,
    "topK": 3,
    "readerProjectNumbers": ["123456789012"],
    "tuningTask": {"hyperparameters": {"epochCount": 1}, "startTime": "2026-01-02T03:04:05Z"},
}
GEMINI_BODIES: list[dict[str, Any]] = [
    {},
    TUNED_MODEL,
    {"granteeType": "USER", "emailAddress": "bob@example.com", "role": "READER"},
    {"role": "WRITER"},
    {"emailAddress": "bob@example.com"},
    {"contents": [{"parts": [{"text": "hello"}]}], "generationConfig": {"topK": 1}},
]
CONTROL_BODIES: list[dict[str, Any]] = [
    {},
    {"email": "new@example.com", "name": "New", "workspace": True},
    {"email": "group@example.com", "members": [ACCOUNT]},
    {"projectId": "fuzz-other", "owner": ACCOUNT, "organization": "example.com"},
    {"appName": "App", "supportEmail": ACCOUNT, "userType": "external", "scopes": ["tuning"]},
    {"kind": "web", "name": "web", "redirectUris": ["https://app.dev/callback"]},
    {"kind": "desktop", "name": "cli"},
    {"role": "roles/viewer", "member": MEMBER},
    {"displayName": "key", "serviceAccount": ROBOT},
    {"id": "other-model", "owner": ACCOUNT, "project": PROJECT, "resource": TUNED_MODEL},
]
SEED: dict[str, Any] = {
    "accounts": [{"email": "seed@example.com", "name": "Seed"}],
    "groups": [{"email": "seeds@example.com", "members": ["seed@example.com"]}],
    "projects": [
        {
            "projectId": "seed-project",
            "owner": ACCOUNT,
            "services": ["generativelanguage.googleapis.com"],
            "consentScreen": {"appName": "Seed", "supportEmail": ACCOUNT},
            "testUsers": [ACCOUNT],
            "clients": [{"kind": "desktop", "name": "cli"}],
            "iam": [{"role": "roles/viewer", "member": "group:team@example.com"}],
            "apiKeys": [{"displayName": "ci"}],
        }
    ],
    "tunedModels": [
        {"id": "seed-model", "owner": ACCOUNT, "project": PROJECT, "resource": TUNED_MODEL}
    ],
}
QUERY = {
    "pageSize": ["1", "0", "1000"],
    "pageToken": ["YWZ0ZXI6MQ=="],
    "filter": ["state:ENABLED", "owner:me", "id:fuzz*"],
    "updateMask": ["displayName", "role", "*", "oidc", "oidc.jwksJson,disabled"],
    "keyTypes": ["USER_MANAGED"],
    "publicKeyType": ["TYPE_X509_PEM_FILE"],
    "workloadIdentityPoolId": ["fuzz-pool"],
    "workloadIdentityPoolProviderId": ["fuzz-provider"],
    "showDeleted": ["true"],
    "names": ["projects/p/services/iam.googleapis.com"],
    "alt": ["json", "json;enum-encoding=int", "sse", "proto"],
    "$alt": ["json;enum-encoding=int"],
    "fields": ["models(name,displayName),nextPageToken", "((((", "a/" * 30],
    "prettyPrint": ["false"],
    "$userProject": [PROJECT],
    "key": [],
    "tunedModelId": ["x"],
}


def _credentials(target: Target) -> st.SearchStrategy[list[tuple[str, str]]]:
    bearer = ("Authorization", f"Bearer {target.access_token}")
    return st.sampled_from(
        [
            [bearer],
            [bearer],
            [bearer],
            [bearer, ("x-goog-user-project", PROJECT)],
            [bearer, ("x-goog-user-project", "\N{SNOWMAN}")],
            [bearer, ("x-goog-api-key", "x")],
            [("x-goog-api-key", target.api_key)],
            [("Authorization", "Bearer a.b.c")],
            [("Authorization", "Basic eDp5")],
            [("Authorization", "Bearer")],
            [],
        ]
    )


def _path(data: st.DataObject, template: str) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: data.draw(segments(GOOD.get(name[1], []))), template)


def _query(data: st.DataObject) -> str:
    pairs = data.draw(st.just([]) | forms(QUERY))
    return f"?{query_of(pairs)}" if pairs else ""


@some
@given(data=st.data())
def test_cloud_apis(target: Target, data: st.DataObject) -> None:
    """Service Usage, Resource Manager and IAM answer every call, and keep nothing half read."""
    target.repair()
    rpc = data.draw(st.sampled_from(RPCS))
    headers = [*data.draw(_credentials(target)), ("Content-Type", JSON)]
    body = data.draw(bodies(CLOUD_BODIES))
    target.send(rpc.verb, _path(data, rpc.path) + _query(data), headers, body)
    # What was kept can be shown: a value that no answer can hold would break every list after it.
    bearer = [("Authorization", f"Bearer {target.access_token}")]
    assert target.send("GET", "/v1/projects", bearer).status == 200
    assert target.send("GET", "/_emulator/v1/projects").status == 200


@few
@given(data=st.data())
def test_new_keys(target: Target, data: st.DataObject) -> None:
    """A key is made only for a request in form."""
    bearer = [("Authorization", f"Bearer {target.access_token}")]
    path = f"/v1/projects/home-project/serviceAccounts/{target.robot}/keys"
    good = [{"privateKeyType": "X"}, {"keyAlgorithm": "KEY_ALG_RSA_1024"}]
    body = data.draw(bodies(good).filter(lambda body: body.strip() not in {b"", b"{}"}))
    target.send("POST", path + data.draw(st.sampled_from(["", ":upload"])), bearer, body)


@some
@given(data=st.data())
def test_gemini_api(target: Target, data: st.DataObject) -> None:
    """Every route of the contract in every version answers every call."""
    verb, template = data.draw(st.sampled_from(ROUTES))
    names = segments(["fuzz-model", "gemini-2.5-flash", "gemini-2.5-flash:generateContent"])
    path = re.sub(
        r"\{[^}]*?([^=}/]*)/?[^}]*\}",
        lambda field: "/".join(
            data.draw(names) if part == "*" else part
            for part in field[0].strip("{}").partition("=")[2].split("/")
        ),
        template,
    )
    version = data.draw(st.sampled_from(["v1", "v1beta", "v1alpha"]))
    headers = [*data.draw(_credentials(target)), ("Content-Type", JSON)]
    body = data.draw(bodies(GEMINI_BODIES))
    target.send(verb, f"/{version}/{path}{_query(data)}", headers, body)
    bearer = [("Authorization", f"Bearer {target.access_token}")]
    assert target.send("GET", "/v1beta/tunedModels", bearer).status == 200


@some
@given(data=st.data())
def test_control_api(target: Target, data: st.DataObject) -> None:
    """The control API answers every document, and what it keeps can be shown again."""
    method = data.draw(st.sampled_from(CONTROL))
    good = [SEED] if method.path == "/seed" else CONTROL_BODIES
    kind = data.draw(st.sampled_from([JSON, JSON, JSON, f"{JSON}; charset=x", "text/plain"]))
    target.send(
        method.verb,
        f"/_emulator/v1{_path(data, method.path)}",
        [("Content-Type", kind)],
        data.draw(bodies(good)),
    )
    for listing in ("accounts", "groups", "projects", "tuned-models", f"projects/{PROJECT}/iam"):
        assert target.send("GET", f"/_emulator/v1/{listing}").status == 200


@few
@given(data=st.data())
def test_paths(target: Target, data: st.DataObject) -> None:
    """A path of anything is a path that is not there."""
    path = "/".join(data.draw(st.lists(segments(["v1", "v1beta", "projects", "_emulator"]))))
    method = data.draw(st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PATCH", "TRACE"]))
    headers = [
        ("Origin", data.draw(st.sampled_from(["null", "http://evil.example", "\N{SNOWMAN}"])))
    ]
    answer = target.send(method, f"/{path}", headers, data.draw(st.binary(max_size=10)))
    assert "access-control-allow-origin" not in answer.headers


@few
@given(data=st.data())
def test_how_the_gemini_api_is_called(target: Target, data: st.DataObject) -> None:
    """Encodings, forms, methods in headers, media prefixes: refused or read as what they are."""
    headers = [
        ("Authorization", f"Bearer {target.access_token}"),
        ("Content-Encoding", data.draw(st.sampled_from(["gzip", "identity", "br", "x", ""]))),
        ("Content-Type", data.draw(st.sampled_from([JSON, "application/x-www-form-urlencoded"]))),
        ("X-HTTP-Method-Override", data.draw(st.sampled_from(["GET", "patch", "", "x y", "PUT"]))),
        ("x-goog-api-client", data.draw(st.sampled_from(["gdcl/1", "", "gdcl", "/"]))),
    ]
    packed = st.binary(max_size=40).map(gzip.compress)
    body = data.draw(packed | st.binary(max_size=40) | packed.map(lambda whole: whole[:-4]))
    prefix = data.draw(st.sampled_from(["", "/upload", "/download", "/resumable/upload"]))
    path = data.draw(st.sampled_from(["files", "files/x:download", "models", "operations"]))
    query = data.draw(st.sampled_from(["", "?$.xgafv=1", "?uploadType=multipart", "?$.xgafv=x"]))
    target.send("POST", f"{prefix}/v1beta/{path}{query}", headers, body)
    target.send("GET", f"/$discovery/rest?version={data.draw(segments(['v1', 'v1beta']))}")


@few
@given(name=texts, value=texts)
def test_headers(target: Target, name: str, value: str) -> None:
    """A header of anything is ignored, or refused by the parser."""
    clean = value.replace("\r", "").replace("\n", "")
    token = re.sub(r"[^A-Za-z0-9!#$%&'*+.^_`|~-]", "", name)[:200] or "X"
    if token.lower() in {"host", "content-length", "transfer-encoding"}:
        return
    target.send("GET", "/v1beta/models", [(token, clean)])
