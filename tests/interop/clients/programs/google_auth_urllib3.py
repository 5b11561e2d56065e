"""google-auth with urllib3: the default credentials, with the scopes named, list the models."""

import sys

import google.auth
from google.auth.transport.urllib3 import AuthorizedHttp

credentials, project = google.auth.default(scopes=sys.argv[1:] or None)
answer = AuthorizedHttp(credentials).request(
    "GET", "https://generativelanguage.googleapis.com/v1beta/models"
)
print(project, answer.data.decode())
