from __future__ import annotations

from urllib.parse import urlsplit

from tests.emulator.desk import BASE, Desk


def test_document(desk: Desk) -> None:
    """The addresses are the caller's own host, the issuer is Google's (2.2, 2.3)."""
    body = desk.get("/.well-known/openid-configuration").body
    assert body["issuer"] == "https://accounts.google.com"
    assert body["token_endpoint"] == f"{BASE}/token"
    assert body["authorization_endpoint"] == f"{BASE}/o/oauth2/v2/auth"
    assert body["code_challenge_methods_supported"] == ["plain", "S256"]
    assert body["token_endpoint_auth_methods_supported"] == [
        "client_secret_post",
        "client_secret_basic",
    ]


def test_what_it_names_is_there(desk: Desk) -> None:
    """Every address of a program's endpoint answers, and every grant type is known."""
    body = desk.get("/.well-known/openid-configuration").body
    for name in ("token_endpoint", "revocation_endpoint", "userinfo_endpoint", "jwks_uri"):
        path = urlsplit(body[name]).path
        assert desk.get(path).status != 404, name
    for grant_type in body["grant_types_supported"]:
        answered = desk.post({"grant_type": grant_type})
        assert answered.body["error"] != "unsupported_grant_type"


def test_claims_are_those_of_an_id_token(desk: Desk) -> None:
    """Each announced claim is in the id token of somebody who granted everything."""
    from gemauth.google.scopes import SIGN_IN
    from gemauth.oauth import jwt

    claims = jwt.decode(desk.signed_in(scopes=SIGN_IN)["id_token"]).claims
    body = desk.get("/.well-known/openid-configuration").body
    assert set(body["claims_supported"]) <= set(claims)


def test_through_a_proxy(desk: Desk) -> None:
    """Asked under Google's own name, it answers with Google's own addresses."""
    url = "https://accounts.google.com/.well-known/openid-configuration"
    body = desk.http.get(url).json()
    assert body["token_endpoint"] == "https://oauth2.googleapis.com/token"


def test_no_rfc_8414_path(desk: Desk) -> None:
    """Google has no authorization-server metadata path (2.3)."""
    assert desk.get("/.well-known/oauth-authorization-server").status == 404
