"""Every record that the emulator keeps: one frozen dataclass a table, the data model on a page.

`KEY` names the primary key's columns and `ORDER` the order in which `find` answers. Moments are
seconds since the Unix epoch. Secrets and tokens are kept as `…_hash` (`hashing.py`), never in
clear; the private keys here are the emulator's own, which it could not sign with otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping  # noqa: TC003  # `sqlite.py` reads the fields' types
from dataclasses import dataclass, field
from typing import Any, ClassVar

__all__ = [
    "RECORDS",
    "AccessToken",
    "Account",
    "ApiKey",
    "AuthorizationCode",
    "BrowserSession",
    "ClientSecretHash",
    "ConsentScreen",
    "EnabledService",
    "FederatedToken",
    "Grant",
    "Group",
    "GroupMember",
    "IamPolicy",
    "MetadataServer",
    "OAuthClient",
    "Operation",
    "PendingAuthorization",
    "Permission",
    "Project",
    "Record",
    "RefreshToken",
    "ServiceAccount",
    "ServiceAccountKey",
    "SigningKey",
    "SpentCode",
    "TestUser",
    "TunedModel",
    "WorkloadPool",
    "WorkloadProvider",
]


class Record:
    """What every record has: its table's name, key and order."""

    __slots__ = ()
    TABLE: ClassVar[str]
    KEY: ClassVar[tuple[str, ...]]
    ORDER: ClassVar[tuple[str, ...]]


# --- People -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Account(Record):
    """A person: `sub` is a 21-digit decimal, `domain` the Workspace domain or None."""

    TABLE = "account"
    KEY = ("sub",)
    ORDER = ("created_at", "sub")

    sub: str
    email: str
    name: str
    given_name: str
    family_name: str
    domain: str | None
    created_at: float


@dataclass(frozen=True, slots=True)
class Group(Record):
    """A Google group, known by its e-mail address."""

    TABLE = "google_group"
    KEY = ("email",)
    ORDER = ("email",)

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class GroupMember(Record):
    """One member (a person's, service account's or group's e-mail) of a group."""

    TABLE = "group_member"
    KEY = ("group_email", "member_email")
    ORDER = ("member_email",)

    group_email: str
    member_email: str


# --- Projects and their OAuth settings -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Project(Record):
    """A Cloud project; `number` is a 12-digit decimal kept as text, as JSON carries it."""

    TABLE = "project"
    KEY = ("project_id",)
    ORDER = ("created_at", "project_id")

    project_id: str
    number: str
    name: str
    state: str  # ACTIVE | DELETE_REQUESTED
    organization: str | None  # a Workspace domain
    labels: Mapping[str, Any]
    created_at: float


@dataclass(frozen=True, slots=True)
class EnabledService(Record):
    """An API that is switched on in a project."""

    TABLE = "enabled_service"
    KEY = ("project_id", "service")
    ORDER = ("service",)

    project_id: str
    service: str


@dataclass(frozen=True, slots=True)
class ConsentScreen(Record):
    """A project's OAuth consent screen; `scopes` are those declared on it."""

    TABLE = "consent_screen"
    KEY = ("project_id",)
    ORDER = ("project_id",)

    project_id: str
    user_type: str  # external | internal
    publishing_status: str  # testing | production
    app_name: str
    support_email: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TestUser(Record):
    """A tester of an External app in Testing; a removed one still counts towards the 100."""

    __test__ = False  # pytest collects classes named Test…
    TABLE = "test_user"
    KEY = ("project_id", "email")
    ORDER = ("added_at", "email")

    project_id: str
    email: str
    added_at: float
    removed_at: float | None


@dataclass(frozen=True, slots=True)
class OAuthClient(Record):
    """An OAuth client of a project."""

    TABLE = "oauth_client"
    KEY = ("client_id",)
    ORDER = ("created_at", "client_id")

    client_id: str
    project_id: str
    kind: str  # desktop | web | first_party
    name: str
    redirect_uris: tuple[str, ...]
    state: str  # active | disabled | deleted
    created_at: float


@dataclass(frozen=True, slots=True)
class ClientSecretHash(Record):
    """One of a client's secrets (two at most, section 3)."""

    TABLE = "client_secret"
    KEY = ("client_id", "secret_hash")
    ORDER = ("created_at",)

    client_id: str
    secret_hash: str
    created_at: float


# --- Signing in ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BrowserSession(Record):
    """A browser's cookie and the accounts that are signed in in it."""

    TABLE = "browser_session"
    KEY = ("session_hash",)
    ORDER = ("expires_at",)

    session_hash: str
    subs: tuple[str, ...]
    expires_at: float


