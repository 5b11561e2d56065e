"""Which Google a call goes to, and the wall between the two: real credentials and an emulator's.

An emulator's credentials are recognisable by sight (design decision 8). None of them is ever sent
to Google, and none of Google's to an emulator: every sender asks here before the network. Read by
the flows, by `client/credentials.py` and by `client/cache/adc.py`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from gemauth.errors import CredentialError, UsageError
from gemauth.google.credentials import EMULATED_KEY_ID
from gemauth.google.endpoints import GOOGLE, Endpoints, emulator, loopback_base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.google.client_secret import ClientSecret
    from gemauth.google.credentials import (
        AuthorizedUser,
        ExternalAccount,
        ExternalAccountAuthorizedUser,
        ServiceAccountKey,
    )

__all__ = [
    "EMULATOR_VARIABLE",
    "is_emulated",
    "of_client",
    "of_external_account",
    "of_external_user",
    "of_federation",
    "of_key",
    "of_user",
    "require_side",
    "require_token_side",
    "target",
]

EMULATOR_VARIABLE = "GEMAUTH_EMULATOR"

# Access tokens, refresh token, client secret. The client id's pattern is compiled when it is
# needed: it takes a quarter of a millisecond, and few commands do.
_EMULATED = ("ya29.emu-", "ya29.c.emu-", "ya29.d.emu-", "1//emu-", "GOCSPX-emu-")
_EMULATED_CLIENT = r"(?a)\d+-emu[a-z0-9-]*\.apps\.googleusercontent\.com"
# The hosts that a client or key file may name (google-oauth.md 2.1, 6.2).
_GOOGLE_HOSTS = frozenset({"accounts.google.com", "oauth2.googleapis.com", "www.googleapis.com"})
# The security token service and IAM credentials, in one region, by mTLS or through Private Service
# Connect too (sts.mtls…, sts-NAME.p…): all below a domain that only Google has names in.
_FEDERATION_HOST = r"(?:[a-z0-9-]+[.-])?(?:sts|iamcredentials)(?:[.-][a-z0-9-]+)*\.googleapis\.com"
_METADATA_HOSTS = frozenset({"169.254.169.254", "169.254.170.2", "fd00:ec2::254"})


def target(environ: Mapping[str, str], address: str | None = None) -> Endpoints:
    """Return where calls go: the emulator at an address or in `GEMAUTH_EMULATOR`, else Google.

    Raises:
        UsageError: the address is not http on loopback.
    """
    address = address or environ.get(EMULATOR_VARIABLE) or None
    return GOOGLE if address is None else emulator(address)


def is_emulated(credential: str) -> bool:
    """Whether a token, a client secret or a client id was made by an emulator."""
    if "emu" not in credential:
        return False
    if credential.startswith(_EMULATED):
        return True
    return re.fullmatch(_EMULATED_CLIENT, credential) is not None


def require_token_side(endpoints: Endpoints, token: str) -> None:
    """Let an access token pass only to the side that made it, as `require_side`.

    A self-signed JWT shows no side. Its key does, and was looked at when it was read (`of_key`).

    Raises:
        CredentialError: it belongs to the other side.
    """
    if not token.startswith("ey"):  # base64url of {", how every JWT begins; Google's begin ya29.
        require_side(endpoints, emulated=is_emulated(token), what="The access token")


def require_side(endpoints: Endpoints, *, emulated: bool, what: str) -> None:
    """Let a credential pass only to the side that made it; nothing has been sent yet.

    Args:
        endpoints: where it is about to go.
        emulated: whether an emulator made it.
        what: its name for people, such as `The refresh token`.

    Raises:
        CredentialError: it belongs to the other side.
    """
    if emulated == endpoints.is_emulator:
        return
    if emulated:
        raise CredentialError(
            f"{what} was made by an emulator, and is not sent to Google.",
            next_step=f"Set {EMULATOR_VARIABLE}=http://127.0.0.1:PORT (or pass --emulator), "
            "or sign in at Google: gemauth login --client-id-file FILE",
        )
    raise CredentialError(
        f"{what} is Google's, and is not sent to an emulator.",
        next_step=f"Unset {EMULATOR_VARIABLE} (and drop --emulator), or sign in at the emulator: "
        "gemauth login --client-id-file FILE",
    )


def of_client(client: ClientSecret, endpoints: Endpoints | None = None) -> Endpoints:
    """Return where a client's sign-in goes: the emulator that its file names, or Google.

    A file is no authority: its URLs only choose among the places that gemauth knows, because a
    file from elsewhere could name a server that collects codes (google-oauth.md section 8).

    Raises:
        UsageError: the file names a host that is neither.
        CredentialError: the client and the endpoints asked for are on different sides.
    """
    bases = {loopback_base(client.auth_uri), loopback_base(client.token_uri)}
    if None not in bases and len(bases) == 1:
        named = emulator(str(bases.pop()))
    elif all(_is_google(url) for url in (client.auth_uri, client.token_uri)):
        named = GOOGLE
    else:
        raise UsageError(
            "The OAuth client file names an authorization or token endpoint that is neither "
            f"Google's nor an emulator's: {_host(client.auth_uri)}, {_host(client.token_uri)}.",
            next_step="Use the file as Google's console or the emulator wrote it.",
        )
    emulated = is_emulated(client.client_id) or is_emulated(client.client_secret)
    chosen = endpoints or named
    require_side(chosen, emulated=emulated, what="The OAuth client")
    return chosen


def of_key(key: ServiceAccountKey) -> bool:
    """Whether an emulator made a service account's key: its `token_uri` says so, or its id.

    Raises:
        UsageError: the key names a token endpoint that is neither Google's nor on loopback: the
            assertion sent there would be a credential (google-oauth.md section 8).
    """
    if loopback_base(key.token_uri) is not None:
        return True
    if _is_google(key.token_uri):
        return (key.private_key_id or "").startswith(EMULATED_KEY_ID)
    raise UsageError(
        f"The service account's key names a token endpoint at {_host(key.token_uri)}, which is "
        "neither Google's nor an emulator's.",
        next_step="Use the key file as Google's console or the emulator wrote it.",
    )


def of_user(user: AuthorizedUser) -> bool:
    """Whether an emulator made a signed-in person's credentials."""
    return any(map(is_emulated, (user.refresh_token, user.client_id, user.client_secret)))


