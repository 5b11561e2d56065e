"""A workload of another cloud or identity provider: its token exchanged for Google's (5.3, 6.3).

google-auth does it (design decision 12): where the workload's own token comes from is a world of
its own, with AWS signatures and commands in it. Its requests go through gemauth's transport, so TLS
is verified, no redirect followed, and `client/target.py` has looked at every URL before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from gemauth.client.target import require_token_side
from gemauth.client.token import AccessToken
from gemauth.client.transport import lent
from gemauth.errors import CredentialError, UnreachableError, UsageError
from gemauth.flow import Disk, Now
from gemauth.google.scopes import IAM
from gemauth.http import Headers, Request, without_query

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

    from gemauth.client.identity import IdentityToken
    from gemauth.client.world import Sender
    from gemauth.flow import Flow
    from gemauth.google.credentials import ExternalAccount
    from gemauth.google.endpoints import Endpoints
    from gemauth.http import Response

__all__ = ["ALLOW_EXECUTABLES", "External"]

ALLOW_EXECUTABLES = "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES"
_AWS = "urn:ietf:params:aws:token-type:aws4_request"


class External:
    """Has google-auth make a token at every call; wrap it in a cache.

    Args:
        account: the file; its URLs have been allowed (`target.of_external_account`).
        endpoints: the Google that its tokens are for.
        scopes: of the tokens (full URLs).
        environ: the environment variables.
        lend: lends the transport for one exchange.

    Raises:
        UsageError: google-auth is not installed, or the source is a command that nobody allowed, a
            client certificate, or another universe's.
    """

    def __init__(
        self,
        account: ExternalAccount,
        endpoints: Endpoints,
        scopes: tuple[str, ...],
        environ: Mapping[str, str],
        lend: Callable[[], AbstractContextManager[Sender]] | None = None,
    ) -> None:
        _require_usable(account, environ)
        self._account = account
        self._endpoints = endpoints
        self._scopes = scopes
        self._environ = environ
        self._lend = lend or partial(lent, None, environ)

    def token(self, *, fresh: bool = False) -> Flow[AccessToken]:  # noqa: ARG002  # always fresh
        """Return a new token.

        Raises:
            CredentialError: the workload's own token cannot be had, or is not accepted.
            UnreachableError: a server could not be asked.
        """
        asked: float = yield Now()
        # google-auth blocks: as what a disk does, an event loop has a thread do it.
        made: tuple[str, float | None] = yield Disk(self._refreshed)
        require_token_side(self._endpoints, made[0])
        return AccessToken(*made, self._scopes, asked)

    def identity(self, audience: str | None, *, include_email: bool = False) -> Flow[IdentityToken]:
        """Return a new ID token of the service account that the workload acts as.

        Raises:
            NoIdentityError: it acts as none; Google's token service has access tokens only (5.3).
            UsageError: there is no audience.
            CredentialError: as `token`; besides, as `Impersonated.identity`.
        """
        from gemauth.client.credentials import Credentials
        from gemauth.client.identity import NoIdentityError
        from gemauth.client.sources.impersonated import Impersonated

        account = self._account.principal
        if account is None:
            raise NoIdentityError(
                "A workload of another cloud gets access tokens of Google, and no ID tokens."
            )
        itself = replace(self._account, service_account_impersonation_url=None)
        # google-auth asks with this scope on behalf of another (section 10).
        asking = External(itself, self._endpoints, (IAM,), self._environ, self._lend)
        base = Credentials("external_account", asking, self._endpoints)
        return Impersonated(base, account, ()).identity(audience, include_email=include_email)

    def _refreshed(self) -> tuple[str, float | None]:
        from google.auth import exceptions

        try:
            engine = _engine(self._account, self._scopes)
            with self._lend() as sender:
                engine.refresh(partial(_send, sender))
        except exceptions.TransportError as error:
            raise UnreachableError(
                "The token exchange of the external account found no answer.",
                next_step="Try again in a minute.",
                evidence=_evidence(error),
            ) from None
        except (exceptions.GoogleAuthError, ValueError, OSError) as error:
            raise CredentialError(
                f"google-auth got no token for the external account ({type(error).__name__}).",
                next_step="See where its own token comes from (credential_source), the provider's "
                "conditions, and the roles of its principal.",
                # A command's output may hold a token.
                evidence=None if _is_command(self._account) else _evidence(error),
            ) from None
        end = engine.expiry
        return str(engine.token), None if end is None else end.replace(tzinfo=UTC).timestamp()


def _require_usable(account: ExternalAccount, environ: Mapping[str, str]) -> None:
    if account.universe_domain not in {None, "googleapis.com"}:
        raise UsageError(
            f"The external_account file is of the universe {account.universe_domain!r}; the "
            "Gemini API is in googleapis.com.",
            next_step="Name a file of googleapis.com: --credentials FILE",
        )
    if "certificate" in account.credential_source:
        raise UsageError(
            "The external_account file takes a client certificate (X.509 federation, mutual TLS), "
            "which gemauth cannot show.",
            next_step="google-auth can: google.auth.default() takes the same file. A token of its "
            "own goes on with --access-token-file FILE.",
        )
    if _is_command(account) and environ.get(ALLOW_EXECUTABLES) != "1":
        raise UsageError(
            "The external_account file gets its token from a command, and nobody has allowed "
            "that: whoever writes the file chooses the command.",
            next_step=f"Read its credential_source; then set {ALLOW_EXECUTABLES}=1.",
        )
    try:
        there = find_spec("google.auth") is not None
    except ModuleNotFoundError:  # no package `google` at all
        there = False
    if not there:
        raise UsageError(
            "external_account credentials take google-auth, which is not installed.",
            next_step="pip install google-auth",
        )


def _is_command(account: ExternalAccount) -> bool:
    return "executable" in account.credential_source


def _engine(account: ExternalAccount, scopes: tuple[str, ...]) -> Any:  # noqa: ANN401  # google-auth's
    """Return google-auth's credentials, of the class that its own loader would choose."""
    if account.subject_token_type == _AWS:
        from google.auth.aws import Credentials as Engine
    elif _is_command(account):
        from google.auth.pluggable import Credentials as Engine
    else:
        from google.auth.identity_pool import Credentials as Engine
    return Engine.from_info(account.to_json(), scopes=list(scopes))


class _Answer:
    """A response in google-auth's form (`google.auth.transport.Response`)."""

    def __init__(self, answer: Response) -> None:
        self.status = answer.status
        self.headers = dict(answer.headers)
        self.data = answer.body


def _send(
    sender: Sender,
    url: str,
    method: str = "GET",
    body: bytes | str | None = None,
    headers: Mapping[str, str] | None = None,
    timeout: float | None = None,
    **_: Any,  # noqa: ANN401  # what only google-auth's own transports know
) -> _Answer:
    """Send a request of google-auth's (`google.auth.transport.Request`).

    Raises:
        TransportError: no answer came; google-auth tries again where that helps.
    """
    from google.auth.exceptions import TransportError

    raw = body.encode() if isinstance(body, str) else body or b""
    try:
        return _Answer(sender.send(Request(method, url, Headers(headers or {}), raw), timeout))
    except UnreachableError as error:
        message = f"{without_query(url)}: {error.message}"
        raise TransportError(message) from None


def _evidence(error: Exception) -> str:
    """Return what google-auth says, shortened: the token service's own words are in it."""
    return str(error)[:500]
