"""The cases of clients in Python."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from tests.interop.clients.case import Case, Seen

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["CASES"]

ADA = "ada@example.com"
GRACE = "grace@example.com"
CERTIFICATES = "www.googleapis.com"
SIGN_IN = ("--no-credentials", "--auto-consent", ADA)
NOBODY = ("--no-credentials",)
KEY = ("--as-service-account", "{robot}")
METADATA = (*KEY, "--attach", "metadata", "--scopes", f"{CLOUD_PLATFORM},{RETRIEVER}")
WORKLOAD = "principal://iam.googleapis.com/projects/*"
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ASSERTION = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_ACCOUNT = "/computeMetadata/v1/instance/service-accounts/default/"
_WITHOUT_METADATA_NAMES = (
    *("-u", "GCE_METADATA_HOST", "-u", "GCE_METADATA_IP", "-u", "GCE_METADATA_ROOT"),
)
SERVICES = "/google.ai.generativelanguage.v1beta."
MODEL = ("models/gemini-2.5-flash",)
DEFAULT = (CLOUD_PLATFORM, TUNING, RETRIEVER)

LIST = Seen("GET", "/v1beta/models", transport="http/1.1")
REFRESH = Seen(
    "POST",
    "/token",
    "oauth2.googleapis.com",
    credential="user",
    principal=ADA,
    grant_type="refresh_token",
)
AS_ADA = replace(LIST, credential="user", principal=ADA)
AS_ROBOT = replace(LIST, credential="service_account", principal="{robot}")
GENERATED = Seen(
    "POST",
    "/v1/projects/-/serviceAccounts/{robot}:generateAccessToken",
    "iamcredentials.googleapis.com",
)


EXCHANGED = Seen(
    "POST",
    "/v1/token",
    "sts.googleapis.com",
    credential="federated",
    principal=WORKLOAD,
    grant_type=EXCHANGE,
)


def program(name: str, *words: str) -> tuple[str, ...]:
    """Return the command of one of the programs."""
    return ("{python}", f"{{programs}}/{name}.py", *words)


def grpc(method: str, code: str = "OK", **facts: Any) -> Seen:
    """Return a call over gRPC."""
    who = {"credential": "user", "principal": ADA, **facts}
    return Seen("POST", f"{SERVICES}{method}", transport="grpc", grpc_status=code, **who)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of credentials.

    Args:
        job: what the table calls it.
        options: of the run, to have them.
        file: the credential file, where the run does not make it.
        scopes: what the program asks for.
        before: what is seen beside the call.
        caller: who is seen to call.
    """

    job: str
    options: Sequence[str]
    file: str | None
    scopes: tuple[str, ...]
    before: Sequence[Seen]
    caller: Mapping[str, Any]


def _google_auth(transport: str, name: str, call: Seen, kinds: Iterable[str]) -> Iterable[Case]:
    """Yield a transport's cases, one for each kind of credentials."""
    for kind in kinds:
        with_ = KINDS[kind]
        yield Case(
            "google-auth",
            f"{transport}, {with_.job}",
            program(name, *with_.scopes),
            (*with_.before, replace(call, **with_.caller)),
            prints=MODEL,
            options=with_.options,
            credentials=with_.file,
        )


