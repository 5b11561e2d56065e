"""google-api-python-client: the Gemini API, built of its discovery document."""

import sys

import google.auth
from googleapiclient.discovery import build

key = sys.argv[1] if sys.argv[1:] else None
with build(
    "generativelanguage",
    "v1beta",
    discoveryServiceUrl="https://generativelanguage.googleapis.com/$discovery/rest?version=v1beta",
    developerKey=key,
    credentials=None if key else google.auth.default()[0],
    cache_discovery=False,
) as service:
    for model in service.models().list().execute()["models"]:
        print(model["name"])
