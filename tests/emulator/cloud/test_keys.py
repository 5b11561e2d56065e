"""IAM v1: service-account keys (google-oauth.md section 5.1)."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from gemauth.emulator.storage.records import ServiceAccountKey
from gemauth.emulator.tokens.key_pair import make_key_pair
from gemauth.google.credentials import ServiceAccountKey as KeyFile

if TYPE_CHECKING:
    from tests.emulator.cloud.conftest import Api

ROBOT = "robot1@demo-project.iam.gserviceaccount.com"
KEYS = f"/v1/projects/demo-project/serviceAccounts/{ROBOT}/keys"


def decoded(key: dict[str, Any], member: str = "privateKeyData") -> bytes:
    """Return a key's base64 member."""
    return base64.b64decode(key[member])


def test_the_private_key_is_answered_once_and_not_kept(api: Api) -> None:
    """The file is a whole credential file; no later answer and no record holds its private half."""
    key = api.ok("POST", KEYS, {})
    file = KeyFile.from_json(json.loads(decoded(key)))
    assert file.client_email == ROBOT
    assert key["name"].endswith(f"/keys/{file.private_key_id}")
    assert file.token_uri == "http://127.0.0.1:8085/token"
    assert key["validBeforeTime"] == "9999-12-31T23:59:59Z"
    one = api.ok("GET", f"{KEYS}/{file.private_key_id}")
    assert "privateKeyData" not in one
    with api.place.context.store.read() as tx:
        assert [k.private_pem for k in tx.find(ServiceAccountKey)] == [None]


def test_both_halves_belong_together(api: Api) -> None:
    """The certificate and the raw key shown are the public half of the file's private key."""
    key = api.ok("POST", KEYS, {"privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE"})
    file = json.loads(decoded(key))
    private = load_pem_private_key(file["private_key"].encode(), None)
    one = f"{KEYS}/{file['private_key_id']}"
    pem = decoded(api.ok("GET", f"{one}?publicKeyType=TYPE_X509_PEM_FILE"), "publicKeyData")
    raw = decoded(api.ok("GET", f"{one}?publicKeyType=TYPE_RAW_PUBLIC_KEY"), "publicKeyData")
    assert x509.load_pem_x509_certificate(pem).public_key() == private.public_key()
    assert load_pem_public_key(raw) == private.public_key()
    assert api.call("GET", f"{one}?publicKeyType=NONSENSE")[0] == 400


def test_an_account_has_ten_keys_at_most(api: Api) -> None:
    """The eleventh is 429 with the documented text; a deleted one makes room."""
    pair = make_key_pair("mine", api.place.clock.now())
    upload = {"publicKeyData": base64.b64encode(pair.certificate_pem.encode()).decode()}
    names = [api.ok("POST", f"{KEYS}:upload", upload)["name"] for _ in range(10)]
    status, body = api.call("POST", f"{KEYS}:upload", upload)
    assert (status, body["error"]["message"]) == (429, "Maximum number of keys on account reached.")
    assert api.ok("DELETE", f"/v1/{names[0]}") == {}
    assert api.ok("POST", f"{KEYS}:upload", upload)["keyOrigin"] == "USER_PROVIDED"


def test_keys_are_listed_by_type_and_switched(api: Api) -> None:
    """USER_MANAGED ones are found; a disabled one shows it."""
    name = api.ok("POST", KEYS, {})["name"]
    assert [k["name"] for k in api.ok("GET", f"{KEYS}?keyTypes=USER_MANAGED")["keys"]] == [name]
    api.ok("POST", f"/v1/{name}:disable", {})
    assert api.ok("GET", f"/v1/{name}")["disabled"] is True
    api.ok("POST", f"/v1/{name}:enable", {})
    assert "disabled" not in api.ok("GET", f"/v1/{name}")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (KEYS, {"privateKeyType": "TYPE_PKCS12_FILE"}),
        (KEYS, {"keyAlgorithm": "KEY_ALG_RSA_1024"}),
        (f"{KEYS}:upload", {"publicKeyData": "bm8="}),
        (f"{KEYS}:upload", {}),
    ],
)
def test_other_forms_are_refused(api: Api, path: str, body: dict[str, str]) -> None:
    """Only JSON files of RSA 2048, and X.509 certificates."""
    assert api.call("POST", path, body)[0] == 400


def test_a_stranger_makes_and_sees_no_key(api: Api) -> None:
    """403, and no key was made; a key of nobody is 404."""
    status, _ = api.call("POST", KEYS, {}, email="guest@example.com")
    assert status == 403
    assert api.ok("GET", f"{KEYS}?keyTypes=USER_MANAGED") == {}
    assert api.call("GET", f"{KEYS}/{'0' * 40}")[0] == 404
    assert api.call("POST", KEYS, [1])[0] == 400


def test_google_keeps_a_key_of_every_account(api: Api) -> None:
    """One SYSTEM_MANAGED key is listed from the start, the same next time, for a fortnight"""
    (key,) = api.ok("GET", KEYS)["keys"]
    assert (key["keyType"], key["keyOrigin"]) == ("SYSTEM_MANAGED", "GOOGLE_PROVIDED")
    assert key["validBeforeTime"] == "2026-01-15T00:00:00Z"
    assert api.ok("GET", f"{KEYS}?keyTypes=SYSTEM_MANAGED")["keys"] == [key]
    shown = api.ok("GET", f"/v1/{key['name']}?publicKeyType=TYPE_X509_PEM_FILE")
    assert x509.load_pem_x509_certificate(decoded(shown, "publicKeyData")).version.name == "v3"


def test_googles_own_key_stays(api: Api) -> None:
    """A SYSTEM_MANAGED key is neither deleted nor switched off"""
    (key,) = api.ok("GET", KEYS)["keys"]
    for verb, path in (("DELETE", ""), ("POST", ":disable"), ("POST", ":enable")):
        status, answer = api.call(verb, f"/v1/{key['name']}{path}", {})
        assert (status, answer["error"]["status"]) == (400, "FAILED_PRECONDITION")


def test_an_uploaded_key_ends_with_its_certificate(api: Api) -> None:
    """A certificate's end is the key's; one to the end of 9999 has none"""
    for days, end in ((30, "2026-01-31T00:00:00Z"), (None, "9999-12-31T23:59:59Z")):
        pair = make_key_pair("mine", api.place.clock.now(), days=days)
        upload = {"publicKeyData": base64.b64encode(pair.certificate_pem.encode()).decode()}
        assert api.ok("POST", f"{KEYS}:upload", upload)["validBeforeTime"] == end
