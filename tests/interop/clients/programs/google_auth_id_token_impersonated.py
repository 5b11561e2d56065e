"""google-auth: an id token of a service account that the default credentials may act as."""

import sys

import google.auth
from google.auth import impersonated_credentials
from google.auth.transport.requests import Request
from google.oauth2 import id_token

source, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
target = impersonated_credentials.Credentials(
    source_credentials=source,
    target_principal=sys.argv[1],
    target_scopes=["https://www.googleapis.com/auth/cloud-platform"],
)
audience = "https://service.example.com"
credentials = impersonated_credentials.IDTokenCredentials(
    target, target_audience=audience, include_email=True
)
credentials.refresh(Request())
claims = id_token.verify_oauth2_token(credentials.token, Request(), audience)
print("verified", claims["email"])
