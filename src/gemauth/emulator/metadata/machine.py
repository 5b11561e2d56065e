"""What the emulated machine says of itself, as a tree; there is none until one is set.

Google's names and forms from google-oauth.md 5.6; the machine's own name, id and zone are made up.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.emulator.metadata.tree import Directory, Made, Node
from gemauth.emulator.storage.records import MetadataServer, Project, ServiceAccount

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["Machine", "running"]

_NAME = "gemauth-emulator"
_ZONE = "us-central1-a"
_UNIVERSE = "googleapis.com"


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine that there is.

    Args:
        server: what was set.
        project: in which it runs.
        account: the service account that is attached, if it is there and enabled.
    """

    server: MetadataServer
    project: Project
    account: ServiceAccount | None

    @property
    def instance_id(self) -> int:
        """A number of 19 digits, the same as long as the project is."""
        return 10**18 + zlib.crc32(self.project.project_id.encode())

    @property
    def zone(self) -> str:
        """As the identity token names it."""
        return _ZONE

    @property
    def name(self) -> str:
        """The instance's name."""
        return _NAME

    def tree(self) -> Directory:
        """Return everything that can be asked for."""
        project_id, number = self.project.project_id, self.project.number
        instance: dict[str, Node] = {
            "attributes": Directory(dict(self.server.attributes), verbatim=True),
            "hostname": f"{_NAME}.{_ZONE}.c.{project_id}.internal",
            "id": self.instance_id,
            "name": _NAME,
            "service-accounts": self._accounts(),
            "zone": f"projects/{number}/zones/{_ZONE}",
        }
        project: dict[str, Node] = {
            "attributes": Directory({}, verbatim=True),
            "numeric-project-id": int(number),
            "project-id": project_id,
        }
        universe = {"universe-domain": _UNIVERSE, "universe_domain": _UNIVERSE}
        version = {
            "instance": Directory(instance),
            "project": Directory(project),
            "universe": Directory(universe),
        }
        return Directory({"computeMetadata": Directory({"v1": Directory(version)})})

    def _accounts(self) -> Directory:
        """Return the attached account under both its names; empty without one (inferred)."""
        if self.account is None:
            return Directory({}, verbatim=True)
        account = Directory(
            {
                "aliases": ("default",),
                "email": self.account.email,
                "identity": Made.IDENTITY,
                "scopes": self.server.scopes,
                "token": Made.TOKEN,
            }
        )
        return Directory({"default": account, self.account.email: account}, verbatim=True)


def running(tx: Transaction) -> Machine | None:
    """Return the machine that there is; None where none was set, or its project is gone."""
    for server in tx.find(MetadataServer):
        project = tx.get(Project, server.project_id)
        if project is None or project.state != "ACTIVE":
            return None
        account = None
        if server.service_account_id is not None:
            account = tx.get(ServiceAccount, server.service_account_id)
        # What Google's answers for a disabled or deleted account is unknown; here it is not there.
        if account is not None and (account.disabled or account.deleted_at is not None):
            account = None
        return Machine(server, project, account)
    return None
