"""What one can do with service accounts and their keys: each operation is one flow.

google-oauth.md section 5.1. Driven by `flow.run` with a `Network`, or by `flow.arun` with an
`AsyncNetwork`; `cli/service_accounts/` does the former.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from gemauth.client.calls.paging import Page
from gemauth.client.service_accounts.calls import call
from gemauth.errors import Fault, UnreachableError, UsageError
from gemauth.google.iam import AccountKey, ServiceAccount

if TYPE_CHECKING:
    from gemauth.client.credentials import Credentials
    from gemauth.flow import Flow

__all__ = ["Keys", "ServiceAccounts", "resource_name"]

R = TypeVar("R", ServiceAccount, AccountKey)
_DOMAIN = ".iam.gserviceaccount.com"
_FULL = re.compile(r"projects/[^/\s]+/serviceAccounts/[^/\s]+")
_PART = re.compile(r"[^/:?#%\s]+")
_KEY_ID = re.compile(r"[0-9A-Za-z]+")


def resource_name(account: str, *, project: str | None = None, home: str | None = None) -> str:
    """Return a service account's resource name.

    Args:
        account: its e-mail address, its unique id, the part of the address before the @, or the
            resource name itself.
        project: the project that was named; it goes before the address' own.
        home: the project to look in where there is only the part before the @.

    Raises:
        UsageError: it is none of these, or there is no project to look in.
    """
    if _FULL.fullmatch(account):
        return account
    if not _PART.fullmatch(account):
        raise UsageError(
            f"{account!r} is no service account.",
            next_step="Name its e-mail address: gemauth service-accounts list",
        )
    if "@" in account:
        domain = account.partition("@")[2]
        own = domain.removesuffix(_DOMAIN)
        # A project of a domain (`example.com:p`) has its name the other way round there.
        known = own if domain.endswith(_DOMAIN) and "." not in own else "-"
        return f"projects/{project or known}/serviceAccounts/{account}"
    if account.isdecimal():
        return f"projects/{project or '-'}/serviceAccounts/{account}"
    if (inside := project or home) is None:
        raise UsageError(
            f"In which project is the service account {account}?",
            next_step="Name the whole e-mail address, or the project: --project PROJECT",
        )
    return f"projects/{inside}/serviceAccounts/{account}@{inside}{_DOMAIN}"


@dataclass(frozen=True, slots=True)
class ServiceAccounts:
    """The operations on service accounts of one identity.

    Every flow may raise what `calls.call` raises. `name` is a resource name (`resource_name`).
    """

    credentials: Credentials

    def create(
        self,
        project: str,
        account_id: str,
        *,
        display_name: str | None = None,
        description: str | None = None,
    ) -> Flow[ServiceAccount]:
        """Create one; the id becomes the first part of its e-mail address."""
        described = {"displayName": display_name, "description": description}
        body = {
            "accountId": account_id,
            "serviceAccount": {k: v for k, v in described.items() if v is not None},
        }
        path = f"projects/{_part(project)}/serviceAccounts"
        return _read(
            ServiceAccount,
            (yield from call(self.credentials, "POST", path, body=body, repeatable=False)),
        )

    def page(
        self, project: str, token: str = "", page_size: int = 100
    ) -> Flow[Page[ServiceAccount]]:
        """Return one page of a project's."""
        path = f"projects/{_part(project)}/serviceAccounts"
        query = {"pageSize": str(page_size), "pageToken": token or None}
        answer = yield from call(self.credentials, "GET", path, query=query)
        return Page(
            _read_all(ServiceAccount, answer, "accounts"), str(answer.get("nextPageToken", ""))
        )

    def list(self, project: str) -> Flow[tuple[ServiceAccount, ...]]:
        """Return all of a project's, page after page."""
        found: tuple[ServiceAccount, ...] = ()
        token = ""
        while True:
            page = yield from self.page(project, token)
            found += page.items
            token = page.next_token
            if not token:
                return found

    def get(self, name: str) -> Flow[ServiceAccount]:
        """Return one."""
        return _read(ServiceAccount, (yield from call(self.credentials, "GET", name)))

    def enable(self, name: str) -> Flow[None]:
        """Let it be used again."""
        yield from call(self.credentials, "POST", f"{name}:enable", body={})

    def disable(self, name: str) -> Flow[None]:
        """Refuse its keys and tokens until it is enabled again."""
        yield from call(self.credentials, "POST", f"{name}:disable", body={})

    def delete(self, name: str) -> Flow[None]:
        """Delete it; it can be restored for 30 days, by its unique id."""
        yield from call(self.credentials, "DELETE", name)


