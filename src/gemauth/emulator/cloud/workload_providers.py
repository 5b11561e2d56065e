"""IAM v1, the OpenID Connect providers of workload identity pools (google-oauth.md 5.1).

Their tokens are exchanged by `authserver/token_exchange.py`. What deletion means is said in
`workload_pools`; a provider's end leaves the tokens good that it led to.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gemauth.emulator.cloud.paging import page
from gemauth.emulator.cloud.rpc import Arguments, invalid_argument
from gemauth.emulator.cloud.workload_fields import (
    OIDC_FIELDS,
    PROVIDER_FIELDS,
    masked,
    new_id,
    provider_columns,
)
from gemauth.emulator.cloud.workload_pools import (
    POOLS,
    check_alive,
    check_deleted,
    check_gone,
    chosen,
    done,
    expires,
    find_pool,
    present,
    present_members,
    rpcs,
)
from gemauth.emulator.iam import federation
from gemauth.emulator.iam.expression import ExpressionError
from gemauth.emulator.paging import Sizes, by_age
from gemauth.emulator.storage.records import Project, WorkloadPool, WorkloadProvider
from gemauth.google.workload_identity import PoolName, ProviderName

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.storage.store import Transaction

__all__ = ["RPCS"]

PAGE = Sizes(50, 100)
# GitHub, GitLab SaaS and Terraform Cloud: one issuer for all their customers.
_SHARED_ISSUERS = frozenset(
    {
        "https://token.actions.githubusercontent.com",
        "https://gitlab.com",
        "https://app.terraform.io",
    }
)
_CLAIM = re.compile(r"\b(assertion|attribute|google)\s*[.\[]")


def create_provider(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …/providers?workloadIdentityPoolProviderId=… ."""
    project, pool = find_pool(tx, arguments, "iam.workloadIdentityPoolProviders.create")
    check_alive(pool)
    provider = WorkloadProvider(
        project_id=project.project_id,
        pool_id=pool.pool_id,
        provider_id=new_id(arguments, "workloadIdentityPoolProviderId"),
        display_name="",
        description="",
        disabled=False,
        deleted_at=None,
        issuer_uri="",
        allowed_audiences=(),
        jwks_json=None,
        attribute_mapping={},
        attribute_condition="",
        created_at=arguments.now,
    )
    provider = _checked(replace(provider, **provider_columns(arguments.body)))
    former = tx.get(WorkloadProvider, *_key(provider))
    if former is not None:
        check_gone(former, arguments.now)
        tx.remove(WorkloadProvider, *_key(former))
    tx.add(provider)
    return _provider_done(tx, arguments, project, provider)


def get_provider(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET …/providers/{provider}."""
    return _shown_provider(*_provider(tx, arguments, "get"))


def list_providers(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """GET …/providers?showDeleted=true."""
    project, pool = find_pool(tx, arguments, "iam.workloadIdentityPoolProviders.list")
    providers = chosen(arguments, _providers(tx, pool))
    shown, more = page(arguments, providers, lambda p: by_age(p.created_at, p.provider_id), PAGE)
    listed = [_shown_provider(project, provider) for provider in shown]
    return ({"workloadIdentityPoolProviders": listed} if listed else {}) | more


def patch_provider(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """PATCH …/providers/{provider}?updateMask=… ."""
    project, provider = _provider(tx, arguments, "update")
    check_alive(provider)
    wanted = masked(arguments, PROVIDER_FIELDS | {f"oidc.{name}": name for name in OIDC_FIELDS})
    provider = _checked(replace(provider, **provider_columns(wanted)))
    return _provider_done(tx, arguments, project, provider)


def delete_provider(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """DELETE …/providers/{provider}: tokens that it led to stay good."""
    project, provider = _provider(tx, arguments, "delete")
    check_alive(provider)
    return _provider_done(tx, arguments, project, replace(provider, deleted_at=arguments.now))


def undelete_provider(tx: Transaction, arguments: Arguments) -> Mapping[str, Any]:
    """POST …/providers/{provider}:undelete."""
    project, provider = _provider(tx, arguments, "undelete")
    check_deleted(provider)
    return _provider_done(tx, arguments, project, replace(provider, deleted_at=None))


def _provider(tx: Transaction, arguments: Arguments, verb: str) -> tuple[Project, WorkloadProvider]:
    project, pool = find_pool(tx, arguments, f"iam.workloadIdentityPoolProviders.{verb}")
    name = arguments.path["provider"]
    provider = tx.get(WorkloadProvider, project.project_id, pool.pool_id, name)
    return project, present(provider, arguments.now)


def _providers(tx: Transaction, pool: WorkloadPool) -> list[WorkloadProvider]:
    return tx.find(WorkloadProvider, project_id=pool.project_id, pool_id=pool.pool_id)


def _key(provider: WorkloadProvider) -> tuple[str, str, str]:
    return provider.project_id, provider.pool_id, provider.provider_id


def _checked(provider: WorkloadProvider) -> WorkloadProvider:
    """Return a provider whose parts fit together.

    Raises:
        StatusError: INVALID_ARGUMENT.
    """
    if not provider.issuer_uri:
        raise invalid_argument("oidc.issuerUri is required.")
    try:
        federation.check(provider.attribute_mapping, provider.attribute_condition)
    except ExpressionError as error:
        raise invalid_argument(str(error)) from None
    if provider.issuer_uri.rstrip("/") in _SHARED_ISSUERS and not _CLAIM.search(
        provider.attribute_condition
    ):
        # github.com/chainguard-dev/terraform-infra-common, pull request 672. Which conditions
        # count as one that references a claim is our inference.
        raise invalid_argument(
            "The attribute condition must reference one of the provider's claims. For more "
            "information, see https://cloud.google.com/iam/docs/"
            "workload-identity-federation-with-deployment-pipelines#conditions"
        )
    return provider


def _shown_provider(project: Project, provider: WorkloadProvider) -> dict[str, Any]:
    name = ProviderName(PoolName(project.number, provider.pool_id), provider.provider_id)
    return present_members(
        name=str(name),
        displayName=provider.display_name,
        description=provider.description,
        state="ACTIVE" if provider.deleted_at is None else "DELETED",
        disabled=provider.disabled,
        attributeMapping=provider.attribute_mapping,
        attributeCondition=provider.attribute_condition,
        oidc=present_members(
            issuerUri=provider.issuer_uri,
            allowedAudiences=list(provider.allowed_audiences),
            jwksJson=provider.jwks_json,
        ),
        expireTime=expires(provider.deleted_at),
    )


def _provider_done(
    tx: Transaction, arguments: Arguments, project: Project, provider: WorkloadProvider
) -> Mapping[str, Any]:
    tx.replace(provider)
    return done(tx, arguments, "WorkloadIdentityPoolProvider", _shown_provider(project, provider))


RPCS = rpcs(
    f"{POOLS}/{{pool}}/providers",
    "WorkloadIdentityPoolProvider",
    {
        "create": create_provider,
        "list": list_providers,
        "undelete": undelete_provider,
        "get": get_provider,
        "update": patch_provider,
        "delete": delete_provider,
    },
)