KINDS = {
    "person": Kind(
        "a person's credentials",
        ("--as", ADA),
        None,
        (),
        (REFRESH,),
        {"credential": "user", "principal": ADA, "scopes": DEFAULT},
    ),
    "key": Kind(
        "a service account's key",
        KEY,
        None,
        (RETRIEVER,),
        (
            Seen(
                "POST",
                "/token",
                "oauth2.googleapis.com",
                principal="{robot}",
                grant_type=ASSERTION,
                scopes=(RETRIEVER,),
            ),
        ),
        {"credential": "service_account", "principal": "{robot}", "scopes": (RETRIEVER,)},
    ),
    "impersonated": Kind(
        "a person who acts as a service account",
        NOBODY,
        "impersonated",
        (RETRIEVER,),
        (REFRESH, replace(GENERATED, credential="user", principal=ADA)),
        {"credential": "service_account", "principal": "{robot}", "scopes": (RETRIEVER,)},
    ),
    "federated": Kind(
        "workload identity federation",
        NOBODY,
        "external_account",
        (CLOUD_PLATFORM, RETRIEVER),
        (EXCHANGED,),
        {
            "credential": "federated",
            "principal": WORKLOAD,
            "scopes": (CLOUD_PLATFORM, RETRIEVER),
        },
    ),
    "federated, impersonated": Kind(
        "workload identity federation as a service account",
        NOBODY,
        "external_account_impersonated",
        (RETRIEVER,),
        (
            EXCHANGED,
            replace(GENERATED, credential="federated", principal=WORKLOAD),
        ),
        {"credential": "service_account", "principal": "{robot}", "scopes": (RETRIEVER,)},
    ),
    "workforce": Kind(
        "an external account's sign-in",
        NOBODY,
        "external_account_authorized_user",
        (),
        (Seen("POST", "/v1/oauthtoken", "sts.googleapis.com", grant_type="refresh_token"),),
        {"credential": "user", "principal": ADA, "scopes": (CLOUD_PLATFORM, TUNING)},
    ),
    "metadata": Kind(
        "the metadata server",
        METADATA,
        None,
        (),
        (
            Seen(
                "GET",
                f"{_ACCOUNT}token",
                host=None,
                principal="{robot}",
            ),
        ),
        {
            "credential": "service_account",
            "principal": "{robot}",
            "scopes": (CLOUD_PLATFORM, RETRIEVER),
        },
    ),
}

_GRPC_LIST = Seen("POST", f"{SERVICES}ModelService/ListModels", transport="grpc", grpc_status="OK")

_SIGN_IN = (
    "gcloud auth application-default login --client-id-file=$GEMAUTH_RUN/client_secret.json "
    f'--scopes={CLOUD_PLATFORM},{RETRIEVER} && exec "$0" "$@"'
)

