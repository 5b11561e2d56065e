"""A whole emulator in one document: what must be there afterwards, whatever was there before.

    {"accounts": [{"email": "ada@example.com", "name": "Ada Lovelace", "workspace": true}],
     "groups": [{"email": "team@example.com", "members": ["ada@example.com"]}],
     "projects": [{
       "projectId": "my-project", "owner": "ada@example.com",
       "services": ["generativelanguage.googleapis.com"],
       "consentScreen": {"appName": "Demo", "supportEmail": "ada@example.com"},
       "testUsers": ["ada@example.com"],
       "clients": [{"kind": "desktop", "name": "cli"}],
       "iam": [{"role": "roles/viewer", "member": "group:team@example.com"}],
       "apiKeys": [{"displayName": "ci"}]}],
     "tunedModels": [{"id": "my-model", "owner": "ada@example.com", "project": "my-project",
                      "resource": {"displayName": "My model"}}]}

Applied twice it changes nothing the second time; what it does not name stays. It is read to the end
before anything is written, and written in one transaction: all of it or nothing. Accounts,
projects and tuned models are known by their names; a project's clients and API keys by theirs.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gemauth.emulator.accounts import people
from gemauth.emulator.control import (
    accounts,
    api_keys,
    clients,
    consent_screens,
    projects,
    tuned_models,
)
from gemauth.emulator.control.accounts import NewAccount, NewGroup
from gemauth.emulator.iam.projects import enable_service
from gemauth.emulator.storage.records import (
    ApiKey,
    Group,
    OAuthClient,
    Project,
    TunedModel,
)
from gemauth.google.status import Status, StatusError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gemauth.emulator.context import Entropy
    from gemauth.emulator.control.document import Members
    from gemauth.emulator.control.endpoint import Answer
    from gemauth.emulator.storage.store import Transaction

__all__ = ["Seed", "apply"]


@dataclass(frozen=True, slots=True)
class ProjectSeed:
    """A project and everything in it; lists hold the path of each part beside it."""

    path: str
    project: projects.NewProject
    services: tuple[str, ...]
    consent_screen: consent_screens.NewConsentScreen | None
    test_users: tuple[str, ...]
    clients: tuple[tuple[str, clients.NewClient], ...]
    bindings: tuple[tuple[str, projects.Binding], ...]
    api_keys: tuple[tuple[str, api_keys.NewApiKey], ...]

    @classmethod
    def read(cls, body: Members) -> ProjectSeed:
        """Read a project's members and the parts below it."""
        screen = body.member("consentScreen")
        seed = cls(
            path=body.path,
            project=projects.NewProject.read(body),
            services=_services(body),
            consent_screen=None
            if screen is None
            else consent_screens.NewConsentScreen.read(screen),
            test_users=body.emails("testUsers"),
            clients=tuple(
                (part.path, clients.NewClient.read(part, fixed=True))
                for part in _parts(body, "clients")
            ),
            bindings=tuple(
                (part.path, projects.Binding.read(part)) for part in _parts(body, "iam")
            ),
            api_keys=tuple(
                (part.path, api_keys.NewApiKey.read(part, fixed=True))
                for part in _parts(body, "apiKeys")
            ),
        )
        if screen is not None:
            screen.end()
        return seed


@dataclass(frozen=True, slots=True)
class Seed:
    """A document that has been read."""

    accounts: tuple[tuple[str, NewAccount], ...]
    groups: tuple[tuple[str, NewGroup], ...]
    projects: tuple[ProjectSeed, ...]
    tuned_models: tuple[tuple[str, tuned_models.NewTunedModel], ...]

    @classmethod
    def read(cls, body: Members) -> Seed:
        """Read a document to its end.

        Raises:
            StatusError: INVALID_ARGUMENT with every problem and its path.
        """
        seed = cls(
            accounts=tuple((part.path, NewAccount.read(part)) for part in _parts(body, "accounts")),
            groups=tuple((part.path, NewGroup.read(part)) for part in _parts(body, "groups")),
            projects=tuple(ProjectSeed.read(part) for part in _parts(body, "projects")),
            tuned_models=tuple(
                (part.path, tuned_models.NewTunedModel.read(part))
                for part in _parts(body, "tunedModels")
            ),
        )
        body.refuse_problems()
        return seed


@dataclass(slots=True)
class _Outcome:
    """What applying a seed did: names of what is new, and the secrets that are shown once."""

    created: list[str] = field(default_factory=list)
    clients: list[Answer] = field(default_factory=list)
    api_keys: list[Answer] = field(default_factory=list)


