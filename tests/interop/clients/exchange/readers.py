"""Who reads, in the order of the table. Each lists models, with nothing but what the file says.

Of a service account they ask for scopes, where they can; a person's are those that were granted.
"""

from __future__ import annotations

from gemauth.google.scopes import DEFAULT
from tests.interop.clients.exchange.table import MODELS, Reader

__all__ = ["READERS"]

_CLIENT = '"$GEMAUTH_RUN/client_secret.json"'
_CURL = f'curl -sS --fail-with-body -H "Authorization: Bearer $token" {MODELS}'
_PRINT = "{gcloud} auth application-default print-access-token"
_LOGIN = "auth application-default login --launch-browser"
_SPACED = "$(echo {scopes} | tr , ' ')"
_PERSON = "{python} -W ignore {programs}/google_auth_requests.py"
_OAUTH2L = f"oauth2l curl --scope {{scopes}} --url {MODELS}"
_NODE = f"node {{node}}/adc.js {MODELS} {_SPACED}"
_GO = f"{{go}} {MODELS} {_SPACED}"
_TOKEN_ALONE = "prints a token; the header x-goog-user-project is the caller's affair"

READERS = (
    Reader(
        "gemauth",
        {
            "user": ("{gemauth} models list",),
            "service_account": ("{gemauth} models list",),
            None: (
                f"{{gemauth}} login --client-id-file {_CLIENT} --scopes {{scopes}} --no-proof",
                "{gemauth} models list",
            ),
        },
        scopes=DEFAULT,
    ),
    Reader(
        "google-auth",
        {
            "user": (_PERSON,),
            "service_account": (f"{_PERSON} {_SPACED}",),
            None: ("{python} -W ignore {programs}/to_json.py '' {scopes} --models",),
        },
    ),
    Reader(
        "gcloud",
        {
            "user": (f"token=$({_PRINT})", _CURL),
            "service_account": (f"token=$({_PRINT} --scopes={{scopes}})", _CURL),
            None: (
                f"{{gcloud}} {_LOGIN} --client-id-file={_CLIENT} --scopes={{scopes}}",
                f"token=$({_PRINT})",
                _CURL,
            ),
        },
        without_quota=f"`print-access-token` {_TOKEN_ALONE}",
        needs="gcloud",
    ),
    Reader(
        "oauth2l",
        {
            "user": (_OAUTH2L,),
            "service_account": (_OAUTH2L,),
            None: (f"env -u DISPLAY {_OAUTH2L} --credentials {_CLIENT}",),
        },
        without_quota="its `--quota_project` is for its own token exchange (STS) alone",
        needs="oauth2l",
    ),
    Reader(
        "google-auth-library",
        {
            "user": (_NODE,),
            "service_account": (_NODE,),
            None: (f"node {{node}}/sign_in.js {_CLIENT} {MODELS} {_SPACED}",),
        },
        needs="node",
    ),
    Reader(
        "golang.org/x/oauth2",
        {
            "user": (_GO,),
            "service_account": (_GO,),
            None: (f"{{go}} -sign-in {_CLIENT} {MODELS} {_SPACED}",),
        },
        without_quota="it gets tokens, and sets no header x-goog-user-project",
        needs="go",
    ),
)
