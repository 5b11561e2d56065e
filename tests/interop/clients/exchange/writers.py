"""Who writes, in the order of the table."""

from __future__ import annotations

from dataclasses import replace

from gemauth.google.scopes import CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING
from tests.interop.clients.exchange.table import ADA, Difference, Writer

__all__ = ["WRITERS"]

_OWN = '--client-id-file="$GEMAUTH_RUN/client_secret.json"'
_LOGIN = f"{{gemauth}} login {_OWN} --scopes {{scopes}}"
_ADC_LOGIN = "gcloud auth application-default login --launch-browser"
_GCLOUD_LOGIN = f"{_ADC_LOGIN} {_OWN} --scopes={{scopes}}"
_AS_ADA = ("--as", ADA, "--gcloud=system")
_GEMAUTH = (
    Writer("gemauth", "`login`", (_LOGIN,)),
    Writer("gemauth", "`login --output FILE`", (f"{_LOGIN} --output own.json",), file="own.json"),
    Writer(
        "gemauth",
        "`login --quota-project`",
        (f"{_LOGIN} --quota-project {{billed}}",),
        quota=True,
    ),
    Writer(
        "gemauth",
        "`login --add-scopes`",
        (_LOGIN, "{gemauth} login --add-scopes tuning"),
        scopes=(CLOUD_PLATFORM, EMAIL, OPENID, RETRIEVER, TUNING),  # whose sign-in it is, too
    ),
    Writer(
        "gemauth",
        "`profiles use`",
        (
            f"{{gemauth}} login {_OWN} --scopes tuning --profile first",
            f"{_LOGIN} --profile second --quota-project {{billed}}",
            "{gemauth} profiles use second",
        ),
        quota=True,
    ),
    Writer(
        "gemauth",
        "`set-quota-project`",
        (_LOGIN, "{gemauth} set-quota-project {billed}"),
        quota=True,
    ),
    Writer(
        "gemauth",
        "`service-accounts keys create`",
        ("{gemauth} service-accounts keys create {robot} --output key.json",),
        kind="service_account",
        file="key.json",
        options=_AS_ADA,
    ),
    Writer(
        "gemauth",
        "`service-accounts keys rotate`",
        (
            "{gemauth} service-accounts keys create {robot} --output key.json",
            "{gemauth} service-accounts keys rotate key.json --delete-old",
        ),
        kind="service_account",
        file="key.json",
        options=_AS_ADA,
    ),
    Writer(
        "gemauth",
        "its stand-in's `gcloud auth application-default login --client-id-file`",
        (_GCLOUD_LOGIN, "gcloud auth application-default set-quota-project {billed}"),
        quota=True,
        options=("--no-credentials", "--auto-consent", ADA),
    ),
)
_GCLOUD = (
    Writer("gcloud", "`auth application-default login --client-id-file`", (_GCLOUD_LOGIN,)),
    Writer(
        "gcloud",
        "`auth application-default set-quota-project`",
        (_GCLOUD_LOGIN, "gcloud auth application-default set-quota-project {billed}"),
        quota=True,
    ),
    Writer(
        "gcloud",
        "`auth application-default login --impersonate-service-account`",
        (f"{_ADC_LOGIN} --impersonate-service-account={{robot}}",),
        kind="service_account",
    ),
    Writer(
        "gcloud",
        "`iam service-accounts keys create`",
        (
            "gcloud auth login --launch-browser",
            "gcloud iam service-accounts keys create key.json --iam-account={robot}",
        ),
        kind="service_account",
        file="key.json",
    ),
)
_FLOW = "{python} -W ignore {programs}/to_json.py {billed} {scopes}"
_UNTYPED = "The file has no `type`, by which readers tell what it is."
_OAUTHLIB = (
    Writer(
        "google-auth-oauthlib",
        "`credentials.to_json()`, as in Google's quickstarts (token.json)",
        (f"{_FLOW} >token.json",),
        file="token.json",
        lost="`to_json()` leaves out the quota project.",
        differences={
            "gemauth": Difference(
                "yes, with `--credentials FILE`",
                f"{_UNTYPED} In GOOGLE_APPLICATION_CREDENTIALS, where Google's libraries refuse "
                "it, gemauth does so too.",
                "has no type",
                ("{gemauth} models list --credentials token.json",),
            ),
            "google-auth": Difference(
                "by `from_authorized_user_file`",
                f"{_UNTYPED} `google.auth.default()` refuses it.",
                "does not have a valid type",
                ("{python} -W ignore {programs}/google_auth_user_file.py token.json",),
            ),
            "gcloud": Difference("no", _UNTYPED, "does not have a valid type"),
            "oauth2l": Difference("no", _UNTYPED, "missing 'type' field"),
            "google-auth-library": Difference(
                "no", f"{_UNTYPED} It takes it for a service account's key.", "client_email"
            ),
            "golang.org/x/oauth2": Difference("no", _UNTYPED, "missing 'type' field"),
        },
    ),
    Writer(
        "google-auth-oauthlib",
        'the same with `"type": "authorized_user"` and the quota project added',
        (f"{_FLOW} --typed >token.json",),
        file="token.json",
        quota=True,
    ),
)
_CONSOLE = (
    Writer(
        "the console (here the emulator)",
        "client_secret.json, with which each signs in",
        (),
        kind=None,
    ),
)

WRITERS = (
    *_GEMAUTH,
    *(replace(writer, needs="gcloud") for writer in _GCLOUD),
    *_OAUTHLIB,
    *_CONSOLE,
)
