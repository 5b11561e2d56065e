"""Tools that read variables: the environment in which they find gemauth's credentials.

Pure: mapping in, mapping out. Read by `cli/exec.py`. Source: google-oauth.md section 6.4; Google's
Terraform provider reads GOOGLE_OAUTH_ACCESS_TOKEN, gcloud CLOUDSDK_AUTH_ACCESS_TOKEN.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.client.cache.places import PROFILE_VARIABLE
from gemauth.client.sdk.bearer import leads_to
from gemauth.client.target import EMULATOR_VARIABLE
from gemauth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.client.credentials import Credentials
    from gemauth.client.token import AccessToken

__all__ = ["KEYS", "TOKENS", "environment"]

KEYS = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
"""SDKs prefer them to credentials, in silence."""
TOKENS = ("GOOGLE_OAUTH_ACCESS_TOKEN", "CLOUDSDK_AUTH_ACCESS_TOKEN")

_FILE = "GOOGLE_APPLICATION_CREDENTIALS"
_PROJECT = "GOOGLE_CLOUD_PROJECT"
_QUOTA_PROJECT = "GOOGLE_CLOUD_QUOTA_PROJECT"


def environment(
    credentials: Credentials,
    parent: Mapping[str, str],
    *,
    token: AccessToken | None = None,
    project: str | None = None,
    keep_api_keys: bool = False,
) -> dict[str, str]:
    """Return the parent's environment with the credentials in it, and without API keys.

    Args:
        credentials: found by gemauth. Their file is named; a machine's own, which have none, are
            found by every tool itself.
        parent: the environment of before; its tokens go, its project stays.
        token: put there too, for tools that read no file; nothing renews it.
        project: goes before the parent's and the one that the credentials belong to.
        keep_api_keys: leave them.

    Raises:
        UsageError: the credentials are an emulator's, and nothing leads the tool there: it would
            send them to Google. Or they are in no file, and there is no token.
    """
    endpoints = credentials.endpoints
    if endpoints.is_emulator and not leads_to(endpoints, parent):
        raise UsageError(
            "These credentials are an emulator's, and the command would send them to Google.",
            next_step="Run it where Google's hosts are the emulator: "
            f"gemauth emulator run --emulator {endpoints.gemini} -- COMMAND",
        )
    if credentials.path is None and credentials.kind != "metadata" and token is None:
        raise UsageError(
            "These credentials are in no file that a command could read by itself.",
            next_step="Give it a token: gemauth exec --access-token -- COMMAND",
        )
    gone = {_FILE, PROFILE_VARIABLE, *TOKENS, *(() if keep_api_keys else KEYS)}
    child = {name: value for name, value in parent.items() if name not in gone}
    if credentials.path is not None:
        child[_FILE] = str(Path(credentials.path).absolute())
    if token is not None:
        child |= dict.fromkeys(TOKENS, token.value)
    if credentials.quota_project is not None:
        child[_QUOTA_PROJECT] = credentials.quota_project
    chosen = project or parent.get(_PROJECT) or credentials.project or credentials.quota_project
    if chosen is not None:
        child[_PROJECT] = chosen
    if endpoints.is_emulator:
        child[EMULATOR_VARIABLE] = endpoints.gemini
    return child
