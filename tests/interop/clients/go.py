"""The cases of clients in Go: the program of tests/interop/go, and oauth2l."""

from __future__ import annotations

from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER, TUNING
from tests.interop.clients.case import Case, Seen

__all__ = ["CASES"]

_ADA = "ada@example.com"
_URL = "https://generativelanguage.googleapis.com/v1beta/models"
_PATH = "/v1beta/models"
_ASKED = (CLOUD_PLATFORM, RETRIEVER)
_TOKEN = "oauth2.googleapis.com"
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
_AS_ROBOT = ("--as-service-account", "{robot}")
_GET = ("{go}", _URL, *_ASKED)
_FLASH = ("models/gemini-2.5-flash",)
_BY_ADA = (
    Seen("POST", "/token", host=_TOKEN, grant_type="refresh_token", principal=_ADA),
    Seen(
        "GET",
        _PATH,
        credential="user",
        principal=_ADA,
        scopes=(CLOUD_PLATFORM, TUNING, RETRIEVER),
        transport="http/1.1",
    ),
)
_BY_ROBOT = Seen("GET", _PATH, credential="service_account", principal="{robot}", scopes=_ASKED)
_CLIENT = "golang.org/x/oauth2"

_LIBRARY = (
    Case(_CLIENT, "a person's credentials", _GET, _BY_ADA, prints=_FLASH, needs="go"),
    Case(
        _CLIENT,
        "a service account's key, token endpoint",
        _GET,
        (
            Seen("POST", "/token", host=_TOKEN, grant_type=_JWT_BEARER, principal="{robot}"),
            _BY_ROBOT,
        ),
        prints=_FLASH,
        options=_AS_ROBOT,
        needs="go",
    ),
    Case(
        _CLIENT,
        "a service account's key, self-signed JWT",
        ("{go}", "-self-signed", _URL, *_ASKED),
        (_BY_ROBOT,),
        prints=_FLASH,
        options=_AS_ROBOT,
        needs="go",
    ),
    Case(
        _CLIENT,
        "impersonation of a service account",
        _GET,
        (
            Seen(
                "POST",
                "/v1/projects/-/serviceAccounts/{robot}:generateAccessToken",
                host="iamcredentials.googleapis.com",
                principal=_ADA,
            ),
            _BY_ROBOT,
        ),
        prints=_FLASH,
        options=("--no-credentials",),
        credentials="impersonated",
        needs="go",
    ),
    Case(
        _CLIENT,
        "workload identity federation",
        _GET,
        (
            Seen("POST", "/v1/token", host="sts.googleapis.com", grant_type=_EXCHANGE),
            Seen("GET", _PATH, credential="federated", scopes=_ASKED),
        ),
        prints=_FLASH,
        options=("--no-credentials",),
        credentials="external_account",
        needs="go",
    ),
    Case(
        _CLIENT,
        "the metadata server",
        _GET,
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
        prints=_FLASH,
        options=(*_AS_ROBOT, "--attach", "metadata"),
        needs="go",
    ),
    Case(
        _CLIENT,
        "a transport that knows no proxy",
        ("{go}", "-bare", _URL, *_ASKED),
        _BY_ADA,
        prints=_FLASH,
        needs="go",
        run="no: it reads no proxy variables; `--isolate` reaches it",
    ),
)

_CLIENT_SECRET = "$GEMAUTH_RUN/client_secret.json"


def _sh(*lines: str) -> tuple[str, ...]:
    return ("sh", "-euc", "\n".join(lines))


_OAUTH2L = (
    Case(
        "oauth2l",
        "`fetch`, `info`, `test`, `reset`: a service account's key",
        _sh(
            'key="--credentials $GOOGLE_APPLICATION_CREDENTIALS"',
            f"token=$(oauth2l fetch $key --scope cloud-platform,{RETRIEVER})",
            'oauth2l info --token "$token"',
            'oauth2l test --token "$token" && echo valid',
            "oauth2l reset",
        ),
        (
            Seen("POST", "/token", host=_TOKEN, grant_type=_JWT_BEARER, principal="{robot}"),
            Seen("GET", "/oauth2/v3/tokeninfo/", host="www.googleapis.com", times=2),
        ),
        prints=(RETRIEVER, "valid"),
        options=_AS_ROBOT,
        needs="oauth2l",
    ),
    Case(
        "oauth2l",
        "`header` for curl: a service account's self-signed JWT",
        _sh(
            'key="--credentials $GOOGLE_APPLICATION_CREDENTIALS"',
            "audience=https://generativelanguage.googleapis.com/",
            f'curl -sS -H "$(oauth2l header $key --type jwt --audience $audience)" {_URL}',
        ),
        (Seen("GET", _PATH, credential="service_account", principal="{robot}", scopes=()),),
        prints=_FLASH,
        options=_AS_ROBOT,
        needs="oauth2l",
    ),
    Case(
        "oauth2l",
        "`curl`: a person's credentials",
        _sh(
            'key="--credentials $GOOGLE_APPLICATION_CREDENTIALS"',
            f"oauth2l curl $key --scope {RETRIEVER} --url {_URL}",
        ),
        (Seen("GET", _PATH, credential="user", principal=_ADA),),
        prints=_FLASH,
        needs="oauth2l",
    ),
    Case(
        "oauth2l",
        "`fetch`: a sign-in in the browser",
        _sh(
            f'oauth2l fetch --credentials "{_CLIENT_SECRET}" --scope {RETRIEVER} '
            "--output_format json",
        ),
        (Seen("POST", "/token", host=_TOKEN, grant_type="authorization_code", principal=_ADA),),
        prints=(RETRIEVER,),
        options=("--no-credentials", "--auto-consent", _ADA),
        needs="oauth2l",
    ),
)

CASES = (*_LIBRARY, *_OAUTH2L)
