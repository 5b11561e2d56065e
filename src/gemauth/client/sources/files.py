"""From a credential file, or a machine, to credentials: one function for each kind there is.

google-oauth.md 6.3. A file is no authority on where its secrets go (section 8): its URLs only say
on which side it belongs, Google's or an emulator's (`client/target.py`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gemauth.client.cache import grants
from gemauth.client.cache.places import option
from gemauth.client.credentials import Credentials
from gemauth.client.sources.cached import Remembered
from gemauth.client.sources.user import Refreshing
from gemauth.client.target import (
    EMULATOR_VARIABLE,
    of_external_account,
    of_external_user,
    of_federation,
    of_key,
    of_user,
    require_side,
    target,
)
from gemauth.errors import CredentialError, UsageError
from gemauth.google import credentials as kinds  # each loaded when it is first named
from gemauth.google.endpoints import emulator, loopback_base

if TYPE_CHECKING:
    from gemauth.client.cache.adc import CredentialFile
    from gemauth.client.sources.wanted import Wanted
    from gemauth.google.credentials import (
        AuthorizedUser,
        ExternalAccount,
        ExternalAccountAuthorizedUser,
        ImpersonatedServiceAccount,
        ServiceAccountKey,
    )
    from gemauth.google.endpoints import Endpoints

__all__ = ["acting", "credentials", "of_machine"]


def credentials(file: CredentialFile, wanted: Wanted) -> Credentials:
    """Return the credentials of a file, or those of the account that they are to act as.

    Raises:
        UsageError: the type is one that gemauth cannot use, needs google-auth where that is not
            installed, leads to servers that are not Google's, or does not fit what is wanted.
        CredentialError: it belongs to the other side (real, emulator).
    """
    kept = file.credentials
    if not isinstance(kept, kinds.ServiceAccountKey) and (wanted.subject or wanted.self_signed):
        raise UsageError(
            f"{file.path} holds {kept.type} credentials; "
            f"{'--subject' if wanted.subject else '--self-signed'} takes a service account's key.",
            next_step="Name a key: --credentials key.json",
        )
    if isinstance(kept, kinds.AuthorizedUser):
        found = _of_user(file, kept, wanted)
    elif isinstance(kept, kinds.ServiceAccountKey):
        found = _of_key(file, kept, wanted)
    elif isinstance(kept, kinds.ImpersonatedServiceAccount):
        found = _of_impersonated(file, kept, wanted)
    elif isinstance(kept, kinds.ExternalAccountAuthorizedUser):
        found = _of_external_user(file, kept, wanted)
    elif isinstance(kept, kinds.ExternalAccount):
        found = _of_external_account(file, kept, wanted)
    else:
        raise UsageError(
            f"{file.path} holds {kept.type} credentials, which gemauth cannot use.",
            next_step="Use a service account's key, or sign in: "
            "gemauth login --client-id-file FILE",
        )
    return acting(found, wanted, file.raw)


def of_machine(host: str, endpoints: Endpoints, wanted: Wanted) -> Credentials:
    """Return the credentials of a machine's service account, asked for at its metadata server.

    Raises:
        UsageError: what is wanted takes a key.
    """
    if wanted.subject or wanted.self_signed:
        raise UsageError(
            "A machine has no key to act as a person with, or to sign tokens by itself.",
            next_step="Name a service account's key: --credentials key.json",
        )
    from gemauth.client.sources import metadata

    scopes = wanted.machines()
    found = Credentials(
        kind="metadata",
        source=Remembered(metadata.Metadata(host, scopes)),
        endpoints=endpoints,
        quota_project=wanted.quota_project,
        scopes=scopes,
    )
    return acting(found, wanted, None)


def _of_user(file: CredentialFile, user: AuthorizedUser, wanted: Wanted) -> Credentials:
    known = grants.recall(wanted.environ, user.refresh_token) or grants.Grant()
    endpoints = wanted.endpoints or target({})
    try:
        require_side(endpoints, emulated=of_user(user), what=f"The sign-in in {file.path}")
    except CredentialError as error:
        if known.emulator is None or endpoints.is_emulator:
            raise
        raise CredentialError(
            error.message,
            next_step=f"Set {EMULATOR_VARIABLE}={known.emulator}, where it came from, "
            "or sign in at Google: gemauth login --client-id-file FILE",
        ) from None
    base = replace(wanted, scopes=wanted.narrowed, acting=None)
    where = option(wanted.environ, str(file.path.absolute()))
    return Credentials(
        kind="authorized_user",
        source=base.kept(
            Refreshing(user, endpoints, wanted.narrowed, known.scopes, known.refresh_until, where),
            file.raw,
            endpoints,
        ),
        endpoints=endpoints,
        account=user.account or known.account,
        quota_project=wanted.quota_project or user.quota_project_id,
        project=known.project,
        path=None if file.pointer else str(file.path),  # a pointer leads nobody else to them
        scopes=wanted.narrowed or known.scopes,
        refresh_until=known.refresh_until,
        where=where,
    )


def _of_key(file: CredentialFile, key: ServiceAccountKey, wanted: Wanted) -> Credentials:
    from gemauth.client.rsa_keys import notes
    from gemauth.client.sources.service_account import Exchanged, SelfSigned

    # An emulator's key says where its emulator is, and only that can take it.
    endpoints = _where(wanted, key.token_uri)
    require_side(endpoints, emulated=of_key(key), what=f"The key in {file.path}")
    scopes = wanted.machines()
    base = wanted if wanted.acting is None else replace(wanted, scopes=scopes, acting=None)
    if wanted.self_signed:
        scopes = wanted.scopes or ()
        signing = SelfSigned(key, endpoints, scopes, notes=notes(wanted.environ))
        source = base.kept(signing, file.raw, endpoints, "self-signed")
    else:
        known = notes(wanted.environ)
        exchanged = Exchanged(key, endpoints, scopes, subject=wanted.subject, notes=known)
        how = f"subject {wanted.subject}" if wanted.subject else ""
        source = base.kept(exchanged, file.raw, endpoints, how)
    plain = not (wanted.self_signed or wanted.subject)
    return Credentials(
        kind="service_account",
        source=source,
        endpoints=endpoints,
        account=wanted.subject or key.client_email,
        quota_project=wanted.quota_project,
        project=key.project_id,
        path=str(file.path) if plain else None,
        scopes=scopes,
    )


def _of_impersonated(
    file: CredentialFile, kept: ImpersonatedServiceAccount, wanted: Wanted
) -> Credentials:
    from gemauth.client.sources.impersonated import Impersonated  # loads what calls an API

    of_federation(kept.service_account_impersonation_url)
    asking = kept.source_credentials
    urls = [kept.service_account_impersonation_url]
    urls += [asking.token_uri] if isinstance(asking, kinds.ServiceAccountKey) else []
    urls += [asking.token_url] if isinstance(asking, kinds.ExternalAccountAuthorizedUser) else []
    endpoints = _where(wanted, *urls)
    # The source as a file of its own: what it needs to ask IAM, and the quota project that is its.
    # Its token is remembered, not stored: the one that is made with it is.
    inner = replace(file, credentials=asking)
    asker = replace(
        wanted,
        scopes=None,
        quota_project=None,
        endpoints=endpoints,
        environ={},
        acting=((), kept.principal),
    )
    match asking:
        case kinds.AuthorizedUser() as user:
            base = _of_user(inner, user, asker)
        case kinds.ServiceAccountKey() as key:
            base = _of_key(inner, key, asker)
        case kinds.ExternalAccountAuthorizedUser() as outsider:
            base = _of_external_user(inner, outsider, asker)
    scopes = wanted.machines(kept.scopes)
    keep = wanted if wanted.acting is None else replace(wanted, scopes=scopes, acting=None)
    source = Impersonated(base, kept.principal, scopes, delegates=kept.delegates)
    return Credentials(
        kind="impersonated_service_account",
        source=keep.kept(source, file.raw, endpoints),
        endpoints=endpoints,
        account=kept.principal,
        quota_project=wanted.quota_project or kept.quota_project_id,
        path=str(file.path),
        scopes=scopes,
    )


def _of_external_user(
    file: CredentialFile, user: ExternalAccountAuthorizedUser, wanted: Wanted
) -> Credentials:
    from gemauth.client.sources.external_user import ExternalRefreshing

    endpoints = _where(wanted, user.token_url)
    what = f"The sign-in in {file.path}"
    require_side(endpoints, emulated=of_external_user(user), what=what)
    moved = replace(user, token_url=_moved(user.token_url, endpoints))
    base = replace(wanted, scopes=None, acting=None)
    return Credentials(
        kind="external_account_authorized_user",
        source=base.kept(ExternalRefreshing(moved, endpoints), file.raw, endpoints),
        endpoints=endpoints,
        quota_project=wanted.quota_project or user.quota_project_id,
        path=str(file.path),
    )


def _of_external_account(
    file: CredentialFile, account: ExternalAccount, wanted: Wanted
) -> Credentials:
    from gemauth.client.sources.external import External

    endpoints = _where(wanted, account.token_url)
    what = f"The configuration in {file.path}"
    require_side(endpoints, emulated=of_external_account(account), what=what)
    acts_as = account.service_account_impersonation_url
    moved = replace(
        account,
        token_url=_moved(account.token_url, endpoints),
        token_info_url=None,
        service_account_impersonation_url=None if acts_as is None else _moved(acts_as, endpoints),
    )
    scopes = wanted.machines()
    base = wanted if wanted.acting is None else replace(wanted, scopes=scopes, acting=None)
    source = External(moved, endpoints, scopes, wanted.environ)
    return Credentials(
        kind="external_account",
        source=base.kept(source, file.raw, endpoints),
        endpoints=endpoints,
        account=account.principal,
        quota_project=wanted.quota_project or account.quota_project_id,
        path=str(file.path),
        scopes=scopes,
    )


def acting(base: Credentials, wanted: Wanted, credential: bytes | None) -> Credentials:
    """Return the credentials of the account that these are to act as, or these.

    The quota project of who asks stays theirs: the account's calls count against its own, as with
    google-auth's `impersonated_credentials`, unless one is asked for.

    Args:
        base: who asks.
        wanted: says whom to act as.
        credential: the bytes that the token on disk belongs to; None keeps none there.
    """
    if wanted.acting is None:
        return base
    from gemauth.client.sources.impersonated import LIFETIME, Impersonated

    delegates, account = wanted.acting
    scopes = replace(wanted, acting=None).machines()
    lifetime = wanted.lifetime or LIFETIME
    source = Impersonated(base, account, scopes, delegates=delegates, lifetime=lifetime)
    how = f"as {','.join((*delegates, account))}"
    if lifetime != LIFETIME:
        how += f" for {lifetime} s"
    return Credentials(
        kind="impersonated_service_account",
        source=Remembered(source)
        if credential is None
        else wanted.kept(source, credential, base.endpoints, how),
        endpoints=base.endpoints,
        account=account,
        quota_project=wanted.quota_project,
        scopes=scopes,
    )


def _where(wanted: Wanted, *urls: str) -> Endpoints:
    """Return where calls go: as wanted, else to an emulator that the file names, else to Google."""
    bases = [base for base in map(loopback_base, urls) if base is not None]
    return wanted.endpoints or (emulator(bases[0]) if bases else target({}))


def _moved(url: str, endpoints: Endpoints) -> str:
    """Return an emulator's URL at the address that was asked for; Google's stays as it is."""
    base = loopback_base(url)
    return url if base is None else f"{endpoints.gemini}{url.removeprefix(base)}"
