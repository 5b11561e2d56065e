from __future__ import annotations

from rich.pretty import pretty_repr

from gemauth.google.endpoints import GOOGLE
from gemauth.google.iam import AccountKey, ServiceAccount, key_file

EMAIL = "ci@demo.iam.gserviceaccount.com"
ACCOUNT = {
    "name": f"projects/demo/serviceAccounts/{EMAIL}",
    "projectId": "demo",
    "uniqueId": "104567890123456789012",
    "email": EMAIL,
    "displayName": "CI",
    "etag": "MDEw",
    "oauth2ClientId": "104567890123456789012",
}
KEY = {
    "name": f"{ACCOUNT['name']}/keys/{'0a' * 20}",
    "keyAlgorithm": "KEY_ALG_RSA_2048",
    "privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE",
    "privateKeyData": "c2VjcmV0",
    "validAfterTime": "2026-01-01T00:00:00Z",
    "validBeforeTime": "9999-12-31T23:59:59Z",
    "keyOrigin": "GOOGLE_PROVIDED",
    "keyType": "USER_MANAGED",
}


def test_both_ways() -> None:
    """What IAM shows is read and written the same; what is unset is left out."""
    assert ServiceAccount.from_json(ACCOUNT).to_json() == ACCOUNT
    assert AccountKey.from_json(KEY).to_json() == KEY
    assert AccountKey.from_json({**KEY, "extendedStatus": []}).id == "0a" * 20


def test_no_secret_in_its_repr() -> None:
    """A key's private half does not show, neither to Python nor to rich and its tracebacks."""
    key = AccountKey.from_json(KEY)
    assert "c2VjcmV0" not in repr(key)
    assert "KEY_ALG_RSA_2048" in repr(key)
    assert "c2VjcmV0" not in pretty_repr([key])
    assert "KEY_ALG_RSA_2048" in pretty_repr([key])


def test_the_file_is_as_iam_writes_it() -> None:
    """Every member of a downloaded key's file stands in ours (google-oauth.md 6.3)."""
    account = ServiceAccount.from_json(ACCOUNT)
    assert key_file(account, "0a0a", "PEM", GOOGLE).to_json() == {
        "type": "service_account",
        "project_id": "demo",
        "private_key_id": "0a0a",
        "private_key": "PEM",
        "client_email": EMAIL,
        "client_id": "104567890123456789012",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "auth_provider_x509_cert_url": "https://www.googleapis.com/oauth2/v1/certs",
        "client_x509_cert_url": "https://www.googleapis.com/robot/v1/metadata/x509/"
        "ci%40demo.iam.gserviceaccount.com",
        "universe_domain": "googleapis.com",
    }
