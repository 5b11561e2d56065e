"""google-auth with requests: whoever the default credentials are lists the models."""

import google.auth
from google.auth.transport.requests import AuthorizedSession

credentials, project = google.auth.default(
    scopes=["https://www.googleapis.com/auth/generative-language.retriever"]
)
answer = AuthorizedSession(credentials).get(
    "https://generativelanguage.googleapis.com/v1beta/models", timeout=60
)
print(project, answer.text)
