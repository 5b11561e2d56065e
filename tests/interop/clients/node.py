"""The cases of clients for Node; their programs are in tests/interop/node, beside the packages."""

from __future__ import annotations

from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER, TUNING
from tests.interop.clients.case import Case, Seen

__all__ = ["CASES"]

_ADA = "ada@example.com"
_MODELS = "https://generativelanguage.googleapis.com/v1beta/models"
_PATH = "/v1beta/models"
_TOKEN = "oauth2.googleapis.com"
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_IAM = "iamcredentials.googleapis.com"
_AS_ROBOT = ("--as-service-account", "{robot}")
_ADC = ("node", "{node}/adc.js", _MODELS, CLOUD_PLATFORM, RETRIEVER)
_ASKED = (CLOUD_PLATFORM, RETRIEVER)
_FLASH = ("models/gemini-2.5-flash",)
_BY_KEY = Seen("GET", _PATH, credential="api_key", transport="http/1.1")

_LIBRARY = (
    Case(
        "google-auth-library",
        "a person's credentials",
        _ADC,
        (
            Seen("POST", "/token", host=_TOKEN, grant_type="refresh_token", principal=_ADA),
            Seen(
                "GET",
                _PATH,
                credential="user",
                principal=_ADA,
                scopes=(CLOUD_PLATFORM, TUNING, RETRIEVER),
            ),
        ),
        prints=("UserRefreshClient", *_FLASH),
        needs="node",
    ),
    Case(
        "google-auth-library",
        "a service account's key, token endpoint",
        _ADC,
        (
            Seen("POST", "/token", host=_TOKEN, grant_type=_JWT_BEARER, principal="{robot}"),
            Seen("GET", _PATH, credential="service_account", principal="{robot}", scopes=_ASKED),
        ),
        prints=("JWT", *_FLASH),
        options=_AS_ROBOT,
        needs="node",
    ),
    Case(
        "google-auth-library",
        "a service account's key, self-signed JWT",
        ("node", "{node}/adc.js", "--self-signed", _MODELS, *_ASKED),
        (Seen("GET", _PATH, credential="service_account", principal="{robot}", scopes=_ASKED),),
        prints=("JWT", *_FLASH),
        options=_AS_ROBOT,
        needs="node",
    ),
    Case(
        "google-auth-library",
        "impersonation of a service account",
        _ADC,
        (
            Seen(
                "POST",
                "/v1/projects/-/serviceAccounts/{robot}:generateAccessToken",
                host=_IAM,
                principal=_ADA,
            ),
            Seen("GET", _PATH, credential="service_account", principal="{robot}", scopes=_ASKED),
        ),
        prints=("Impersonated", *_FLASH),
        options=("--no-credentials",),
        credentials="impersonated",
        needs="node",
    ),
    Case(
        "google-auth-library",
        "workload identity federation",
        _ADC,
        (
            Seen("POST", "/v1/token", host="sts.googleapis.com", grant_type=_EXCHANGE),
            Seen("GET", _PATH, credential="federated", scopes=_ASKED),
        ),
        prints=("IdentityPoolClient", *_FLASH),
        options=("--no-credentials",),
        credentials="external_account",
        needs="node",
    ),
    Case(
        "google-auth-library",
        "workload identity federation, as a service account",
        _ADC,
        (
            Seen("POST", "/v1/token", host="sts.googleapis.com", grant_type=_EXCHANGE),
            Seen(
                "POST",
                "/v1/projects/-/serviceAccounts/{robot}:generateAccessToken",
                host=_IAM,
                credential="federated",
            ),
            Seen("GET", _PATH, credential="service_account", principal="{robot}", scopes=_ASKED),
        ),
        prints=("IdentityPoolClient", *_FLASH),
        options=("--no-credentials",),
        credentials="external_account_impersonated",
        needs="node",
    ),
    Case(
        "google-auth-library",
        "the metadata server",
        _ADC,
        (
            Seen("GET", "/computeMetadata/v1/instance/service-accounts/*", host=None),
            Seen(
                "GET",
                _PATH,
                credential="service_account",
                principal="{robot}",
                scopes=(
                    CLOUD_PLATFORM,
                    TUNING,
                    RETRIEVER,
                ),  # the machine's, not what was asked
            ),
        ),
        prints=("Compute", *_FLASH),
        options=(*_AS_ROBOT, "--attach", "metadata"),
        needs="node",
    ),
    Case(
        "google-auth-library",
        "an ID token by a service account's key, verified",
        ("node", "{node}/id_token.js", "https://receiver.example"),
        (
            Seen("POST", "/token", host=_TOKEN, grant_type=_JWT_BEARER, principal="{robot}"),
            Seen("GET", "/oauth2/v1/certs", host="www.googleapis.com"),
        ),
        prints=("gserviceaccount.com https://receiver.example",),
        options=_AS_ROBOT,
        needs="node",
    ),
)

_GENAI = (
    Case(
        "@google/genai",
        "an API key",
        ("node", "{node}/genai.js", "models"),
        (_BY_KEY,),
        prints=_FLASH,
        options=("--no-credentials",),
        environment={"GEMINI_API_KEY": "{key}"},
        needs="node",
    ),
    Case(
        "@google/genai",
        "OAuth, a person's credentials",
        ("node", "{node}/genai.js", "models"),
        (Seen("GET", _PATH, credential="user", principal=_ADA),),
        prints=_FLASH,
        needs="node",
    ),
    Case(
        "@google/genai",
        "a stream, an API key (refused until there is an engine)",
        ("node", "{node}/genai.js", "stream"),
        (
            Seen(
                "POST",
                "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
                status=501,
                credential="api_key",
            ),
        ),
        prints=("ApiError 501",),
        options=("--no-credentials",),
        environment={"GEMINI_API_KEY": "{key}"},
        needs="node",
    ),
)

_PLAIN = tuple(
    Case(
        "Node",
        job,
        ("node", "{node}/plain.js", word, "{key}"),
        (Seen("GET", _PATH, credential="api_key", transport=transport),),
        prints=_FLASH,
        options=("--no-credentials",),
        needs="node",
    )
    for word, job, transport in (
        ("https", "`https.get`", "http/1.1"),
        ("fetch", "`fetch` (undici)", "http/1.1"),
        ("http2", "`http2.connect`", "http/2"),
    )
)

_GRPC = (
    Case(
        "@grpc/grpc-js",
        "a person's credentials",
        ("node", "{node}/grpc.js", *_ASKED),
        (
            Seen(
                "POST",
                "/google.ai.generativelanguage.v1beta.ModelService/ListModels",
                credential="user",
                principal=_ADA,
                transport="grpc",
                grpc_status="OK",
            ),
        ),
        prints=_FLASH,
        needs="node",
    ),
)

CASES = (*_LIBRARY, *_GENAI, *_GRPC, *_PLAIN)