def apply(tx: Transaction, now: float, entropy: Entropy, base: str, seed: Seed) -> Answer:
    """Make what a seed declares; return what was created, new clients' files and new keys.

    Raises:
        StatusError: a part is impossible as things stand; its path stands first.
    """
    outcome = _Outcome()
    for path, account in seed.accounts:
        with _at(path):
            _apply_account(tx, now, entropy, account, outcome)
    for path, group in seed.groups:
        with _at(path):
            _apply_group(tx, group, outcome)
    for project in seed.projects:
        _apply_project(tx, now, entropy, base, project, outcome)
    for path, model in seed.tuned_models:
        with _at(path):
            found = tx.get(TunedModel, f"tunedModels/{model.model_id}")
            if found is None:
                outcome.created.append(tuned_models.create(tx, now, entropy, model).name)
            else:
                tuned_models.update(tx, now, found, model)
    return {
        "created": outcome.created,
        "clients": outcome.clients,
        "apiKeys": outcome.api_keys,
    }


def _apply_account(
    tx: Transaction, now: float, entropy: Entropy, wanted: NewAccount, outcome: _Outcome
) -> None:
    account = people.by_email(tx, wanted.email)
    if account is None:
        accounts.create_account(tx, now, entropy, wanted)
        outcome.created.append(f"accounts/{wanted.email}")
    else:
        accounts.update_account(tx, account, wanted)


def _apply_group(tx: Transaction, wanted: NewGroup, outcome: _Outcome) -> None:
    group = tx.get(Group, wanted.email)
    if group is None:
        accounts.create_group(tx, wanted)
        outcome.created.append(f"groups/{wanted.email}")
        return
    for member in wanted.members:
        accounts.add_member(tx, group, member)


def _apply_project(
    tx: Transaction, now: float, entropy: Entropy, base: str, seed: ProjectSeed, outcome: _Outcome
) -> None:
    with _at(seed.path):
        if tx.get(Project, seed.project.project_id) is None:
            project = projects.create(tx, now, entropy, seed.project)
            outcome.created.append(f"projects/{project.project_id}")
        else:
            project = projects.find(tx, seed.project.project_id)
            project = projects.update(tx, project, seed.project)
        for service in seed.services:
            enable_service(tx, project, service)
    with _at(f"{seed.path}.consentScreen"):
        if seed.consent_screen is not None:
            consent_screens.configure(tx, project, seed.consent_screen)
    for index, email in enumerate(seed.test_users):
        with _at(f"{seed.path}.testUsers[{index}]"):
            consent_screens.add_test_user(tx, now, project, email)
    for path, client in seed.clients:
        with _at(path):
            _apply_client(tx, now, entropy, base, project, client, outcome)
    for path, binding in seed.bindings:
        with _at(path):
            projects.bind(tx, project, binding)
    for path, key in seed.api_keys:
        with _at(path):
            _apply_api_key(tx, now, entropy, project, key, outcome)


def _apply_client(
    tx: Transaction,
    now: float,
    entropy: Entropy,
    base: str,
    project: Project,
    wanted: clients.NewClient,
    outcome: _Outcome,
) -> None:
    for client in tx.find(OAuthClient, project_id=project.project_id, name=wanted.name):
        if client.state != "deleted":
            clients.update(tx, now, client, wanted)
            return
    client, secret = clients.create(tx, now, entropy, project, wanted)
    outcome.created.append(f"projects/{project.project_id}/clients/{client.client_id}")
    outcome.clients.append(
        clients.client_json(tx, client) | clients.file_json(client, secret, base)
    )


def _apply_api_key(
    tx: Transaction,
    now: float,
    entropy: Entropy,
    project: Project,
    wanted: api_keys.NewApiKey,
    outcome: _Outcome,
) -> None:
    if tx.find(ApiKey, project_id=project.project_id, display_name=wanted.display_name):
        return
    record, key = api_keys.create(tx, now, entropy, project, wanted)
    outcome.created.append(f"projects/{project.project_id}/apiKeys/{record.uid}")
    outcome.api_keys.append(api_keys.api_key_json(tx, record) | {"key": key})


def _services(body: Members) -> tuple[str, ...]:
    names = []
    for index, text in enumerate(body.texts("services")):
        try:
            names.append(projects.service_name(text))
        except StatusError:
            body.wrong(f"services[{index}]", "must be like generativelanguage.googleapis.com")
    return tuple(names)


def _parts(body: Members, name: str) -> Iterator[Members]:
    """Yield the parts of a list; what the caller has not read of one is unknown."""
    for part in body.objects(name):
        yield part
        part.end()


@contextmanager
def _at(path: str) -> Iterator[None]:
    """Put a part's path in front of a refusal."""
    try:
        yield
    except StatusError as error:
        status = error.status
        text = f"{path}: {status.message}"
        raise StatusError(Status(status.code, text, status.details)) from error
