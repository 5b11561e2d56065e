"""google-auth with requests: the default credentials, with the scopes named, list the models."""

import sys

import google.auth
from google.auth.transport.requests import AuthorizedSession

credentials, project = google.auth.default(scopes=sys.argv[1:] or None)
answer = AuthorizedSession(credentials).get(
    "https://generativelanguage.googleapis.com/v1beta/models", timeout=60
)
print(project, answer.text)
