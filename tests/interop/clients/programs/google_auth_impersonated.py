"""google-auth: the default credentials act as a service account."""

import sys

import google.auth
from google.auth import impersonated_credentials
from google.auth.transport.requests import AuthorizedSession

source, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
credentials = impersonated_credentials.Credentials(
    source_credentials=source,
    target_principal=sys.argv[1],
    target_scopes=["https://www.googleapis.com/auth/generative-language.retriever"],
    lifetime=300,
)
answer = AuthorizedSession(credentials).get(
    "https://generativelanguage.googleapis.com/v1beta/models", timeout=60
)
print(answer.text)
