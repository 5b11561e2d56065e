"""The Cloud APIs' routes; `:verb` paths stand before the plain ones that would match them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.cloud import (
    iam_credentials,
    keys,
    operations,
    resource_manager,
    service_accounts,
    service_usage,
    workload_pools,
    workload_providers,
)

if TYPE_CHECKING:
    from starlette.routing import BaseRoute

    from gemauth.emulator.context import Context

__all__ = ["routes"]


def routes(context: Context) -> list[BaseRoute]:
    """Return the routes of IAM and its credentials, Service Usage and Resource Manager."""
    rpcs = (
        *iam_credentials.RPCS,
        *keys.RPCS,
        *operations.RPCS,
        *service_accounts.RPCS,
        *service_usage.RPCS,
        *resource_manager.RPCS,
        *workload_providers.RPCS,
        *workload_pools.RPCS,
    )
    return [
        *(rpc.route(context) for rpc in rpcs),
        *iam_credentials.allowed_locations(context),
    ]
