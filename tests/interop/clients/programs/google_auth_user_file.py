"""google-auth: the file that to_json() made lists the models."""

import sys

from google.auth.transport.requests import AuthorizedSession
from google.oauth2.credentials import Credentials

credentials = Credentials.from_authorized_user_file(sys.argv[1])
answer = AuthorizedSession(credentials).get(
    "https://generativelanguage.googleapis.com/v1beta/models", timeout=60
)
print(answer.text)
