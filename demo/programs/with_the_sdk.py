"""List the models with google-generativeai, as the person whose ADC file `gemauth login` wrote."""

from __future__ import annotations

import json
import os
from pathlib import Path

import google.generativeai as genai
from google.oauth2.credentials import Credentials

GOOGLE = os.environ["GEMAUTH_EMULATOR"]

folder = Path(os.environ["CLOUDSDK_CONFIG"])
adc = json.loads((folder / "application_default_credentials.json").read_text())
# With the real Google this is google.auth.default(); its file loader knows no other token endpoint.
credentials = Credentials(
    token=None,
    refresh_token=adc["refresh_token"],
    client_id=adc["client_id"],
    client_secret=adc["client_secret"],
    token_uri=f"{GOOGLE}/token",
)
genai.configure(credentials=credentials, transport="rest", client_options={"api_endpoint": GOOGLE})
for model in genai.list_models():
    print(model.name)
