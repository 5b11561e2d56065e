"""List the models with bare `requests`: the access token comes on standard input."""

from __future__ import annotations

import os
import sys

import requests

GOOGLE = os.environ.get("GEMAUTH_EMULATOR", "https://generativelanguage.googleapis.com")

token = sys.stdin.readline().strip()
answer = requests.get(
    f"{GOOGLE}/v1beta/models",
    headers={"Authorization": f"Bearer {token}"},
    timeout=10,
)
answer.raise_for_status()
for model in answer.json()["models"]:
    print(model["name"])
