"""The control API's methods, in one list: routes and docs/control-api.md are both made from it.

Each line reads what the path and the body name, calls one decision, and shows the outcome.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.emulator.accounts import people
from gemauth.emulator.control import (
    accounts,
    api_keys,
    certificate,
    clients,
    consent_screens,
    credentials,
    grants,
    metadata_server,
    projects,
    seed,
    status,
    tuned_models,
)
from gemauth.emulator.control.document import invalid
from gemauth.emulator.control.endpoint import Answer, Call, Endpoint
from gemauth.emulator.iam.projects import enable_service
from gemauth.emulator.storage.records import (
    Account,
    ApiKey,
    Group,
    OAuthClient,
    Project,
    TunedModel,
)

if TYPE_CHECKING:
    from gemauth.emulator.storage.store import Transaction

__all__ = ["METHODS"]


def _list_requests(_: Transaction, call: Call) -> Answer:
    return {"requests": [entry.to_json() for entry in call.context.ledger.after()]}


def _apply_seed(tx: Transaction, call: Call) -> Answer:
    return seed.apply(tx, call.now, call.entropy, call.base, seed.Seed.read(call.body))


def _create_account(tx: Transaction, call: Call) -> Answer:
    wanted = accounts.NewAccount.read(call.body)
    call.body.refuse_problems()
    return accounts.account_json(accounts.create_account(tx, call.now, call.entropy, wanted))


def _list_accounts(tx: Transaction, _: Call) -> Answer:
    return {"accounts": [accounts.account_json(account) for account in tx.find(Account)]}


def _get_account(tx: Transaction, call: Call) -> Answer:
    return accounts.account_json(accounts.find_account(tx, call.path["email"]))


def _delete_account(tx: Transaction, call: Call) -> Answer:
    return accounts.delete_account(tx, call.path["email"])


def _create_group(tx: Transaction, call: Call) -> Answer:
    wanted = accounts.NewGroup.read(call.body)
    call.body.refuse_problems()
    return accounts.group_json(tx, accounts.create_group(tx, wanted))


def _list_groups(tx: Transaction, _: Call) -> Answer:
    return {"groups": [accounts.group_json(tx, group) for group in tx.find(Group)]}


def _get_group(tx: Transaction, call: Call) -> Answer:
    return accounts.group_json(tx, accounts.find_group(tx, call.path["email"]))


def _delete_group(tx: Transaction, call: Call) -> Answer:
    return accounts.delete_group(tx, accounts.find_group(tx, call.path["email"]))


def _add_member(tx: Transaction, call: Call) -> Answer:
    group = accounts.find_group(tx, call.path["email"])
    accounts.add_member(tx, group, _email(call, "member"))
    return accounts.group_json(tx, group)


def _remove_member(tx: Transaction, call: Call) -> Answer:
    group = accounts.find_group(tx, call.path["email"])
    return accounts.remove_member(tx, group, call.path["member"])


def _create_project(tx: Transaction, call: Call) -> Answer:
    wanted = projects.NewProject.read(call.body)
    call.body.refuse_problems()
    return projects.project_json(projects.create(tx, call.now, call.entropy, wanted))


def _list_projects(tx: Transaction, _: Call) -> Answer:
    return {"projects": [projects.project_json(project) for project in projects.everyones(tx)]}


def _get_project(tx: Transaction, call: Call) -> Answer:
    return projects.project_json(_project(tx, call, active=False))


def _delete_project(tx: Transaction, call: Call) -> Answer:
    return projects.delete(tx, _project(tx, call))


def _list_services(tx: Transaction, call: Call) -> Answer:
    return projects.services_json(tx, _project(tx, call, active=False))


def _enable_service(tx: Transaction, call: Call) -> Answer:
    project = _project(tx, call)
    enable_service(tx, project, projects.service_name(call.path["service"]))
    return projects.services_json(tx, project)


def _disable_service(tx: Transaction, call: Call) -> Answer:
    service = projects.service_name(call.path["service"])
    return projects.disable_service(tx, _project(tx, call), service)


def _get_consent_screen(tx: Transaction, call: Call) -> Answer:
    project = _project(tx, call, active=False)
    return consent_screens.consent_screen_json(consent_screens.find_consent_screen(tx, project))


def _set_consent_screen(tx: Transaction, call: Call) -> Answer:
    wanted = consent_screens.NewConsentScreen.read(call.body)
    call.body.refuse_problems()
    screen = consent_screens.configure(tx, _project(tx, call), wanted)
    return consent_screens.consent_screen_json(screen)


def _list_test_users(tx: Transaction, call: Call) -> Answer:
    return consent_screens.test_users_json(tx, _project(tx, call, active=False))


def _add_test_user(tx: Transaction, call: Call) -> Answer:
    project = _project(tx, call)
    consent_screens.add_test_user(tx, call.now, project, _email(call, "email"))
    return consent_screens.test_users_json(tx, project)


def _remove_test_user(tx: Transaction, call: Call) -> Answer:
    project = _project(tx, call)
    return consent_screens.remove_test_user(tx, call.now, project, call.path["email"])


def _create_client(tx: Transaction, call: Call) -> Answer:
    wanted = clients.NewClient.read(call.body)
    call.body.refuse_problems()
    client, secret = clients.create(tx, call.now, call.entropy, _project(tx, call), wanted)
    return clients.client_json(tx, client) | clients.file_json(client, secret, call.base)


def _list_clients(tx: Transaction, call: Call) -> Answer:
    project = _project(tx, call, active=False)
    found = tx.find(OAuthClient, project_id=project.project_id)
    return {"clients": [clients.client_json(tx, client) for client in found]}


def _get_client(tx: Transaction, call: Call) -> Answer:
    return clients.client_json(tx, clients.find(tx, call.path["client"]))


def _delete_client(tx: Transaction, call: Call) -> Answer:
    return _set_client_state(tx, call, "deleted")


def _disable_client(tx: Transaction, call: Call) -> Answer:
    return _set_client_state(tx, call, "disabled")


def _enable_client(tx: Transaction, call: Call) -> Answer:
    return _set_client_state(tx, call, "active")


def _set_client_state(tx: Transaction, call: Call, state: str) -> Answer:
    client = clients.find(tx, call.path["client"])
    return clients.client_json(tx, clients.set_state(tx, client, state))


def _add_secret(tx: Transaction, call: Call) -> Answer:
    client = clients.find(tx, call.path["client"])
    secret = clients.add_secret(tx, call.now, call.entropy, client)
    return clients.client_json(tx, client) | clients.file_json(client, secret, call.base)


def _create_grant(tx: Transaction, call: Call) -> Answer:
    wanted = grants.NewGrant.read(call.body)
    call.body.refuse_problems()
    return grants.create(tx, call.now, call.entropy, wanted)


def _create_credentials(tx: Transaction, call: Call) -> Answer:
    wanted = credentials.NewCredentials.read(call.body)
    call.body.refuse_problems()
    return credentials.create(tx, call.now, call.entropy, call.base, wanted)


def _create_key(tx: Transaction, call: Call) -> Answer:
    email = _email(call, "email")
    return credentials.create_key(tx, call.now, call.entropy, call.base, email, call.prepared)


def _list_bindings(tx: Transaction, call: Call) -> Answer:
    return projects.bindings_json(tx, _project(tx, call, active=False))


def _add_binding(tx: Transaction, call: Call) -> Answer:
    binding = projects.Binding.read(call.body)
    call.body.refuse_problems()
    project = _project(tx, call)
    projects.bind(tx, project, binding)
    return projects.bindings_json(tx, project)


def _remove_binding(tx: Transaction, call: Call) -> Answer:
    binding = projects.Binding.read(call.body)
    call.body.refuse_problems()
    project = _project(tx, call)
    projects.unbind(tx, project, binding)
    return projects.bindings_json(tx, project)


def _create_api_key(tx: Transaction, call: Call) -> Answer:
    wanted = api_keys.NewApiKey.read(call.body)
    call.body.refuse_problems()
    record, key = api_keys.create(tx, call.now, call.entropy, _project(tx, call), wanted)
    return api_keys.api_key_json(tx, record) | {"key": key}


def _list_api_keys(tx: Transaction, call: Call) -> Answer:
    project = _project(tx, call, active=False)
    found = tx.find(ApiKey, project_id=project.project_id)
    return {"apiKeys": [api_keys.api_key_json(tx, record) for record in found]}


def _delete_api_key(tx: Transaction, call: Call) -> Answer:
    return api_keys.delete(tx, call.path["uid"])


def _create_tuned_model(tx: Transaction, call: Call) -> Answer:
    wanted = tuned_models.NewTunedModel.read(call.body)
    call.body.refuse_problems()
    model = tuned_models.create(tx, call.now, call.entropy, wanted)
    return tuned_models.tuned_model_json(tx, model)


def _list_tuned_models(tx: Transaction, _: Call) -> Answer:
    return {"tunedModels": [tuned_models.tuned_model_json(tx, m) for m in tx.find(TunedModel)]}


def _delete_tuned_model(tx: Transaction, call: Call) -> Answer:
    return tuned_models.delete(tx, call.path["id"])


def _project(tx: Transaction, call: Call, *, active: bool = True) -> Project:
    return projects.find(tx, call.path["project"], active=active)


def _email(call: Call, name: str) -> str:
    """Return an address from the path in lower case."""
    try:
        return people.normal(call.path[name])
    except people.InvalidEmailError as error:
        raise invalid(name, str(error)) from error


_P = "/projects/{project}"
_CLIENT = "`kind` desktop or web, `name`, `redirectUris` (web)"

METHODS = (
    Endpoint("GET", "/status", "Show what this emulator is and holds.", status.status),
    Endpoint("GET", "/requests", "Show the last requests, and whose credential each carried.",
             _list_requests),
    Endpoint("GET", "/ca", "Show the certificate authority that clients are to trust.",
             certificate.show, prepare=certificate.prepare),
    Endpoint("POST", "/seed", "Make everything that a seed declares, or nothing.", _apply_seed,
             "`accounts`, `groups`, `projects`, `tunedModels`"),
    Endpoint("POST", "/accounts", "Create a person.", _create_account,
             "`email`, `name`, `workspace` (whether the domain is a Workspace's)"),
    Endpoint("GET", "/accounts", "List people.", _list_accounts),
    Endpoint("GET", "/accounts/{email}", "Show a person.", _get_account),
    Endpoint("DELETE", "/accounts/{email}", "Delete a person.", _delete_account),
    Endpoint("POST", "/groups", "Create a group.", _create_group, "`email`, `name`, `members`"),
    Endpoint("GET", "/groups", "List groups with their members.", _list_groups),
    Endpoint("GET", "/groups/{email}", "Show a group.", _get_group),
    Endpoint("DELETE", "/groups/{email}", "Delete a group.", _delete_group),
    Endpoint("PUT", "/groups/{email}/members/{member}", "Put an address into a group.",
             _add_member),
    Endpoint("DELETE", "/groups/{email}/members/{member}", "Take an address from a group.",
             _remove_member),
    Endpoint("POST", "/projects", "Create a project.", _create_project,
             "`projectId`, `name`, `owner` (gets roles/owner), `organization` (its domain)"),
    Endpoint("GET", "/projects", "List projects.", _list_projects),
    Endpoint("GET", _P, "Show a project, by id or number.", _get_project),
    Endpoint("DELETE", _P, "Delete a project; its id is never given again.", _delete_project),
    Endpoint("GET", _P + "/services", "List the APIs that are on.", _list_services),
    Endpoint("PUT", _P + "/services/{service}", "Switch an API on.", _enable_service),
    Endpoint("DELETE", _P + "/services/{service}", "Switch an API off.", _disable_service),
    Endpoint("GET", _P + "/consent-screen", "Show the OAuth consent screen.", _get_consent_screen),
    Endpoint("PUT", _P + "/consent-screen", "Set the OAuth consent screen.", _set_consent_screen,
             "`userType` external or internal, `publishingStatus` testing or production, "
             "`appName`, `supportEmail`, `scopes`"),
    Endpoint("GET", _P + "/test-users", "List test users.", _list_test_users),
    Endpoint("PUT", _P + "/test-users/{email}", "Add a test user (100 over a project's life).",
             _add_test_user),
    Endpoint("DELETE", _P + "/test-users/{email}", "Remove a test user.", _remove_test_user),
    Endpoint("POST", _P + "/clients", "Create an OAuth client; answers its file, this once.",
             _create_client, _CLIENT),
    Endpoint("GET", _P + "/clients", "List OAuth clients.", _list_clients),
    Endpoint("GET", "/clients/{client}", "Show an OAuth client.", _get_client),
    Endpoint("DELETE", "/clients/{client}", "Delete an OAuth client.", _delete_client),
    Endpoint("POST", "/clients/{client}/disable", "Disable an OAuth client.", _disable_client),
    Endpoint("POST", "/clients/{client}/enable", "Enable an OAuth client again.", _enable_client),
    Endpoint("POST", "/clients/{client}/secrets", "Add a secret (two at most); answers a new file.",
             _add_secret),
    Endpoint("POST", "/grants", "Record a consent given earlier; answers its tokens, this once.",
             _create_grant, "`account`, `clientId` (Google's own shared client too), `scopes`"),
    Endpoint("POST", "/credentials", "Record a person's consent; answers a credential file that "
             "google-auth spends here without a proxy, this once.", _create_credentials,
             "`account`, `scopes` (the quickstart's), `quotaProject`, `clientId` and "
             "`clientSecret` (a new client)"),
    Endpoint("POST", "/service-accounts/{email}/keys",
             "Create a service account's key; answers its file, this once.", _create_key,
             prepare=credentials.prepare_key_pair),
    Endpoint("GET", _P + "/iam", "Show who holds which role.", _list_bindings),
    Endpoint("POST", _P + "/iam/add", "Give a role to a member.", _add_binding, "`role`, `member`"),
    Endpoint("POST", _P + "/iam/remove", "Take a role from a member.", _remove_binding,
             "`role`, `member`"),
    Endpoint("POST", _P + "/api-keys", "Create an API key; answers the key, this once.",
             _create_api_key, "`displayName`, `serviceAccount` (binds the key to it)"),
    Endpoint("GET", _P + "/api-keys", "List API keys.", _list_api_keys),
    Endpoint("DELETE", "/api-keys/{uid}", "Delete an API key.", _delete_api_key),
    Endpoint("GET", "/metadata", "Show the machine that the metadata server stands for.",
             metadata_server.get_metadata),
    Endpoint("PUT", "/metadata", "Say which machine the metadata server stands for.",
             metadata_server.set_metadata,
             "`serviceAccount` (attached to it), `scopes` (of its tokens), `project`, `platform` "
             "compute-engine or cloud-run, `attributes`"),
    Endpoint("DELETE", "/metadata", "Take the machine away.", metadata_server.clear_metadata),
    Endpoint("POST", "/tuned-models", "Create a tuned model without tuning.", _create_tuned_model,
             "`id`, `owner`, `project`, `resource` (a TunedModel of the API)"),
    Endpoint("GET", "/tuned-models", "List tuned models, whoever owns them.", _list_tuned_models),
    Endpoint("DELETE", "/tuned-models/{id}", "Delete a tuned model.", _delete_tuned_model),
)  # fmt: skip
