"""The jobs of a client, and how each client does them: programs under `gemauth emulator run`."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from gemauth.google.scopes import CLOUD_PLATFORM, RETRIEVER, TUNING
from gemauth.oauth import jwt
from tests.interop.clients.case import Case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["CLIENTS", "JOBS", "OURS", "PROGRAMS", "Job"]

OURS = "gemauth"
CLIENTS = (OURS, "google-auth", "gcloud", "oauth2l")
_SOURCE = Path(__file__).parents[3] / "src"
# With the judges' interpreter, where google-auth is: external accounts go through it.
_GEMAUTH = f'env PYTHONPATH={_SOURCE}:"$PYTHONPATH" {{python}} -m gemauth'
_ADA = "ada@example.com"
_CLIENT = "$GEMAUTH_RUN/client_secret.json"
_SCOPES = f"{CLOUD_PLATFORM},{RETRIEVER},{TUNING}"
_MODELS = "https://generativelanguage.googleapis.com/v1beta/models"
_SERVICE = "https://generativelanguage.googleapis.com/"
_AUDIENCE = "https://tool.example.com"
_SIGNING_IN = ("--no-credentials", "--auto-consent", _ADA)
_JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_AS_ROBOT = ("--as-service-account", "{robot}")
_SYSTEM = "--gcloud=system"
_SCREEN = {"DISPLAY": ":99"}  # without one gcloud looks for no browser, whatever BROWSER says
_NO_PROMPTS = {"CLOUDSDK_CORE_DISABLE_PROMPTS": "1"}
_ADC = '"$GOOGLE_APPLICATION_CREDENTIALS"'


@dataclass(frozen=True, slots=True)
class Job:
    """One request that a program sends.

    Args:
        name: what it is for.
        program: the name of the program that sends it, in `PROGRAMS`.
        path: which of its requests it is, by the path's end.
        grant: the grant type in its form, where the path is not enough.
        audience: of the ID token that its assertion asks for, where that is not enough.
        others: the program's name by client, where it does the job beside another.
        clients: who can do it at all.
        in_browser: a browser sends it, so that its headers are nobody's here.
    """

    name: str
    program: str
    path: str
    grant: str | None = None
    audience: str | None = None
    others: Mapping[str, str] = field(default_factory=dict)
    clients: tuple[str, ...] = CLIENTS
    in_browser: bool = False

    def of(self, client: str) -> Case | None:
        """Return the program of a client that does this job, or None where it has none."""
        if client not in self.clients:
            return None
        return PROGRAMS.get((client, self.others.get(client, self.program)))

    def request(self, requests: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Return the one of a program's requests that does this job: the first that fits."""
        return next(each for each in requests if self._fits(each))

    def _fits(self, request: Mapping[str, Any]) -> bool:
        form = dict(parse_qsl(request["body"]))
        path = request["path"].rstrip("/")
        if not path.endswith(self.path) or self.grant not in {None, form.get("grant_type")}:
            return False
        if self.audience is None:
            return True
        return jwt.decode(form["assertion"]).claims.get("target_audience") == self.audience


def _case(
    client: str,
    job: str,
    *lines: str,
    options: tuple[str, ...] = (),
    credentials: str | None = None,
    environment: Mapping[str, str] | None = None,
) -> Case:
    return Case(
        client,
        job,
        ("sh", "-euc", "\n".join(lines)),
        (),
        options=options,
        credentials=credentials,
        environment=dict(environment or {}),
        needs=client if client in {"gcloud", "oauth2l"} else None,
    )


def _ours(
    job: str, line: str, options: tuple[str, ...] = (), credentials: str | None = None
) -> Case:
    return _case(OURS, job, f"{_GEMAUTH} {line}", options=options, credentials=credentials)


