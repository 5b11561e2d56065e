"""Where Google answers, and where an emulator does (google-oauth.md sections 1 to 2.6)."""

from __future__ import annotations

from urllib.parse import urlsplit

from gemauth.errors import UsageError
from gemauth.http import LOOPBACK
from gemauth.value import Value, frozen

__all__ = [
    "GEMINI_SERVICE",
    "GOOGLE",
    "JWT_AUDIENCES",
    "Endpoints",
    "at",
    "emulator",
    "loopback_base",
]

GEMINI_SERVICE = "generativelanguage.googleapis.com"

# The audiences of a service account's assertion that Google's token endpoint accepts (2.1).
JWT_AUDIENCES = (
    "https://oauth2.googleapis.com/token",
    "https://accounts.google.com/o/oauth2/token",
    "https://www.googleapis.com/oauth2/v4/token",
)


@frozen
class Endpoints(Value):
    """The URLs of one Google; `gemini`, `robot_certs` and the API roots have no trailing slash.

    `authorization_v1` is the address that client and key files name; it does the same.
    """

    issuer: str
    authorization: str
    authorization_v1: str
    token: str
    revocation: str
    tokeninfo: str
    userinfo: str
    certs: str
    jwks: str
    robot_certs: str
    gemini: str
    iam: str
    iam_credentials: str
    service_usage: str
    resource_manager: str
    control: str | None = None

    @property
    def is_emulator(self) -> bool:
        """Whether these are a local emulator's."""
        return self.control is not None


GOOGLE = Endpoints(
    issuer="https://accounts.google.com",
    authorization="https://accounts.google.com/o/oauth2/v2/auth",
    authorization_v1="https://accounts.google.com/o/oauth2/auth",
    token="https://oauth2.googleapis.com/token",  # noqa: S106  # an address
    revocation="https://oauth2.googleapis.com/revoke",
    tokeninfo="https://oauth2.googleapis.com/tokeninfo",  # an address
    userinfo="https://openidconnect.googleapis.com/v1/userinfo",
    certs="https://www.googleapis.com/oauth2/v1/certs",
    jwks="https://www.googleapis.com/oauth2/v3/certs",
    robot_certs="https://www.googleapis.com/robot/v1/metadata/x509",
    gemini=f"https://{GEMINI_SERVICE}",
    iam="https://iam.googleapis.com",
    iam_credentials="https://iamcredentials.googleapis.com",
    service_usage="https://serviceusage.googleapis.com",
    resource_manager="https://cloudresourcemanager.googleapis.com",
)


def loopback_base(url: str) -> str | None:
    """Return `http://host:port` of an emulator's URL, or None where it is no plain loopback one."""
    try:
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK and parts.port != 0
    except ValueError:  # a port beyond 65535, an IPv6 address without its end
        return None
    return f"http://{parts.netloc}" if local and "@" not in parts.netloc else None


def emulator(base: str) -> Endpoints:
    """Return the endpoints of the emulator at a base URL such as `http://127.0.0.1:8085`.

    Raises:
        UsageError: the URL is not http on a loopback address: an emulator's client would send
            it tokens in the clear.
    """
    root = loopback_base(base)
    if root is None:
        raise UsageError(
            f"{base!r} is not an emulator's address.",
            next_step="Use http:// with 127.0.0.1, localhost or [::1], and the port it printed.",
        )
    return Endpoints(
        # Google's issuer: official verifiers accept no other in an id token (2.2).
        issuer=GOOGLE.issuer,
        authorization=f"{root}/o/oauth2/v2/auth",
        authorization_v1=f"{root}/o/oauth2/auth",
        token=f"{root}/token",
        revocation=f"{root}/revoke",
        tokeninfo=f"{root}/tokeninfo",
        userinfo=f"{root}/v1/userinfo",
        certs=f"{root}/oauth2/v1/certs",
        jwks=f"{root}/oauth2/v3/certs",
        robot_certs=f"{root}/robot/v1/metadata/x509",
        gemini=root,
        iam=root,
        iam_credentials=root,
        service_usage=root,
        resource_manager=root,
        control=f"{root}/_emulator/v1",
    )


def at(base: str) -> Endpoints:
    """Return the endpoints of whom a base URL calls: a local emulator, or Google by its names."""
    return GOOGLE if loopback_base(base) is None else emulator(base)
