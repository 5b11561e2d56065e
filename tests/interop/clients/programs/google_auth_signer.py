"""google-auth: bytes signed by a service account whose key nobody here has, and checked."""

import sys

import google.auth
import requests
from google.auth import crypt, iam
from google.auth.transport.requests import Request

credentials, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
signer = iam.Signer(Request(), credentials, sys.argv[1])
signature = signer.sign(b"a message")
certificates = requests.get(
    f"https://www.googleapis.com/robot/v1/metadata/x509/{sys.argv[1]}", timeout=60
).json()
print("verified", crypt.verify_signature(b"a message", signature, list(certificates.values())))
