"""google-auth: a person's credentials bring an id token with every refresh, where they signed in with openid."""

import google.auth
from google.auth.transport.requests import Request
from google.oauth2 import id_token

credentials, _ = google.auth.default()
credentials.refresh(Request())
claims = id_token.verify_oauth2_token(credentials.id_token, Request(), credentials.client_id)
print("verified", claims["email"])
