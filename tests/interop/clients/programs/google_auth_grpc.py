"""google-auth with a gRPC channel: the default credentials, with the scopes named, list the models."""

import sys

import google.auth
from google.auth.transport.grpc import secure_authorized_channel
from google.auth.transport.requests import Request

credentials, project = google.auth.default(scopes=sys.argv[1:] or None)
with secure_authorized_channel(
    credentials, Request(), "generativelanguage.googleapis.com:443"
) as channel:
    list_models = channel.unary_unary(
        "/google.ai.generativelanguage.v1beta.ModelService/ListModels"
    )
    print(project, list_models(b"", timeout=60))
