"""google-auth: an id token for an audience, fetched with the default credentials and verified."""

from google.auth.transport.requests import Request
from google.oauth2 import id_token

audience = "https://service.example.com"
token = id_token.fetch_id_token(Request(), audience)
claims = id_token.verify_oauth2_token(token, Request(), audience)
print("verified", claims["email"])
