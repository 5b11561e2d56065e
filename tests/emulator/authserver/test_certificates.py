from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.x509 import load_pem_x509_certificate

from gemauth.emulator.storage.records import ServiceAccount, ServiceAccountKey
from gemauth.oauth import jwt
from tests.emulator.desk import KEY_ID, ROBOT, ROBOT_ID, Desk, certificate


def _number(text: str) -> int:
    return int.from_bytes(base64.urlsafe_b64decode(text + "=="), "big")


def test_both_forms_agree(desk: Desk) -> None:
    """The JWK set and the certificates hold the same two keys, and they verify id tokens (2.2)."""
    token = jwt.decode(desk.signed_in()["id_token"])
    keys = desk.get("/oauth2/v3/certs").body["keys"]
    certificates = desk.get("/oauth2/v1/certs").body
    assert [key["kid"] for key in keys] == list(certificates)
    assert len(keys) == 2
    for key in keys:
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
        public = RSAPublicNumbers(_number(key["e"]), _number(key["n"])).public_key()
        in_certificate = load_pem_x509_certificate(certificates[key["kid"]].encode()).public_key()
        assert public == in_certificate
        assert jwt.verifies(token, public) is (key["kid"] == token.header["kid"])


def test_made_for_the_first_reader() -> None:
    """Keys are there for whoever asks before any token was signed, and stay the same."""
    desk = Desk(with_keys=False)
    first = desk.get("/oauth2/v1/certs")
    assert len(first.body) == 2
    assert "private" not in str(first.body).lower()
    assert desk.get("/oauth2/v1/certs").body == first.body
    assert first.headers["cache-control"].startswith("public, max-age=")
    desk.context.store.close()


def test_of_a_service_account(desk: Desk) -> None:
    """A service account's keys are public in both forms, by address and by unique id (2.2)."""
    for name in (ROBOT, ROBOT_ID):
        for path in ("robot", "service_accounts"):
            got = desk.get(f"/{path}/v1/metadata/x509/{name}")
            assert got.body[KEY_ID] == certificate()
        keys = desk.get(f"/service_accounts/v1/jwk/{name}").body["keys"]
        assert [key["kid"] for key in keys] == list(got.body)


def test_disabled_and_expired_keys_are_not_shown(desk: Desk) -> None:
    """A key that signs nothing any more is not published either."""
    desk.change(ServiceAccountKey, KEY_ID, disabled=True)
    assert KEY_ID not in desk.get(f"/robot/v1/metadata/x509/{ROBOT}").body
    desk.change(ServiceAccountKey, KEY_ID, disabled=False, valid_before=desk.clock.now())
    assert KEY_ID not in desk.get(f"/robot/v1/metadata/x509/{ROBOT}").body


def test_googles_own_key_is_published_before_it_signs(desk: Desk) -> None:
    """The first reader finds the SYSTEM_MANAGED key, and later ones the same"""
    first = desk.get(f"/robot/v1/metadata/x509/{ROBOT}").body
    assert len(first) == 2
    assert desk.get(f"/service_accounts/v1/metadata/x509/{ROBOT}").body == first


def test_of_nobody(desk: Desk) -> None:
    """An account that does not exist, or no longer does, is a 404."""
    assert desk.get("/robot/v1/metadata/x509/nobody@example.com").status == 404
    desk.change(ServiceAccount, ROBOT_ID, deleted_at=desk.clock.now())
    assert desk.get(f"/service_accounts/v1/jwk/{ROBOT}").status == 404