GOOGLE_AUTH = (
    *_google_auth("requests", "google_auth_requests", LIST, KINDS),
    *_google_auth("urllib3", "google_auth_urllib3", LIST, KINDS),
    *_google_auth("aiohttp", "google_auth_aiohttp", LIST, KINDS),
    *_google_auth(
        "aiohttp (older interface)", "google_auth_aiohttp_older", LIST, ("person", "key")
    ),
    *_google_auth("gRPC", "google_auth_grpc", _GRPC_LIST, KINDS),
    Case(
        "google-auth",
        "a JWT that a service account signed itself",
        program("google_auth_self_signed"),
        (replace(AS_ROBOT, scopes=()),),
        prints=MODEL,
        options=KEY,
    ),
    Case(
        "google-auth",
        "impersonated_credentials of a person's",
        program("google_auth_impersonated", "{robot}"),
        (replace(GENERATED, principal=ADA), replace(AS_ROBOT, scopes=(RETRIEVER,))),
        prints=MODEL,
    ),
    Case(
        "google-auth",
        "an id token of a service account's key, verified",
        program("google_auth_id_token"),
        (
            Seen("POST", "/token", "oauth2.googleapis.com", grant_type=ASSERTION),
            Seen("GET", "/oauth2/v1/certs", CERTIFICATES),
        ),
        prints=("verified clients-robot@",),
        options=KEY,
    ),
    Case(
        "google-auth",
        "the metadata server by its own names",
        ("env", *_WITHOUT_METADATA_NAMES, *program("google_auth_requests")),
        (
            Seen("GET", f"{_ACCOUNT}token", "metadata.google.internal", principal="{robot}"),
            AS_ROBOT,
        ),
        prints=MODEL,
        options=METADATA,
    ),
    Case(
        "google-auth",
        "an id token of the metadata server, verified",
        program("google_auth_id_token"),
        (
            Seen(
                "GET",
                f"{_ACCOUNT}identity",
                host=None,
                principal="{robot}",
            ),
            Seen("GET", "/oauth2/v1/certs", CERTIFICATES),
        ),
        prints=("verified clients-robot@",),
        options=METADATA,
    ),
    Case(
        "google-auth",
        "an id token of an impersonated service account, verified",
        program("google_auth_id_token_impersonated", "{robot}"),
        (
            Seen(
                "POST",
                "/v1/projects/-/serviceAccounts/{robot}:generateIdToken",
                "iamcredentials.googleapis.com",
            ),
            Seen("GET", "/oauth2/v1/certs", CERTIFICATES),
        ),
        prints=("verified clients-robot@",),
    ),
    Case(
        "google-auth",
        "an id token of a person's refresh, verified",
        program("google_auth_id_token_of_person"),
        (
            replace(REFRESH, scopes=(OPENID, EMAIL, CLOUD_PLATFORM)),
            Seen("GET", "/oauth2/v1/certs", CERTIFICATES),
        ),
        prints=(f"verified {ADA}",),
        options=("--as", ADA, "--scopes", f"openid,{EMAIL},{CLOUD_PLATFORM}"),
    ),
    Case(
        "google-auth",
        "iam.Signer: signBlob, and the signature checked",
        program("google_auth_signer", "{robot}"),
        (
            Seen(
                "POST",
                "/v1/projects/-/serviceAccounts/{robot}:signBlob",
                "iamcredentials.googleapis.com",
                credential="user",
                principal=ADA,
            ),
            Seen("GET", "/robot/v1/metadata/x509/{robot}", CERTIFICATES),
        ),
        prints=("verified True",),
    ),
    Case(
        "google-auth",
        "signJwt, and the JWT used",
        program("google_auth_sign_jwt", "{robot}"),
        (
            Seen(
                "POST",
                "/v1/projects/-/serviceAccounts/{robot}:signJwt",
                "iamcredentials.googleapis.com",
                credential="service_account",
                principal="{robot}",
            ),
            replace(AS_ROBOT, scopes=()),
        ),
        prints=MODEL,
        options=KEY,
    ),
    Case(
        "google-auth",
        "refresh, tokeninfo, revoke, and the refresh that is refused then",
        program("google_auth_revoke"),
        (
            REFRESH,
            Seen("GET", "/tokeninfo", "oauth2.googleapis.com"),
            Seen("POST", "/revoke", "oauth2.googleapis.com"),
            Seen("POST", "/token", "oauth2.googleapis.com", status=400),
        ),
        prints=(f"scopes {CLOUD_PLATFORM}", "refused ('invalid_grant"),
    ),
    Case(
        "google-auth",
        "credentials that gcloud left in its folder",
        (
            "sh",
            "-c",
            _SIGN_IN,
            *program("google_auth_requests"),
        ),
        (REFRESH, replace(AS_ADA)),
        prints=MODEL,
        options=SIGN_IN,
    ),
)

OAUTHLIB = tuple(
    Case(
        "google-auth-oauthlib",
        job,
        program(name),
        (
            Seen(
                "POST",
                "/token",
                "oauth2.googleapis.com",
                grant_type="authorization_code",
                principal=ADA,
            ),
            replace(AS_ADA, scopes=(RETRIEVER,)),
        ),
        prints=MODEL,
        options=SIGN_IN,
    )
    for job, name in (
        ("InstalledAppFlow.run_local_server", "installed_app"),
        ("get_user_credentials", "user_credentials"),
    )
)


def _generativeai(job: str, words: Sequence[str], seen: Sequence[Seen], **more: Any) -> Case:
    return Case("google-generativeai", job, program("google_generativeai", *words), seen, **more)


_TUNED = (
    "ListTunedModels",
    "UpdateTunedModel",
    "DeleteTunedModel",
)
_SHARED = (
    "CreatePermission",
    "ListPermissions",
    "DeletePermission",
    "TransferOwnership",
)
_REST_LIST = replace(AS_ADA)