@dataclass(frozen=True, slots=True)
class PendingAuthorization(Record):
    """An authorization request between its first page and its answer."""

    TABLE = "pending_authorization"
    KEY = ("handle_hash",)
    ORDER = ("expires_at",)

    handle_hash: str
    session_hash: str
    parameters: Mapping[str, Any]
    sub: str | None  # the account, once chosen
    warned: bool  # whether the unverified-app page was passed
    expires_at: float


@dataclass(frozen=True, slots=True)
class Grant(Record):
    """What a person has consented to for a client; its end ends every token below it."""

    TABLE = "oauth_grant"
    KEY = ("grant_id",)
    ORDER = ("created_at", "grant_id")

    grant_id: str
    sub: str
    client_id: str
    scopes: tuple[str, ...]
    created_at: float
    revoked_at: float | None


@dataclass(frozen=True, slots=True)
class AuthorizationCode(Record):
    """A code that waits to be exchanged; `take` spends it."""

    TABLE = "authorization_code"
    KEY = ("code_hash",)
    ORDER = ("expires_at",)

    code_hash: str
    grant_id: str
    sub: str
    client_id: str
    redirect_uri: str
    scopes: tuple[str, ...]
    code_challenge: str | None
    code_challenge_method: str | None
    nonce: str | None
    offline: bool  # access_type=offline
    consent_shown: bool  # Google gives a web app a refresh token only then (section 1.1)
    expires_at: float


@dataclass(frozen=True, slots=True)
class SpentCode(Record):
    """A code that was exchanged: its replay ends the grant (RFC 9700 section 2.1.1)."""

    TABLE = "spent_code"
    KEY = ("code_hash",)
    ORDER = ("expires_at",)

    code_hash: str
    grant_id: str
    expires_at: float


@dataclass(frozen=True, slots=True)
class RefreshToken(Record):
    """A refresh token; `expires_at` None has no fixed end."""

    TABLE = "refresh_token"
    KEY = ("token_hash",)
    ORDER = ("created_at", "token_hash")

    token_hash: str
    grant_id: str
    sub: str
    client_id: str
    scopes: tuple[str, ...]
    created_at: float
    last_used_at: float
    expires_at: float | None


@dataclass(frozen=True, slots=True)
class AccessToken(Record):
    """An access token of a person (with `grant_id`, `client_id`) or of a service account."""

    TABLE = "access_token"
    KEY = ("token_hash",)
    ORDER = ("issued_at", "token_hash")

    token_hash: str
    subject: str  # Account.sub or ServiceAccount.unique_id
    grant_id: str | None
    client_id: str | None
    scopes: tuple[str, ...]
    offline: bool
    issued_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class SigningKey(Record):
    """A key that signs id tokens, with the certificate that `oauth2/v1/certs` shows."""

    TABLE = "signing_key"
    KEY = ("key_id",)
    ORDER = ("created_at", "key_id")

    key_id: str
    private_pem: str = field(repr=False)
    certificate_pem: str
    created_at: float


# --- IAM -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ServiceAccount(Record):
    """A service account; `unique_id` is a 21-digit decimal."""

    TABLE = "service_account"
    KEY = ("unique_id",)
    ORDER = ("created_at", "unique_id")

    unique_id: str
    project_id: str
    email: str
    display_name: str
    description: str
    disabled: bool
    deleted_at: float | None
    etag: str
    created_at: float


@dataclass(frozen=True, slots=True)
class ServiceAccountKey(Record):
    """A service account's key: the public half only, unless the emulator itself signs with it."""

    TABLE = "service_account_key"
    KEY = ("key_id",)
    ORDER = ("valid_after", "key_id")

    key_id: str  # 40 hexadecimal digits
    unique_id: str
    certificate_pem: str
    origin: str  # GOOGLE_PROVIDED | USER_PROVIDED
    type: str  # USER_MANAGED | SYSTEM_MANAGED
    disabled: bool
    valid_after: float
    valid_before: float | None  # None is Google's 9999-12-31T23:59:59Z
    private_pem: str | None = field(repr=False)  # SYSTEM_MANAGED only


@dataclass(frozen=True, slots=True)
class IamPolicy(Record):
    """The IAM policy of `projects/P` or `projects/P/serviceAccounts/E`: role → members."""

    TABLE = "iam_policy"
    KEY = ("resource",)
    ORDER = ("resource",)

    resource: str
    bindings: Mapping[str, Any]  # role -> list of members such as user:a@example.com
    etag: str


