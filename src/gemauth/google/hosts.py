"""Which of Google's hosts serves what: an emulator has all paths on one port, Google has not.

A program that calls the right path on the wrong host fails at Google, so it fails here. Read by the
emulator's guard and front, which refuse every other host of Google's. Source: google-oauth.md
sections 1, 2, 5 and 9.2, gemini-api.md section 1, interception.md sections 4 and 7.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["EMULATED", "GOOGLES", "METADATA", "is_emulated", "is_googles", "serves"]

_GEMINI_PACKAGES = r"/google\.ai\.generativelanguage\.v1(alpha|beta)?\."

# Host -> pattern of the paths that it serves.
EMULATED = {
    "accounts.google.com": r"/(o/oauth2|signin|\.well-known/|_emulator/pages/)",
    "oauth2.googleapis.com": r"/(token|revoke|tokeninfo|device/code|oauth2/v[13]/certs)$",
    "www.googleapis.com": (
        r"/(oauth2/v\d/|userinfo/v2/me$|robot/v1/|service_accounts/v1/|discovery/v1/apis/)"
    ),
    "openidconnect.googleapis.com": r"/v1/userinfo$",
    "generativelanguage.googleapis.com": (
        rf"/(upload/|download/)?v1(alpha|beta)?/|/\$discovery/|{_GEMINI_PACKAGES}"
        r"|/google\.longrunning\.|/grpc\.reflection\."
    ),
    "iam.googleapis.com": r"/v1/",
    "iamcredentials.googleapis.com": r"/v1/",
    "sts.googleapis.com": r"/v1/",
    "serviceusage.googleapis.com": r"/v1/",
    "cloudresourcemanager.googleapis.com": r"/v[13]/",
    "metadata.google.internal": r"/($|computeMetadata/)",
    "169.254.169.254": r"/($|computeMetadata/)",
}

METADATA = frozenset({"metadata.google.internal", "169.254.169.254"})
"""The metadata server's names: plain http, from inside a virtual machine only."""

GOOGLES = (
    "googleapis.com",
    "google.com",
    "google.internal",
    "googleusercontent.com",
    "gstatic.com",
    "cloud.google",
    "withgoogle.com",
    "goog",
)
"""Google's domains: they and every name below them are kept from the network."""


_BELOW = tuple(f".{domain}" for domain in GOOGLES)
_ADDRESSES = frozenset({".169.254.169.254"})


def is_emulated(host: str) -> bool:
    """Whether an emulator answers for this host name (no port, any case)."""
    return host.rstrip(".").lower() in EMULATED


def is_googles(host: str) -> bool:
    """Whether a host name is Google's, emulated or not."""
    name = "." + host.rstrip(".").lower()
    return name in _ADDRESSES or name.endswith(_BELOW)


def serves(host: str, path: str) -> bool:
    """Whether an emulated host serves a path (percent-encoded as on the wire, without query)."""
    return bool(_pattern(host.rstrip(".").lower()).match(path))


@cache
def _pattern(host: str) -> re.Pattern[str]:
    return re.compile(EMULATED[host])
