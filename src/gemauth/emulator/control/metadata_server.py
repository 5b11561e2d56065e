"""The machine that the metadata server stands for: which service account it has, with what scopes.

On Compute Engine both are chosen when the machine is made, and a program cannot ask for more: a
machine that was made with the default scopes gets 403 from the Gemini API (google-oauth.md 5.6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gemauth.emulator.control.document import invalid
from gemauth.emulator.control.endpoint import Answer, not_found
from gemauth.emulator.iam.projects import find_project
from gemauth.emulator.storage.records import MetadataServer, ServiceAccount
from gemauth.errors import UsageError
from gemauth.google import scopes as google_scopes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gemauth.emulator.control.document import Members
    from gemauth.emulator.control.endpoint import Call
    from gemauth.emulator.storage.store import Transaction

__all__ = [
    "PLATFORMS",
    "NewMetadata",
    "clear_metadata",
    "configure",
    "get_metadata",
    "set_metadata",
]

_NAME = "default"
# cloud.google.com/compute/docs/access/service-accounts#scopes_best_practice: without a choice a
# machine of Compute Engine gets these, and one of Cloud Run all of Google Cloud.
_DEFAULT_SCOPES = tuple(
    f"{google_scopes.PREFIX}{name}"
    for name in (
        "devstorage.read_only",
        "logging.write",
        "monitoring.write",
        "service.management.readonly",
        "servicecontrol",
        "trace.append",
    )
)
PLATFORMS: Mapping[str, tuple[str, ...]] = {
    "compute-engine": _DEFAULT_SCOPES,
    "cloud-run": (google_scopes.CLOUD_PLATFORM,),
}
"""Where the machine is, with the scopes that it has by default."""


@dataclass(frozen=True, slots=True)
class NewMetadata:
    """What is to be said of the machine."""

    service_account: str | None
    project: str | None
    scopes: tuple[str, ...]
    platform: str
    attributes: Mapping[str, str]

    @classmethod
    def read(cls, body: Members) -> NewMetadata:
        """Read `serviceAccount`, `project`, `scopes`, `platform` and `attributes`."""
        account = body.email("serviceAccount", default=None) or None
        project = body.optional("project")
        if account is None and project is None:
            body.wrong("serviceAccount", "is required, or a project for a machine without one")
        platform = body.choice("platform", PLATFORMS, default="compute-engine")
        names = body.texts("scopes")
        try:
            names = google_scopes.expand(names)
        except UsageError as error:
            body.wrong("scopes", str(error).replace("\n", " "))
        attributes = body.mapping("attributes")
        names_and_texts = attributes.items()
        if any(
            not name or "/" in name or not isinstance(text, str) for name, text in names_and_texts
        ):
            body.wrong("attributes", "must be texts, by names without a slash")
        return cls(account, project, names or PLATFORMS.get(platform, ()), platform, attributes)


def configure(tx: Transaction, now: float, wanted: NewMetadata) -> MetadataServer:
    """Make it so, in the place of what was.

    Raises:
        StatusError: INVALID_ARGUMENT for a service account or a project that does not exist.
    """
    account = None
    if wanted.service_account is not None:
        found = tx.find(ServiceAccount, email=wanted.service_account, deleted_at=None)
        if not found:
            raise invalid("serviceAccount", f"{wanted.service_account} does not exist")
        account = found[0]
    project_id = wanted.project or (account.project_id if account else "")
    project = find_project(tx, project_id)
    if project is None or project.state != "ACTIVE":
        raise invalid("project", f"{project_id} does not exist")
    server = MetadataServer(
        _NAME,
        project.project_id,
        account.unique_id if account else None,
        wanted.scopes if account else (),
        wanted.platform,
        wanted.attributes,
        now,
    )
    tx.remove(MetadataServer, _NAME)
    tx.add(server)
    return server


def set_metadata(tx: Transaction, call: Call) -> Answer:
    """Answer PUT."""
    wanted = NewMetadata.read(call.body)
    call.body.refuse_problems()
    return metadata_json(tx, configure(tx, call.now, wanted))


def get_metadata(tx: Transaction, _: Call) -> Answer:
    """Answer GET.

    Raises:
        StatusError: NOT_FOUND where nothing is set.
    """
    server = tx.get(MetadataServer, _NAME)
    if server is None:
        raise not_found(
            "The metadata server stands for no machine. Give it one: "
            "gemauth emulator metadata set SERVICE-ACCOUNT"
        )
    return metadata_json(tx, server)


def clear_metadata(tx: Transaction, _: Call) -> Answer:
    """Answer DELETE: there is no machine any more, and every path is 404."""
    tx.remove(MetadataServer, _NAME)
    return {}


def metadata_json(tx: Transaction, server: MetadataServer) -> Answer:
    """Return it as the control API shows it."""
    answer: Answer = {"project": server.project_id, "platform": server.platform}
    if server.service_account_id is not None:
        account = tx.get(ServiceAccount, server.service_account_id)
        answer["serviceAccount"] = "" if account is None else account.email
        answer["scopes"] = list(server.scopes)
    return answer | {"attributes": dict(server.attributes)}
