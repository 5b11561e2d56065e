"""google-auth-oauthlib: the sign-in of an installed app, through the browser."""

import os

from google.auth.transport.requests import AuthorizedSession
from google_auth_oauthlib.flow import InstalledAppFlow

flow = InstalledAppFlow.from_client_secrets_file(
    os.path.join(os.environ["GEMAUTH_RUN"], "client_secret.json"),
    scopes=["https://www.googleapis.com/auth/generative-language.retriever"],
)
credentials = flow.run_local_server(port=0, timeout_seconds=60)
answer = AuthorizedSession(credentials).get(
    "https://generativelanguage.googleapis.com/v1beta/models", timeout=60
)
print(answer.text)
