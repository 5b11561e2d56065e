"""google-api-python-client: the Gemini API, built of its discovery document."""

import sys

from googleapiclient.discovery import build

with build(
    "generativelanguage",
    "v1beta",
    discoveryServiceUrl="https://generativelanguage.googleapis.com/$discovery/rest?version=v1beta",
    developerKey=sys.argv[1] if sys.argv[1:] else None,
    cache_discovery=False,
) as service:
    for model in service.models().list().execute()["models"]:
        print(model["name"])
