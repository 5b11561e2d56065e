"""Read a tuned model with google-generativeai as a service account, both ways that a key works."""

from __future__ import annotations

import os
import sys

import google.generativeai as genai
from google.oauth2.service_account import Credentials

GOOGLE = os.environ["GEMAUTH_EMULATOR"]
TUNING = "https://www.googleapis.com/auth/generative-language.tuning"

key_file, model = sys.argv[1:]
key = Credentials.from_service_account_file(key_file)
for how, credentials in {
    "scoped token, exchanged at the token endpoint": key.with_scopes([TUNING]),
    "self-signed JWT, no token endpoint at all": key,
}.items():
    genai.configure(
        credentials=credentials, transport="rest", client_options={"api_endpoint": GOOGLE}
    )
    models = len(list(genai.list_models()))
    print(f"{how}: {models} models, {genai.get_tuned_model(model).display_name!r}")
