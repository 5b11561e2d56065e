"""The database's tables: a list of migrations, each run once and in order.

`PRAGMA user_version` counts those that ran.
A migration that has been released is never changed; a new one is appended. A test compares the
columns with `records.py`.
"""

from __future__ import annotations

__all__ = ["MIGRATIONS"]

MIGRATIONS: tuple[str, ...] = (
    """
CREATE TABLE account (
    sub TEXT NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    given_name TEXT NOT NULL,
    family_name TEXT NOT NULL,
    domain TEXT,
    created_at REAL NOT NULL,
    PRIMARY KEY (sub),
    UNIQUE (email)
) STRICT, WITHOUT ROWID;
CREATE TABLE google_group (
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (email)
) STRICT, WITHOUT ROWID;
CREATE TABLE group_member (
    group_email TEXT NOT NULL,
    member_email TEXT NOT NULL,
    PRIMARY KEY (group_email, member_email)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_member_by_member_email ON group_member (member_email);
CREATE TABLE project (
    project_id TEXT NOT NULL,
    number TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    organization TEXT,
    labels TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (project_id),
    UNIQUE (number)
) STRICT, WITHOUT ROWID;
CREATE TABLE enabled_service (
    project_id TEXT NOT NULL,
    service TEXT NOT NULL,
    PRIMARY KEY (project_id, service)
) STRICT, WITHOUT ROWID;
CREATE TABLE consent_screen (
    project_id TEXT NOT NULL,
    user_type TEXT NOT NULL,
    publishing_status TEXT NOT NULL,
    app_name TEXT NOT NULL,
    support_email TEXT NOT NULL,
    scopes TEXT NOT NULL,
    PRIMARY KEY (project_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE test_user (
    project_id TEXT NOT NULL,
    email TEXT NOT NULL,
    added_at REAL NOT NULL,
    removed_at REAL,
    PRIMARY KEY (project_id, email)
) STRICT, WITHOUT ROWID;
CREATE TABLE oauth_client (
    client_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    redirect_uris TEXT NOT NULL,
    state TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_client_by_project_id ON oauth_client (project_id);
CREATE TABLE client_secret (
    client_id TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (client_id, secret_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE browser_session (
    session_hash TEXT NOT NULL,
    subs TEXT NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (session_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE pending_authorization (
    handle_hash TEXT NOT NULL,
    session_hash TEXT NOT NULL,
    parameters TEXT NOT NULL,
    sub TEXT,
    warned INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (handle_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE oauth_grant (
    grant_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at REAL NOT NULL,
    revoked_at REAL,
    PRIMARY KEY (grant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX oauth_grant_by_sub_and_client_id ON oauth_grant (sub, client_id);
CREATE TABLE authorization_code (
    code_hash TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    client_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    scopes TEXT NOT NULL,
    code_challenge TEXT,
    code_challenge_method TEXT,
    nonce TEXT,
    offline INTEGER NOT NULL,
    consent_shown INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (code_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX authorization_code_by_expires_at ON authorization_code (expires_at);
CREATE TABLE spent_code (
    code_hash TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (code_hash)
) STRICT, WITHOUT ROWID;
CREATE TABLE refresh_token (
    token_hash TEXT NOT NULL,
    grant_id TEXT NOT NULL,
    sub TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    created_at REAL NOT NULL,
    last_used_at REAL NOT NULL,
    expires_at REAL,
    PRIMARY KEY (token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_token_by_sub_and_client_id ON refresh_token (sub, client_id);
CREATE INDEX refresh_token_by_grant_id ON refresh_token (grant_id);
CREATE TABLE access_token (
    token_hash TEXT NOT NULL,
    subject TEXT NOT NULL,
    grant_id TEXT,
    client_id TEXT,
    scopes TEXT NOT NULL,
    offline INTEGER NOT NULL,
    issued_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX access_token_by_grant_id ON access_token (grant_id);
CREATE INDEX access_token_by_expires_at ON access_token (expires_at);
CREATE TABLE signing_key (
    key_id TEXT NOT NULL,
    private_pem TEXT NOT NULL,
    certificate_pem TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (key_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE service_account (
    unique_id TEXT NOT NULL,
    project_id TEXT NOT NULL,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    deleted_at REAL,
    etag TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (unique_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_account_by_email ON service_account (email);
CREATE INDEX service_account_by_project_id ON service_account (project_id);
CREATE TABLE service_account_key (
    key_id TEXT NOT NULL,
    unique_id TEXT NOT NULL,
    certificate_pem TEXT NOT NULL,
    origin TEXT NOT NULL,
    type TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    valid_after REAL NOT NULL,
    valid_before REAL,
    private_pem TEXT,
    PRIMARY KEY (key_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX service_account_key_by_unique_id ON service_account_key (unique_id);
CREATE TABLE iam_policy (
    resource TEXT NOT NULL,
    bindings TEXT NOT NULL,
    etag TEXT NOT NULL,
    PRIMARY KEY (resource)
) STRICT, WITHOUT ROWID;
CREATE TABLE api_key (
    key_hash TEXT NOT NULL,
    uid TEXT NOT NULL,
    project_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    service_account_id TEXT,
    created_at REAL NOT NULL,
    PRIMARY KEY (key_hash),
    UNIQUE (uid)
) STRICT, WITHOUT ROWID;
CREATE TABLE tuned_model (
    name TEXT NOT NULL,
    project_number TEXT NOT NULL,
    resource TEXT NOT NULL,
    created_at REAL NOT NULL,
    updated_at REAL NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;
CREATE TABLE permission (
    parent TEXT NOT NULL,
    permission_id TEXT NOT NULL,
    grantee_type TEXT NOT NULL,
    email TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (parent, permission_id),
    UNIQUE (parent, grantee_type, email)
) STRICT, WITHOUT ROWID;
CREATE INDEX permission_by_email ON permission (email);
CREATE TABLE operation (
    name TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;
""",
    """
CREATE TABLE workload_pool (
    project_id TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    deleted_at REAL,
    created_at REAL NOT NULL,
    PRIMARY KEY (project_id, pool_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE workload_provider (
    project_id TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    display_name TEXT NOT NULL,
    description TEXT NOT NULL,
    disabled INTEGER NOT NULL,
    deleted_at REAL,
    issuer_uri TEXT NOT NULL,
    allowed_audiences TEXT NOT NULL,
    jwks_json TEXT,
    attribute_mapping TEXT NOT NULL,
    attribute_condition TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (project_id, pool_id, provider_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE federated_token (
    token_hash TEXT NOT NULL,
    project_id TEXT NOT NULL,
    pool_id TEXT NOT NULL,
    subject TEXT NOT NULL,
    groups TEXT NOT NULL,
    attributes TEXT NOT NULL,
    scopes TEXT NOT NULL,
    issued_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    PRIMARY KEY (token_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX federated_token_by_expires_at ON federated_token (expires_at);
""",
    """
CREATE TABLE metadata_server (
    name TEXT NOT NULL,
    project_id TEXT NOT NULL,
    service_account_id TEXT,
    scopes TEXT NOT NULL,
    platform TEXT NOT NULL,
    attributes TEXT NOT NULL,
    created_at REAL NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;
""",
)
