"""google-auth: signJwt of the IAM Credentials API; what it signs is a credential of the account."""

import json
import sys
import time

import google.auth
import requests
from google.auth.transport.requests import AuthorizedSession

account = sys.argv[1]
credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
now = int(time.time())
claims = {
    "iss": account,
    "sub": account,
    "aud": "https://generativelanguage.googleapis.com/",
    "iat": now,
    "exp": now + 600,
}
signed = AuthorizedSession(credentials).post(
    f"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{account}:signJwt",
    json={"payload": json.dumps(claims)},
    timeout=60,
)
answer = requests.get(
    "https://generativelanguage.googleapis.com/v1beta/models",
    headers={"Authorization": f"Bearer {signed.json()['signedJwt']}"},
    timeout=60,
)
print(answer.text)
