"""google-api-python-client: the Gemini API, built of its discovery document."""

import sys

import google.auth
from googleapiclient.discovery import build

key, credentials = sys.argv[1] if sys.argv[1:] else None, None
if key is None:
    scope = "https://www.googleapis.com/auth/generative-language.retriever"
    credentials, _ = google.auth.default(scopes=[scope])
with build(
    "generativelanguage",
    "v1beta",
    discoveryServiceUrl="https://generativelanguage.googleapis.com/$discovery/rest?version=v1beta",
    developerKey=key,
    credentials=credentials,
    cache_discovery=False,
) as service:
    for model in service.models().list().execute()["models"]:
        print(model["name"])
