"""More scopes for a sign-in that there is already: the same client, the same person, one file.

The client's id and secret stand in the ADC file, so nobody needs the client's file again. The
request names all scopes, the earlier ones too, and sends `include_granted_scopes`: Google
documents that one for web clients only (google-oauth.md 1.1), and what is granted in the end is
what the token endpoint says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.client.cache import grants
from gemauth.client.flows.refresh import refresh
from gemauth.client.flows.sign_in import SignIn, email_in
from gemauth.client.login.wish import Wish
from gemauth.client.target import EMULATOR_VARIABLE, of_user, require_side, target
from gemauth.errors import UsageError
from gemauth.google import scopes as google_scopes
from gemauth.google.client_secret import ClientSecret
from gemauth.google.credentials import AuthorizedUser

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gemauth.client.login.destination import Destination
    from gemauth.flow import Flow
    from gemauth.google.endpoints import Endpoints

__all__ = ["with_more_scopes"]


def with_more_scopes(
    destination: Destination,
    names: Iterable[str],
    *,
    account: str | None,
    quota_project: str | None,
    emulator: str | None,
    environ: Mapping[str, str],
) -> Flow[Wish]:
    """Return the flow that makes the wish to add scopes to the sign-in kept at a destination.

    Nothing is asked of anybody, unless nobody remembers what was granted: then the refresh token
    is spent once, and the answer tells, most often also whose sign-in it is.

    Args:
        destination: whose credentials get more scopes, and where they go then.
        names: the scopes to add, full or short names.
        account: the e-mail address whose sign-in it is; None takes what is known of it.
        quota_project: instead of the one that the credentials name.
        emulator: an emulator's address; goes before GEMAUTH_EMULATOR and the remembered one.
        environ: the environment variables.

    Raises:
        UsageError: a scope is unknown or granted already, or what is there is no sign-in, another
            account's, or of a client that only Google may use.
        NotFoundError: nothing is there.
        DataError: it cannot be read.
        CredentialError: it is no longer accepted.
        UnreachableError: the token endpoint could not be asked.
    """
    more = google_scopes.canonical(google_scopes.expand(names))
    user = destination.read().credentials
    if not isinstance(user, AuthorizedUser):
        raise UsageError(
            f"{destination.path} holds {user.type} credentials; scopes are added to a person's.",
            next_step="Name a person's with --output, or sign in: "
            "gemauth login --client-id-file FILE",
        )
    known = grants.recall(environ, user.refresh_token) or grants.Grant()
    endpoints = _endpoints(user, emulator or environ.get(EMULATOR_VARIABLE) or known.emulator)
    email, earlier = user.account or known.account, known.scopes
    if not earlier:
        answer = yield from refresh(user, endpoints)
        email = email or email_in(answer, user.client_id, endpoints)
        earlier = google_scopes.canonical(answer.scopes)
    if account is not None and email and account.lower() != email.lower():
        raise UsageError(
            f"{destination.path} is the sign-in of {email}, not of {account}.",
            next_step=f"Leave --account out, or sign {account} in elsewhere: "
            "gemauth login --client-id-file FILE --output OTHER",
        )
    if set(more) <= set(earlier):
        named = ", ".join(map(google_scopes.short, more)) or "no scope"
        raise UsageError(
            f"There is nothing to add to what is granted already: {named}.",
            next_step="See what is granted: gemauth status",
        )
    client = ClientSecret(
        kind="installed",
        client_id=user.client_id,
        client_secret=user.client_secret,
        project_id=known.project,
        auth_uri=endpoints.authorization,
        token_uri=endpoints.token,
    )
    scopes = google_scopes.canonical((*earlier, *more))
    return Wish(
        SignIn(client, endpoints, scopes, account or email or None, adding=True),
        destination,
        quota_project or user.quota_project_id,
        earlier=earlier,
    )


def _endpoints(user: AuthorizedUser, address: str | None) -> Endpoints:
    endpoints = target({}, address)
    require_side(endpoints, emulated=of_user(user), what="The sign-in")
    return endpoints
