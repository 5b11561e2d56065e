"""google-auth: a person's credentials are refreshed, looked at, revoked, and refreshed in vain."""

import google.auth
import requests
from google.auth.exceptions import RefreshError
from google.auth.transport.requests import Request

credentials, _ = google.auth.default()
credentials.refresh(Request())
info = requests.get(
    "https://oauth2.googleapis.com/tokeninfo", {"access_token": credentials.token}, timeout=60
).json()
print("scopes", info["scope"])
requests.post(
    "https://oauth2.googleapis.com/revoke", {"token": credentials.refresh_token}, timeout=60
).raise_for_status()
try:
    credentials.refresh(Request())
except RefreshError as error:
    print("refused", error)