@dataclass(frozen=True, slots=True)
class ApiKey(Record):
    """An API key: it names a project, and a principal where it is bound to a service account."""

    TABLE = "api_key"
    KEY = ("key_hash",)
    ORDER = ("created_at", "key_hash")

    key_hash: str
    uid: str
    project_id: str
    display_name: str
    service_account_id: str | None  # ServiceAccount.unique_id of an "auth key"
    created_at: float


# --- Workload identity federation ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WorkloadPool(Record):
    """A workload identity pool of a project; a deleted one can be restored for 30 days."""

    TABLE = "workload_pool"
    KEY = ("project_id", "pool_id")
    ORDER = ("created_at", "pool_id")

    project_id: str
    pool_id: str
    display_name: str
    description: str
    disabled: bool
    deleted_at: float | None
    created_at: float


@dataclass(frozen=True, slots=True)
class WorkloadProvider(Record):
    """An OpenID Connect provider of a pool: whose tokens it takes and what it reads in them."""

    TABLE = "workload_provider"
    KEY = ("project_id", "pool_id", "provider_id")
    ORDER = ("created_at", "provider_id")

    project_id: str
    pool_id: str
    provider_id: str
    display_name: str
    description: str
    disabled: bool
    deleted_at: float | None
    issuer_uri: str
    allowed_audiences: tuple[str, ...]  # none: the provider's own resource name
    jwks_json: str | None  # the issuer's public keys, RFC 7517
    attribute_mapping: Mapping[str, Any]  # google.subject, attribute.x -> expression
    attribute_condition: str  # expression, empty for none
    created_at: float


@dataclass(frozen=True, slots=True)
class FederatedToken(Record):
    """An access token of somebody whom a workload identity provider vouched for."""

    TABLE = "federated_token"
    KEY = ("token_hash",)
    ORDER = ("issued_at", "token_hash")

    token_hash: str
    project_id: str
    pool_id: str
    subject: str  # google.subject
    groups: tuple[str, ...]  # google.groups
    attributes: Mapping[str, Any]  # name (without `attribute.`) -> text
    scopes: tuple[str, ...]
    issued_at: float
    expires_at: float


@dataclass(frozen=True, slots=True)
class MetadataServer(Record):
    """What the metadata server says of the machine that it serves; there is one, or none."""

    TABLE = "metadata_server"
    KEY = ("name",)
    ORDER = ("name",)

    name: str  # "default"
    project_id: str
    service_account_id: str | None  # ServiceAccount.unique_id of the one that is attached
    scopes: tuple[str, ...]
    platform: str  # compute-engine | cloud-run
    attributes: Mapping[str, Any]  # text by name
    created_at: float


# --- The Gemini API's resources
# --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TunedModel(Record):
    """A tuned model: what its owner set, as the API's JSON, and the project that pays for it."""

    TABLE = "tuned_model"
    KEY = ("name",)
    ORDER = ("created_at", "name")

    name: str  # tunedModels/x
    project_number: str
    resource: Mapping[str, Any]
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True)
class Permission(Record):
    """One grantee's role on a resource; `email` is empty for EVERYONE and lower case otherwise."""

    TABLE = "permission"
    KEY = ("parent", "permission_id")
    ORDER = ("created_at", "permission_id")

    parent: str  # tunedModels/x
    permission_id: str  # lower-case letters and digits
    grantee_type: str  # USER | GROUP | EVERYONE
    email: str
    role: str  # OWNER | WRITER | READER
    created_at: float


@dataclass(frozen=True, slots=True)
class Operation(Record):
    """A long-running operation, as its JSON.

    Service Usage's and Resource Manager's are `operations/{id}`, a tuned model's are
    `tunedModels/{id}/operations/{id}`: the name tells whose it is.
    """

    TABLE = "operation"
    KEY = ("name",)
    ORDER = ("created_at", "name")

    name: str
    body: Mapping[str, Any]
    created_at: float


RECORDS: tuple[type[Record], ...] = (
    Account,
    Group,
    GroupMember,
    Project,
    EnabledService,
    ConsentScreen,
    TestUser,
    OAuthClient,
    ClientSecretHash,
    BrowserSession,
    PendingAuthorization,
    Grant,
    AuthorizationCode,
    SpentCode,
    RefreshToken,
    AccessToken,
    SigningKey,
    ServiceAccount,
    ServiceAccountKey,
    IamPolicy,
    MetadataServer,
    ApiKey,
    WorkloadPool,
    WorkloadProvider,
    FederatedToken,
    TunedModel,
    Permission,
    Operation,
)
