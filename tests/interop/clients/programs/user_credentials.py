"""google-auth-oauthlib: get_user_credentials, which knows its URLs by itself."""

import json
import os
from pathlib import Path

import google_auth_oauthlib
from google.auth.transport.requests import AuthorizedSession

file = json.loads(Path(os.environ["GEMAUTH_RUN"], "client_secret.json").read_text())
credentials = google_auth_oauthlib.get_user_credentials(
    ["https://www.googleapis.com/auth/generative-language.retriever"],
    file["installed"]["client_id"],
    file["installed"]["client_secret"],
)
answer = AuthorizedSession(credentials).get(
    "https://generativelanguage.googleapis.com/v1beta/models", timeout=60
)
print(answer.text)