def of_external_user(user: ExternalAccountAuthorizedUser) -> bool:
    """Whether an emulator made the credentials of a person of another identity provider.

    Raises:
        UsageError: the token endpoint is neither Google's nor on loopback: the refresh token and
            the client's secret would go there.
    """
    emulated = of_federation(user.token_url)
    return emulated or any(map(is_emulated, (user.refresh_token, user.client_id)))


def of_external_account(account: ExternalAccount) -> bool:
    """Whether an external account's tokens come from an emulator, as all its URLs say.

    Raises:
        UsageError: a URL that its token would be sent to is neither Google's nor on loopback, or
            they are of both kinds; or its own token comes from elsewhere in the clear.
    """
    named = (
        account.token_url,
        account.token_info_url,
        account.service_account_impersonation_url,
    )
    sides = {of_federation(url) for url in named if url is not None}
    if len(sides) > 1:
        raise UsageError(
            "The external_account file names Google's endpoints and an emulator's.",
            next_step="Write it for one of them: all its URLs on the same side.",
        )
    for url in _source_urls(account.credential_source):
        parts = _split(url)
        if not (
            parts.scheme == "https"
            or loopback_base(url) is not None
            or (parts.scheme == "http" and parts.hostname in _METADATA_HOSTS)
        ):
            raise UsageError(
                f"The external_account file fetches its token from {_host(url)} in the clear.",
                next_step="Plain http is for loopback and a machine's own metadata server only.",
            )
    return sides.pop()


def of_federation(url: str) -> bool:
    """Whether a URL of the token service or of IAM credentials is an emulator's.

    Raises:
        UsageError: it is neither Google's nor on loopback.
    """
    if loopback_base(url) is not None:
        return True
    parts = _split(url)
    if parts.scheme == "https" and re.fullmatch(_FEDERATION_HOST, parts.netloc, re.ASCII):
        return False
    raise UsageError(
        f"The credential file names an endpoint at {_host(url)}, which is neither Google's nor an "
        "emulator's; nothing is sent there.",
        next_step="Use the file as gcloud or Google's console wrote it.",
    )


def _source_urls(source: Mapping[str, object]) -> list[str]:
    """Return what a credential source fetches; AWS's own token service is signed for, not called.

    Names: google-oauth.md 6.3 and google-auth's `aws.py`.
    """
    fetched = ("url", "region_url", "imdsv2_session_token_url")
    return [url for name in fetched if isinstance(url := source.get(name), str)]


def _is_google(url: str) -> bool:
    parts = _split(url)
    return parts.scheme == "https" and parts.netloc in _GOOGLE_HOSTS


def _host(url: str) -> str:
    return repr(_split(url).hostname or url[:80])


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # a file may hold anything
        return urlsplit("")