GENERATIVEAI = (
    _generativeai(
        "gRPC, models, a person's credentials",
        ("models",),
        (REFRESH, replace(grpc("ModelService/ListModels"), scopes=DEFAULT)),
        prints=MODEL,
    ),
    _generativeai(
        "gRPC, models, a service account's key",
        ("models",),
        (
            replace(
                grpc("ModelService/ListModels"),
                credential="service_account",
                principal="{robot}",
                scopes=(),
            ),
        ),
        prints=MODEL,
        options=KEY,
    ),
    _generativeai(
        "gRPC, models, the metadata server",
        ("models",),
        (
            replace(
                grpc("ModelService/ListModels"),
                credential="service_account",
                principal="{robot}",
                scopes=(CLOUD_PLATFORM, RETRIEVER),
            ),
        ),
        prints=MODEL,
        options=METADATA,
    ),
    _generativeai(
        "gRPC, models, an API key",
        ("models", "--key={key}"),
        (
            Seen(
                "POST",
                f"{SERVICES}ModelService/ListModels",
                transport="grpc",
                grpc_status="OK",
                credential="api_key",
            ),
        ),
        prints=MODEL,
        options=NOBODY,
    ),
    _generativeai(
        "gRPC, tuned models: list, update, delete",
        ("tuned", "{model}"),
        (
            *(grpc(f"ModelService/{method}") for method in _TUNED),
            grpc("ModelService/GetTunedModel", "NOT_FOUND"),
        ),
        prints=("True", "changed", "NotFound"),
    ),
    _generativeai(
        "gRPC, permissions: create, list, delete, transfer",
        ("permissions", "{model}", GRACE),
        tuple(grpc(f"PermissionService/{name}") for name in _SHARED),
        prints=(f"{GRACE} READER", "1 left", f"{GRACE} OWNER", f"{ADA} WRITER"),
    ),
    _generativeai(
        "gRPC, a stream (refused until there is an engine)",
        ("stream",),
        (grpc("GenerativeService/StreamGenerateContent", "UNIMPLEMENTED"),),
        prints=("MethodNotImplemented",),
    ),
    _generativeai(
        "gRPC, asynchronous (refused until there is an engine)",
        ("async",),
        (grpc("GenerativeService/GenerateContent", "UNIMPLEMENTED"),),
        prints=("MethodNotImplemented",),
    ),
    _generativeai(
        "REST, models, a person's credentials",
        ("models", "--rest"),
        (REFRESH, replace(AS_ADA, scopes=DEFAULT)),
        prints=MODEL,
    ),
    _generativeai(
        "REST, models, a service account's key",
        ("models", "--rest"),
        (replace(AS_ROBOT, scopes=()),),
        prints=MODEL,
        options=KEY,
    ),
    _generativeai(
        "REST, permissions: create, list, delete, transfer",
        ("permissions", "--rest", "{model}", GRACE),
        (
            Seen("POST", "/v1beta/{model}/permissions", credential="user", principal=ADA),
            Seen("GET", "/v1beta/{model}/permissions", credential="user", principal=ADA),
            Seen("DELETE", "/v1beta/{model}/permissions/*", credential="user", principal=ADA),
            Seen("POST", "/v1beta/{model}:transferOwnership", credential="user", principal=ADA),
        ),
        prints=(f"{GRACE} READER", "1 left", f"{GRACE} OWNER"),
    ),
    _generativeai(
        "REST, a stream (refused until there is an engine)",
        ("stream", "--rest"),
        (
            Seen(
                "POST",
                "/v1beta/models/gemini-2.5-flash:streamGenerateContent",
                status=501,
                credential="user",
                principal=ADA,
            ),
        ),
        prints=("BadRequest",),  # what the library makes of any error before a stream
    ),
    _generativeai(
        "upload_file (refused until files are kept)",
        ("upload", "--key={key}"),
        (
            Seen("GET", "/$discovery/rest"),
            Seen("POST", "/upload/v1beta/files", status=501, credential="api_key"),
        ),
        prints=("HttpError 501",),
        options=NOBODY,
    ),
)


