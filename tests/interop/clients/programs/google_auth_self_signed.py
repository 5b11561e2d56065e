"""google-auth: a service account signs its own JWT for an API and never asks for a token."""

import os

from google.auth.transport.requests import AuthorizedSession
from google.oauth2 import service_account

key = service_account.Credentials.from_service_account_file(
    os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
)
key = key.with_always_use_jwt_access(True)
key._create_self_signed_jwt("https://generativelanguage.googleapis.com/")
answer = AuthorizedSession(key).get(
    "https://generativelanguage.googleapis.com/v1beta/models", timeout=60
)
print(answer.text)