def _python(
    job: str, text: str, options: tuple[str, ...] = (), credentials: str | None = None
) -> Case:
    """A program with google-auth, and google-auth-oauthlib to sign in."""
    program = textwrap.dedent(text).strip()
    return Case(
        "google-auth",
        job,
        ("{python}", "-W", "ignore", "-c", _PRELUDE + program),
        (),
        options=options,
        credentials=credentials,
    )


def _gcloud(
    job: str, *lines: str, options: tuple[str, ...], credentials: str | None = None
) -> Case:
    environment = {**_NO_PROMPTS, **_SCREEN}
    options = (*options, _SYSTEM)
    return _case(
        "gcloud", job, *lines, options=options, credentials=credentials, environment=environment
    )


_PRELUDE = f"""\
import os, google.auth
from google.auth.transport.requests import AuthorizedSession, Request
SCOPES = {[CLOUD_PLATFORM, RETRIEVER, TUNING]!r}
"""
_LOGIN = "gcloud auth application-default login"
_IDENTITY = f"print-identity-token --audience {_AUDIENCE} --include-email"
_FETCH = f"""
from google.oauth2 import id_token
id_token.fetch_id_token(Request(), "{_AUDIENCE}")
"""
_PRINT = (
    f"CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE={_ADC} "
    f"gcloud auth print-identity-token --audiences={_AUDIENCE}"
)