def _genai(job: str, words: Sequence[str], seen: Sequence[Seen], **more: Any) -> Case:
    return Case("google-genai", job, program("google_genai", *words), seen, **more)


_BY_KEY = {"options": NOBODY, "environment": {"GEMINI_API_KEY": "{key}"}}
_V1_KEY = Seen("GET", "/v1/models", credential="api_key", transport="http/1.1")
_V1_ADA = Seen("GET", "/v1/models", credential="user", principal=ADA, transport="http/1.1")

GENAI = (
    _genai("models, an API key", ("models", "key"), (_V1_KEY,), prints=MODEL, **_BY_KEY),
    _genai(
        "models, asynchronous, an API key", ("async", "key"), (_V1_KEY,), prints=MODEL, **_BY_KEY
    ),
    _genai(
        "models, OAuth by an httpx2 adapter",
        ("models", "adapter"),
        (REFRESH, replace(_V1_ADA, scopes=DEFAULT)),
        prints=MODEL,
    ),
    _genai(
        "models, asynchronous, OAuth by an httpx2 adapter",
        ("async", "adapter"),
        (REFRESH, _V1_ADA),
        prints=MODEL,
    ),
    _genai(
        "models, OAuth by a header beside an API key: refused as two credentials",
        ("models", "header"),
        (REFRESH, Seen("GET", "/v1/models", status=401)),
        prints=("OVERLOADED_CREDENTIALS",),
        environment={"GEMINI_API_KEY": "{key}"},
    ),
    _genai(
        "models, OAuth by a header, the API key's header emptied",
        ("models", "header alone"),
        (REFRESH, _V1_ADA),
        prints=MODEL,
    ),
    _genai(
        "tuned models, OAuth by an httpx2 adapter",
        ("tuned", "adapter"),
        (Seen("GET", "/v1/tunedModels", credential="user", principal=ADA),),
    ),
    _genai(
        "a stream, an API key (refused until there is an engine)",
        ("stream", "key"),
        (
            Seen(
                "POST",
                "/v1/models/gemini-2.5-flash:streamGenerateContent",
                status=501,
                credential="api_key",
            ),
        ),
        prints=("501 UNIMPLEMENTED",),
        **_BY_KEY,
    ),
)

_DISCOVERED = Seen("GET", "/$discovery/rest")

API_CLIENT = (
    Case(
        "google-api-python-client",
        "Gemini API by its discovery document, a person's credentials",
        program("google_api_python_client"),
        (_DISCOVERED, REFRESH, AS_ADA),
        prints=MODEL,
    ),
    Case(
        "google-api-python-client",
        "Gemini API by its discovery document, a service account's key",
        program("google_api_python_client"),
        (_DISCOVERED, AS_ROBOT),
        prints=MODEL,
        options=KEY,
    ),
    Case(
        "google-api-python-client",
        "Gemini API by its discovery document, an API key",
        program("google_api_python_client", "{key}"),
        (_DISCOVERED, replace(LIST, credential="api_key")),
        prints=MODEL,
        options=NOBODY,
    ),
    Case(
        "google-api-python-client",
        "Resource Manager by the package's own document",
        program("google_api_projects"),
        (
            Seen(
                "GET",
                "/v1/projects",
                "cloudresourcemanager.googleapis.com",
                credential="user",
                principal=ADA,
            ),
        ),
        prints=("judges-project",),
    ),
)

_URL = "https://generativelanguage.googleapis.com/v1beta/models?key={key}"
_BY_URL = (replace(LIST, credential="api_key"),)


def _plain(client: str, job: str, file: str, way: str, **more: Any) -> Case:
    words = program(file, way, _URL)
    return Case(client, job, words, _BY_URL, prints=MODEL, options=NOBODY, **more)


