"""google-auth-oauthlib: sign in, with a quota project or '', and print the credentials.

They are printed as to_json() says; --typed adds what google.auth.default() needs. With --models the
models are listed instead.
"""

import json
import os
import sys
from contextlib import redirect_stdout

from google.auth.transport.requests import AuthorizedSession
from google_auth_oauthlib.flow import InstalledAppFlow

quota_project, scopes, *how = sys.argv[1:]
flow = InstalledAppFlow.from_client_secrets_file(
    os.path.join(os.environ["GEMAUTH_RUN"], "client_secret.json"), scopes=scopes.split(",")
)
with redirect_stdout(sys.stderr):
    credentials = flow.run_local_server(port=0, timeout_seconds=60)
if how == ["--models"]:
    answer = AuthorizedSession(credentials).get(
        "https://generativelanguage.googleapis.com/v1beta/models", timeout=60
    )
    print(answer.text)
else:
    body = json.loads(credentials.with_quota_project(quota_project).to_json())
    if how == ["--typed"]:
        body |= {"type": "authorized_user", "quota_project_id": quota_project}
    print(json.dumps(body))
