"""What may be set on pools and providers; the API's own words for limits, ours for refusals."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from gemauth.emulator.cloud.workload_fields import pool_columns, provider_columns
from gemauth.google.status import Code, StatusError
from tests.emulator import issuer

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api


def test_columns_of_a_provider() -> None:
    """Every field has its column; what is only ever shown is passed over"""
    sent = {
        "name": "x",
        "state": "ACTIVE",
        "displayName": "d" * 32,
        "description": "d" * 256,
        "disabled": True,
        "attributeMapping": {"google.subject": "assertion.sub"},
        "attributeCondition": "true",
        "oidc": {
            "issuerUri": "https://a.example/tenant",
            "allowedAudiences": ["a" * 256] * 10,
            "jwksJson": issuer.jwk_set(),
        },
    }
    assert provider_columns(sent) == {
        "display_name": "d" * 32,
        "description": "d" * 256,
        "disabled": True,
        "attribute_mapping": {"google.subject": "assertion.sub"},
        "attribute_condition": "true",
        "issuer_uri": "https://a.example/tenant",
        "allowed_audiences": ("a" * 256,) * 10,
        "jwks_json": issuer.jwk_set(),
    }


@pytest.mark.parametrize(
    "sent",
    [
        {"displayName": "d" * 33},
        {"displayName": 1},
        {"description": "d" * 257},
        {"disabled": "true"},
        {"unknown": 1},
    ],
)
def test_a_pools_fields_out_of_form(sent: dict[str, Any]) -> None:
    """Lengths, types and unknown names are INVALID_ARGUMENT"""
    with pytest.raises(StatusError) as caught:
        pool_columns(sent)
    assert caught.value.status.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize(
    "sent",
    [
        {"aws": {"accountId": "1"}},
        {"saml": {}},
        {"x509": {}},
        {"attributeMapping": []},
        {"attributeMapping": {"google.subject": 1}},
        {"attributeCondition": 1},
        {"attributeCondition": "a" * 4097},
        {"oidc": "https://a.example"},
        {"oidc": {"discoveryUri": "https://a.example/.well-known/x"}},
        {"oidc": {"issuerUri": "http://a.example"}},
        {"oidc": {"issuerUri": "https://"}},
        {"oidc": {"issuerUri": "https://a.example?x=1"}},
        {"oidc": {"issuerUri": "https://a.example#x"}},
        {"oidc": {"issuerUri": "https://[a"}},
        {"oidc": {"issuerUri": "https://a.example/\n"}},
        {"oidc": {"issuerUri": None}},
        {"oidc": {"allowedAudiences": "one"}},
        {"oidc": {"allowedAudiences": ["a"] * 11}},
        {"oidc": {"allowedAudiences": ["a" * 257]}},
        {"oidc": {"allowedAudiences": [""]}},
        {"oidc": {"allowedAudiences": [1]}},
        {"oidc": {"jwksJson": {"keys": [issuer.rsa_jwk()]}}},
        {"oidc": {"jwksJson": "{}"}},
        {"oidc": {"jwksJson": json.dumps({"keys": [{"kty": "oct", "kid": "k"}]})}},
    ],
)
def test_a_providers_fields_out_of_form(sent: dict[str, Any]) -> None:
    """Other kinds of providers, plain http, long lists and unusable keys are INVALID_ARGUMENT"""
    with pytest.raises(StatusError) as caught:
        provider_columns(sent)
    assert caught.value.status.code is Code.INVALID_ARGUMENT


@pytest.mark.parametrize("mask", ["", "name", "oidc.unknown", "attributeMapping.google"])
def test_masks(api: Api, mask: str) -> None:
    """A patch names what it changes, and only what can change"""
    base = "/v1/projects/demo-project/locations/global/workloadIdentityPools"
    api.ok("POST", f"{base}?workloadIdentityPoolId=my-pool", {})
    status, answer = api.call("PATCH", f"{base}/my-pool?updateMask={mask}", {})
    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")
