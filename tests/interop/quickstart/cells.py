"""The OAuth quickstart's steps as the code cells of a notebook.

Google's notebook "Gemini API: OAuth Quickstart" (google-gemini/cookbook, quickstarts/
Authentication_with_OAuth.ipynb) does these steps with these commands, libraries and URLs, in this
order. The cells here are written for this test; the published file itself runs too, by
`notebook.py FILE`, where somebody has a copy of it.
"""

from __future__ import annotations

__all__ = ["CELLS"]

CELLS = (
    # The client file comes out of Colab's secrets.
    """
from pathlib import Path
from google.colab import userdata
Path('client_secret.json').write_text(userdata.get('CLIENT_SECRET'))
""",
    # gcloud signs in with it and keeps application default credentials. No browser is here.
    """
!gcloud auth application-default login --no-browser --client-id-file client_secret.json --scopes='https://www.googleapis.com/auth/cloud-platform,https://www.googleapis.com/auth/generative-language.tuning,https://www.googleapis.com/auth/generative-language.retriever'
""",
    "!pip install -U -q google-generativeai",
    # The SDK finds them by itself; its default transport is gRPC.
    """
import google.generativeai as sdk
print([model.name for model in sdk.list_models()])
""",
    # A plain REST call with a printed token.
    """
import requests
token = !gcloud auth application-default print-access-token
answer = requests.get(
    'https://generativelanguage.googleapis.com/v1/models',
    headers={'Content-Type': 'application/json', 'Authorization': f'Bearer {token[0]}'},
)
for entry in answer.json()['models']:
    print(entry['name'])
""",
    # A tuned model is shared with somebody by REST.
    """
model_name = ''   # @param {type:"string"}
emailAddress = '' # @param {type:"string"}
token = !gcloud auth application-default print-access-token
answer = requests.post(
    f'https://generativelanguage.googleapis.com/v1beta/tunedModels/{model_name}/permissions',
    json={'granteeType': 'USER', 'emailAddress': emailAddress, 'role': 'READER'},
    headers={'Content-Type': 'application/json', 'Authorization': f'Bearer {token[0]}'},
)
print(answer.json())
""",
    # A service account with a key, narrowed to scopes, in the SDK.
    """
from google.oauth2 import service_account
Path('service_account_key.json').write_text(userdata.get('SERVICE_ACCOUNT_KEY'))
key = service_account.Credentials.from_service_account_file('service_account_key.json')
sdk.configure(credentials=key.with_scopes([
    'https://www.googleapis.com/auth/cloud-platform',
    'https://www.googleapis.com/auth/generative-language.retriever',
]))
print([model.name for model in sdk.list_models()])
""",
)
