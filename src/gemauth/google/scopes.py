"""Google's OAuth scopes that gemauth knows, and the short names that people may type for them.

Source: google-oauth.md section 0.1 and gemini-api.md sections 2 and 3 (both from Google's scope
list and the OAuth quickstart).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gemauth.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "ANY_GEMINI",
    "APPENGINE_ADMIN",
    "CLOUD_PLATFORM",
    "COMPUTE",
    "DEFAULT",
    "DESCRIPTIONS",
    "EMAIL",
    "GCLOUD_ADC",
    "GCLOUD_LOGIN",
    "GEMINI",
    "IAM",
    "KNOWN",
    "OPENID",
    "PROFILE",
    "REAUTH",
    "RETRIEVER",
    "RETRIEVER_READONLY",
    "SIGN_IN",
    "SQL_LOGIN",
    "TUNING",
    "TUNING_READONLY",
    "canonical",
    "expand",
    "is_scope",
    "short",
    "typed",
]

PREFIX = "https://www.googleapis.com/auth/"

OPENID = "openid"
EMAIL = f"{PREFIX}userinfo.email"
PROFILE = f"{PREFIX}userinfo.profile"
CLOUD_PLATFORM = f"{PREFIX}cloud-platform"
IAM = f"{PREFIX}iam"
GEMINI = f"{PREFIX}generative-language"
TUNING = f"{PREFIX}generative-language.tuning"
TUNING_READONLY = f"{PREFIX}generative-language.tuning.readonly"
RETRIEVER = f"{PREFIX}generative-language.retriever"
RETRIEVER_READONLY = f"{PREFIX}generative-language.retriever.readonly"

SQL_LOGIN = f"{PREFIX}sqlservice.login"
APPENGINE_ADMIN = f"{PREFIX}appengine.admin"
COMPUTE = f"{PREFIX}compute"
REAUTH = f"{PREFIX}accounts.reauth"

SIGN_IN = (OPENID, EMAIL, PROFILE)
ANY_GEMINI = (GEMINI, TUNING, TUNING_READONLY, RETRIEVER, RETRIEVER_READONLY)
DEFAULT = (CLOUD_PLATFORM, TUNING, RETRIEVER)
# What gcloud asks for, in its order (google-oauth.md 7.1).
GCLOUD_ADC = (OPENID, EMAIL, CLOUD_PLATFORM, SQL_LOGIN)
GCLOUD_LOGIN = (OPENID, EMAIL, CLOUD_PLATFORM, APPENGINE_ADMIN, SQL_LOGIN, COMPUTE, REAUTH)

# What the emulator's consent page and `gemauth login` say of each, in our own words.
DESCRIPTIONS = {
    OPENID: "Tell the app which account you are",
    EMAIL: "See your email address",
    PROFILE: "See your name and picture",
    CLOUD_PLATFORM: "Use your Google Cloud projects and their data",
    GEMINI: "Use the Gemini API",
    TUNING: "Create, change and share your tuned Gemini models",
    TUNING_READONLY: "See your tuned Gemini models",
    RETRIEVER: "Create and change the corpora of the Gemini API",
    RETRIEVER_READONLY: "See the corpora of the Gemini API",
    SQL_LOGIN: "Sign in to your Cloud SQL databases",
    APPENGINE_ADMIN: "Manage your App Engine applications",
    COMPUTE: "See and manage your Compute Engine machines",
    REAUTH: "Confirm again that it is you",
}
KNOWN = frozenset(DESCRIPTIONS)

# The OpenID Connect names that Google's endpoints accept and answer with the full URL.
_CANONICAL = {"email": EMAIL, "profile": PROFILE}
_SHORT = {
    "cloud-platform": CLOUD_PLATFORM,
    "generative-language": GEMINI,
    "tuning": TUNING,
    "tuning.readonly": TUNING_READONLY,
    "retriever": RETRIEVER,
    "retriever.readonly": RETRIEVER_READONLY,
    "generative-language.tuning": TUNING,
    "generative-language.tuning.readonly": TUNING_READONLY,
    "generative-language.retriever": RETRIEVER,
    "generative-language.retriever.readonly": RETRIEVER_READONLY,
    "userinfo.email": EMAIL,
    "userinfo.profile": PROFILE,
    **{scope.removeprefix(PREFIX): scope for scope in GCLOUD_LOGIN},
    **_CANONICAL,
}


_URL = r"https://[\x21\x23-\x5b\x5d-\x7e]+"  # of RFC 6749 section 3.3's characters
_GOOGLES = rf"{re.escape(PREFIX)}[a-z][a-z0-9._-]*"


def canonical(scopes: Iterable[str]) -> tuple[str, ...]:
    """Return scopes as Google answers them: `email` and `profile` as URLs, each once."""
    return tuple(dict.fromkeys(_CANONICAL.get(scope, scope) for scope in scopes))


def is_scope(text: str) -> bool:
    """Whether text is a scope of Google's: one that gemauth knows, or one of its form.

    Google has some hundred scopes and gemauth needs few of them.
    """
    return text in KNOWN or re.fullmatch(_GOOGLES, text) is not None


def expand(names: Iterable[str]) -> tuple[str, ...]:
    """Return full scopes for short names (`tuning`) and full ones.

    Args:
        names: each of them, or one string with commas or spaces between them.

    Raises:
        UsageError: a name is neither a URL nor a short name.
    """
    if isinstance(names, str):  # else its letters would be the names
        names = names.replace(",", " ").split()
    expanded = []
    for name in names:
        scope = _SHORT.get(name, name)
        if scope != OPENID and re.fullmatch(_URL, scope) is None:
            raise UsageError(
                f"{name!r} is no scope that gemauth knows.",
                next_step=f"Use a full scope URL or one of: {', '.join(sorted(_SHORT))}.",
            )
        expanded.append(scope)
    return tuple(dict.fromkeys(expanded))


def typed(scope: str) -> str:
    """Return a scope as people may type it: short where gemauth knows it, else in full."""
    return short(scope) if scope in KNOWN else scope


def short(scope: str) -> str:
    """Return the last part of a scope's URL, for people to read."""
    return scope.removeprefix(PREFIX)