PLAIN = (
    _plain("Python", "urllib.request", "standard_library", "urllib"),
    _plain("Python", "http.client, which knows no proxy", "standard_library", "http.client"),
    _plain("Python", "asyncio and ssl", "standard_library", "asyncio"),
    Case(
        "Python",
        "http.client under python -I",
        ("{python}", "-I", "{programs}/standard_library.py", "http.client", _URL),
        _BY_URL,
        prints=MODEL,
        options=NOBODY,
        run="no: -I leaves out the part for Python, of which the run warns",
    ),
    _plain("requests", "get", "http_clients", "requests"),
    _plain("requests", "trust_env=False", "http_clients", "requests without the environment"),
    _plain("urllib3", "PoolManager, which knows no proxy", "http_clients", "urllib3"),
    _plain("httplib2", "Http, without PySocks", "http_clients", "httplib2"),
    _plain("httpx", "get", "http_clients", "httpx"),
    _plain("httpx", "trust_env=False", "http_clients", "httpx without the environment"),
    _plain("httpx", "AsyncClient", "http_clients", "httpx asynchronous"),
    _plain("httpx2", "get", "http_clients", "httpx2"),
    _plain("httpx2", "trust_env=False", "http_clients", "httpx2 without the environment"),
    _plain("httpx2", "AsyncClient", "http_clients", "httpx2 asynchronous"),
    _plain("aiohttp", "ClientSession, which knows no proxy", "http_clients", "aiohttp"),
    _plain("aiohttp", "trust_env=True", "http_clients", "aiohttp with the environment"),
    _plain("uvloop", "aiohttp's ClientSession", "http_clients", "aiohttp on uvloop"),
    _plain("uvloop", "httpx2's AsyncClient", "http_clients", "httpx2 on uvloop"),
    _plain(
        "pycurl",
        "Curl",
        "http_clients",
        "pycurl",
        run="no: the libcurl in its wheel knows no certificates but those of the system",
    ),
)

_STORAGE = "https://storage.googleapis.com/storage/v1/b"


_GOOGLES = "a host of Google's that is not emulated: refused readably"
_TUNNEL = Seen(
    "CONNECT",
    "storage.googleapis.com:443",
    "storage.googleapis.com",
    status=502,
    transport="connect",
)
_SERVED = Seen("GET", "/storage/v1/b", "storage.googleapis.com", status=502, transport="http/1.1")
_SAYS = "it does not emulate storage.googleapis.com"


def _refused(client: str, job: str, way: str, url: str, said: str, *seen: Seen) -> Case:
    words = program("refused", way, url)
    return Case(client, job, words, seen, prints=(said,), options=NOBODY)


OUT_OF_REACH = (
    _refused(
        "requests",
        _GOOGLES,
        "requests",
        _STORAGE,
        "storage.googleapis.com:443 is not emulated",
        _TUNNEL,
    ),
    Case(
        "requests",
        "a host that is not Google's, after one that is: refused readably",
        program("refused", "requests", _URL, "https://www.example.com/"),
        _BY_URL,
        prints=(*MODEL, "Tunnel connection failed: 403 www.example.com:443 is"),
        options=NOBODY,
    ),
    _refused("Python", f"http.client, {_GOOGLES}", "http.client", _STORAGE, _SAYS, _SERVED),
    _refused("google-api-python-client", _GOOGLES, "storage", "", _SAYS, _SERVED),
    _refused(
        "grpcio",
        "a host of Google's that is not emulated: refused, and gRPC tells the proxy's 502 alone",
        "grpc",
        "storage.googleapis.com:443",
        "HTTP proxy returned response code 502",
        _TUNNEL,
    ),
)

_ALL = (*GOOGLE_AUTH, *OAUTHLIB, *GENERATIVEAI, *GENAI, *API_CLIENT, *PLAIN, *OUT_OF_REACH)
_CLIENTS = list(dict.fromkeys(case.client for case in _ALL))
CASES = tuple(sorted(_ALL, key=lambda case: _CLIENTS.index(case.client)))