_ALL = (
    # sign-in
    _case(
        OURS,
        "sign-in",
        f'{_GEMAUTH} login --client-id-file "{_CLIENT}" --scopes {_SCOPES}',
        f"{_GEMAUTH} set-quota-project {{project}}",
        f"{_GEMAUTH} revoke",
        options=_SIGNING_IN,
    ),
    _python(
        "sign-in",
        """
        from google_auth_oauthlib.flow import InstalledAppFlow
        file = os.environ["GEMAUTH_RUN"] + "/client_secret.json"
        InstalledAppFlow.from_client_secrets_file(file, SCOPES).run_local_server(port=0)
        """,
        _SIGNING_IN,
    ),
    _gcloud(
        "sign-in",
        f'{_LOGIN} --launch-browser --client-id-file="{_CLIENT}" --scopes={_SCOPES}',
        "gcloud auth application-default print-access-token",
        "gcloud auth application-default set-quota-project {project}",
        "gcloud auth application-default revoke",
        options=_SIGNING_IN,
    ),
    _case(
        "oauth2l",
        "sign-in",
        f'oauth2l fetch --credentials "{_CLIENT}" --scope {_SCOPES} --output_format json',
        options=_SIGNING_IN,
    ),
    # a person's credentials
    _ours("person", "models list"),
    _python(
        "person",
        f"""
        credentials, _ = google.auth.default(scopes=None)
        AuthorizedSession(credentials).get("{_MODELS}").raise_for_status()
        """,
    ),
    _case(
        "oauth2l",
        "person",
        f"oauth2l curl --credentials {_ADC} --scope {RETRIEVER} --url {_MODELS}",
    ),
    # a service account's key
    _ours("key", f"print-access-token --scopes {_SCOPES}", _AS_ROBOT),
    _python(
        "key",
        """
        credentials, _ = google.auth.default(scopes=SCOPES)
        credentials.refresh(Request())
        """,
        _AS_ROBOT,
    ),
    _gcloud(
        "key",
        f"gcloud auth application-default print-access-token --scopes={_SCOPES}",
        options=_AS_ROBOT,
    ),
    _case(
        "oauth2l",
        "key",
        f"token=$(oauth2l fetch --credentials {_ADC} --scope {_SCOPES})",
        'oauth2l info --token "$token"',
        options=_AS_ROBOT,
    ),
    _ours("token-info", "token-info"),
    # a self-signed JWT
    _case(
        OURS,
        "self-signed",
        f'curl -sS -H "Authorization: Bearer $({_GEMAUTH} print-access-token --self-signed)" '
        f"{_MODELS}",
        options=_AS_ROBOT,
    ),
    _python(
        "self-signed",
        f"""
        from google.oauth2.service_account import Credentials
        file = os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
        credentials = Credentials.from_service_account_file(file)
        credentials = credentials.with_always_use_jwt_access(True)
        credentials._create_self_signed_jwt("{_SERVICE}")
        AuthorizedSession(credentials).get("{_MODELS}").raise_for_status()
        """,
        _AS_ROBOT,
    ),
    _case(
        "oauth2l",
        "self-signed",
        f'curl -sS -H "$(oauth2l header --credentials {_ADC} --type jwt --audience {_SERVICE})" '
        f"{_MODELS}",
        options=_AS_ROBOT,
    ),
    # acting as a service account
    _ours(
        "impersonation",
        f"print-access-token --scopes {_SCOPES}",
        ("--no-credentials",),
        "impersonated",
    ),
    _python(
        "impersonation",
        """
        credentials, _ = google.auth.default(scopes=SCOPES)
        credentials.refresh(Request())
        """,
        ("--no-credentials",),
        "impersonated",
    ),
    _gcloud(
        "impersonation",
        f"gcloud auth application-default print-access-token --scopes={_SCOPES}",
        options=("--no-credentials",),
        credentials="impersonated",
    ),
    # ID tokens
    _ours("key-identity", _IDENTITY, _AS_ROBOT),
    _python("key-identity", _FETCH, _AS_ROBOT),
    _gcloud("key-identity", _PRINT, options=_AS_ROBOT),
    _ours("impersonated-identity", _IDENTITY, ("--no-credentials",), "impersonated"),
    _python("impersonated-identity", _FETCH, ("--no-credentials",), "impersonated"),
    _gcloud(
        "impersonated-identity",
        f"{_PRINT} --include-email",
        options=("--no-credentials",),
        credentials="impersonated",
    ),
    # workload identity federation
    _case(
        OURS,
        "federation",
        # What names Google's addresses is not sent to an emulator: this names the emulator's.
        f'sed "s#https://sts.googleapis.com#$GEMAUTH_EMULATOR#" {_ADC} >own.json',
        f"{_GEMAUTH} print-access-token --credentials own.json --scopes {_SCOPES}",
        options=("--no-credentials",),
        credentials="external_account",
    ),
    _python(
        "federation",
        """
        credentials, _ = google.auth.default(scopes=SCOPES)
        credentials.refresh(Request())
        """,
        ("--no-credentials",),
        "external_account",
    ),
    _gcloud(
        "federation",
        f"gcloud auth application-default print-access-token --scopes={_SCOPES}",
        options=("--no-credentials",),
        credentials="external_account",
    ),
)
PROGRAMS: dict[tuple[str, str], Case] = {(case.client, case.job): case for case in _ALL}

_CLOUD = (OURS, "gcloud")
_GCLOUD = {"gcloud": "sign-in"}  # where the refresh is a part of another program
JOBS = (
    Job("authorization request", "sign-in", "/auth", in_browser=True),
    Job("code for tokens", "sign-in", "/token", "authorization_code"),
    Job("refresh", "person", "/token", "refresh_token", others=_GCLOUD),
    Job("API call", "person", "/v1beta/models"),
    Job("quota project check", "sign-in", ":testIamPermissions", clients=_CLOUD),
    Job("revocation", "sign-in", "/revoke", clients=_CLOUD),
    Job("token information", "token-info", "/tokeninfo", others={"oauth2l": "key"}),
    Job("a service account's assertion", "key", "/token", _JWT_BEARER),
    Job("API call with a self-signed JWT", "self-signed", "/v1beta/models"),
    Job("impersonation", "impersonation", ":generateAccessToken"),
    Job("identity token of a service account", "key-identity", "/token", _JWT_BEARER, _AUDIENCE),
    Job("identity token by impersonation", "impersonated-identity", ":generateIdToken"),
    Job("token exchange", "federation", "/v1/token"),
)