@dataclass(frozen=True, slots=True)
class Keys:
    """The operations on service accounts' keys of one identity.

    Every flow may raise what `calls.call` raises. `account` is an account's resource name, `key`
    a key's id or its resource name.
    """

    credentials: Credentials

    def create(self, account: str) -> Flow[AccountKey]:
        """Have Google make a key; the answer's `private_key_data` is never shown again."""
        body = {"privateKeyType": "TYPE_GOOGLE_CREDENTIALS_FILE"}
        return (yield from self._key("POST", f"{account}/keys", body))

    def upload(self, account: str, certificate: str) -> Flow[AccountKey]:
        """Make a key of an X.509 certificate (PEM), whose private half stays where it is."""
        body = {"publicKeyData": base64.b64encode(certificate.encode("ascii")).decode("ascii")}
        return (yield from self._key("POST", f"{account}/keys:upload", body))

    def list(self, account: str, kind: str | None = None) -> Flow[tuple[AccountKey, ...]]:
        """Return an account's keys; `kind` is USER_MANAGED, SYSTEM_MANAGED or None for both."""
        answer = yield from call(
            self.credentials, "GET", f"{account}/keys", query={"keyTypes": kind}
        )
        return _read_all(AccountKey, answer, "keys")

    def certificate(self, account: str, key: str) -> Flow[str]:
        """Return the certificate (PEM) of a key's public half; empty where the answer has none."""
        query = {"publicKeyType": "TYPE_X509_PEM_FILE"}
        answer = yield from call(self.credentials, "GET", _key_name(account, key), query=query)
        shown = AccountKey.from_json(answer)
        try:
            return base64.b64decode(shown.public_key_data).decode("ascii")
        except ValueError:
            return ""

    def enable(self, account: str, key: str) -> Flow[None]:
        """Accept what a key signs again."""
        yield from call(self.credentials, "POST", f"{_key_name(account, key)}:enable", body={})

    def disable(self, account: str, key: str) -> Flow[None]:
        """Refuse what a key signs until it is enabled again."""
        yield from call(self.credentials, "POST", f"{_key_name(account, key)}:disable", body={})

    def delete(self, account: str, key: str) -> Flow[None]:
        """Delete a key, for good."""
        yield from call(self.credentials, "DELETE", _key_name(account, key))

    def _key(self, verb: str, path: str, body: dict[str, Any]) -> Flow[AccountKey]:
        return _read(
            AccountKey, (yield from call(self.credentials, verb, path, body=body, repeatable=False))
        )


def _read(kind: type[R], value: object) -> R:
    """Return the account or key of an answer.

    Raises:
        UnreachableError: it holds none.
    """
    if isinstance(value, dict):
        found = kind.from_json(value)
        if found.name:
            return found
    raise UnreachableError(
        f"The server's answer holds no {kind.__name__}.",
        fault=Fault.SERVER,
        next_step="Check that the address is IAM's and that no proxy answers for it.",
    )


def _read_all(kind: type[R], answer: dict[str, Any], member: str) -> tuple[R, ...]:
    listed = answer.get(member, [])
    return tuple(_read(kind, one) for one in (listed if isinstance(listed, list) else [listed]))


def _part(text: str) -> str:
    """Return a part of a path, such as a project's id (`example.com:p` is one)."""
    if not _PART.fullmatch(text.replace(":", "", 1)):
        raise UsageError(f"{text!r} is no project.", next_step="Name its id: --project PROJECT")
    return text


def _key_name(account: str, key: str) -> str:
    key_id = key.removeprefix(f"{account}/keys/")
    if not _KEY_ID.fullmatch(key_id):
        raise UsageError(
            f"{key!r} is no key's id.",
            next_step="Take it from the list: gemauth service-accounts keys list "
            f"{account.rpartition('/')[2]}",
        )
    return f"{account}/keys/{key_id}"
