"""`gcloud auth application-default`: login, print-access-token, revoke, set-quota-project.

google-oauth.md section 7. The file is `$CLOUDSDK_CONFIG/application_default_credentials.json`, in
gcloud's own form.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.gcloud.errors import GcloudError, invalid
from gemauth.cli.gcloud.grammar import Command, Flag
from gemauth.cli.gcloud.login import FLAGS, help_another, project_to_bill, request, sign_in
from gemauth.google import scopes as google_scopes
from gemauth.google.client_secret import GCLOUD_CLIENT_ID

if TYPE_CHECKING:
    from gemauth.cli.gcloud.call import Call
    from gemauth.client.credentials import Credentials
    from gemauth.google.credentials import AuthorizedUser

__all__ = ["COMMANDS", "write_user"]

_VARIABLE = "GOOGLE_APPLICATION_CREDENTIALS"
_PERMISSION = "serviceusage.services.use"
_SET = "gcloud auth application-default set-quota-project"


# --- login


def login(call: Call) -> int:
    """Sign in, and write the credentials for every library that looks for ADC."""
    if bootstrap := call.text("remote-bootstrap"):
        help_another(call, bootstrap)
        return 0
    _warn_of_machine(call)
    _warn_of_shadow(call)
    client_file = call.text("client-id-file")
    if client_file and not call.switch("launch-browser", default=True):
        raise invalid(
            "--no-launch-browser",
            "this flow does not work with --client-id-file.",
            next_step="Use --no-browser in its place.",
        )
    scopes = call.items("scopes")
    if call.word and scopes is None and _belongs_to(call, call.word):
        call.warn(
            f"Valid credentials already exist for {call.word}. To sign in anew, leave ACCOUNT out."
        )
        return 0
    wanted = request(
        call,
        GCLOUD_CLIENT_ID,
        google_scopes.GCLOUD_ADC if scopes is None else google_scopes.canonical(scopes),
        client_file,
    )
    path = _path_to_write(call)
    granted = sign_in(call, wanted)

    from gemauth.client.login import Destination, Wish, keep

    kept = keep(
        Wish(wanted, Destination(str(path))),
        granted,
        environ=call.environ,
        now=call.console.clock.now(),
        account=call.word or "",
    )
    impersonated = call.properties.get("auth", "impersonate_service_account")
    if impersonated:
        _impersonate(path, impersonated)
    _tell_saved(call, path)
    if impersonated or client_file:
        return 0  # the client's own project is billed (7.1)
    if call.switch("disable-quota-project"):
        call.warn(
            'Quota project is disabled. You might receive a "quota exceeded" or "API not enabled" '
            f"error. Run $ {_SET} to add one."
        )
        return 0
    _add_quota_project(call, path, kept.credentials)
    return 0


def _add_quota_project(call: Call, path: Path, credentials: Credentials) -> None:
    project = project_to_bill(call)
    if project is None:
        call.warn(
            'Cannot find a quota project to add to ADC. You might receive a "quota exceeded" or '
            f'"API not enabled" error. Run $ {_SET} to add one.'
        )
    elif may_bill(call, credentials, project):
        _write_quota_project(path, project)
        _tell_quota_project(call, project)
    else:
        call.warn(
            f'Cannot add the project "{project}" to ADC as the quota project because the account '
            f'in ADC does not have the "{_PERMISSION}" permission on it. You might receive a '
            f'"quota exceeded" or "API not enabled" error. Run $ {_SET} to add another one.'
        )


def _warn_of_machine(call: Call) -> None:
    """Ask whether to go on where the machine has credentials, and others who use it."""
    if call.machine is None:
        return
    message = (
        f"You are running on a virtual machine of Google's, whose account [{call.machine.email}] "
        "programs use without a login. Your own credentials may be visible to others with access "
        "to the machine."
    )
    if not call.proceed(message, signing_in=True):
        raise GcloudError("Aborted by user.")


def _warn_of_shadow(call: Call) -> None:
    """Ask whether to go on where GOOGLE_APPLICATION_CREDENTIALS stays the stronger one."""
    named = call.environ.get(_VARIABLE)
    if not named:
        return
    from gemauth.client.cache import adc

    message = (
        f"The environment variable [{_VARIABLE}] is set to:\n  [{named}]\nCredentials will still "
        f"be written to the default location:\n  [{adc.well_known(call.environ)}]\nPrograms use "
        "the variable's file until it is unset."
    )
    if not call.proceed(message, signing_in=True):
        raise GcloudError("Aborted by user.")


def _belongs_to(call: Call, account: str) -> bool:
    """Whether the ADC file is somebody's own sign-in already."""
    from gemauth.client.cache import adc
    from gemauth.errors import DataError
    from gemauth.google.credentials import AuthorizedUser

    try:
        file = adc.find(adc.well_known(call.environ))
    except DataError:
        return False
    user = None if file is None else file.credentials
    return isinstance(user, AuthorizedUser) and user.account == account


def _path_to_write(call: Call) -> Path:
    """Return the ADC file's place, where nothing of worth would be lost.

    gcloud overwrites whatever is there. This one does so within the run's own folder; a person's
    own sign-in at Google never gives way to an emulator's.
    """
    from gemauth.client.cache import adc
    from gemauth.run.environment import RUN_VARIABLE

    path = adc.well_known(call.environ)
    own = call.environ.get(RUN_VARIABLE)
    inside = bool(own) and path.resolve().is_relative_to(Path(str(own)).resolve())
    adc.require_free(path, emulated=True, replace=inside)
    return path


def _impersonate(path: Path, accounts: str) -> None:
    """Wrap the sign-in just written: its tokens are spent on a service account's (6.3)."""
    from gemauth.client.cache import files

    *delegates, principal = [one.strip() for one in accounts.split(",") if one.strip()]
    host = "https://iamcredentials.googleapis.com"
    wrapped = {
        "delegates": delegates,
        "service_account_impersonation_url": (
            f"{host}/v1/projects/-/serviceAccounts/{principal}:generateAccessToken"
        ),
        "source_credentials": json.loads(files.read(path) or b"{}"),
        "type": "impersonated_service_account",
    }
    files.write_private(path, json.dumps(wrapped, indent=2, sort_keys=True).encode())


def write_user(call: Call, user: AuthorizedUser) -> None:
    """Write a person's credentials as ADC: what `gcloud auth login --update-adc` does.

    Raises:
        GemauthError: the person declines, or something of worth would be lost.
    """
    from gemauth.client.cache import adc

    _warn_of_shadow(call)
    path = _path_to_write(call)
    adc.write(path, user)
    _tell_saved(call, path)


def _tell_saved(call: Call, path: Path) -> None:
    call.say(f"\nCredentials saved to file: [{path}]")
    call.say("\nEvery library that asks for Application Default Credentials (ADC) uses them.")


def _tell_quota_project(call: Call, project: str) -> None:
    call.say(
        f'\nQuota project "{project}" was added to ADC: client libraries have it billed, though '
        "some services bill the project that owns the resource."
    )


# --- the quota project


def set_quota_project(call: Call) -> int:
    """Write another quota project into the ADC file, if its person may bill it."""
    from gemauth.client.cache import adc
    from gemauth.client.sources import chain
    from gemauth.google.credentials import AuthorizedUser

    path = adc.well_known(call.environ)
    file = adc.find(path)
    if file is None:
        raise GcloudError(
            "Application default credentials have not been set up.",
            next_step="Run $ gcloud auth application-default login to set it up first.",
        )
    if not isinstance(file.credentials, AuthorizedUser):
        raise GcloudError(
            "The application default credentials are not user credentials, quota project cannot be "
            "added."
        )
    found = chain.load(path, endpoints=call.endpoints, environ=call.environ)
    project = call.words[0]
    if not may_bill(call, found.credentials, project):
        raise GcloudError(
            f'Cannot add the project "{project}" to application default credentials (ADC) as a '
            f'quota project because the account in ADC does not have the "{_PERMISSION}" '
            "permission on this project."
        )
    _write_quota_project(path, project)
    _tell_saved(call, path)
    _tell_quota_project(call, project)
    return 0


def may_bill(call: Call, credentials: Credentials, project: str) -> bool:
    """Whether an account may have a project billed.

    Raises:
        GemauthError: Resource Manager did not answer the question.
    """
    from gemauth.client.quota_project import permissions
    from gemauth.client.transport import Transport
    from gemauth.client.world import Network
    from gemauth.flow import run

    with Transport(call.environ) as sender:
        return _PERMISSION in run(permissions(credentials, project), Network(sender))


def _write_quota_project(path: Path, project: str) -> None:
    from gemauth.client.cache import adc
    from gemauth.google.credentials import AuthorizedUser

    user = adc.read(path).credentials
    assert isinstance(user, AuthorizedUser)
    adc.write(path, replace(user, quota_project_id=project))


# --- print-access-token


def print_access_token(call: Call) -> int:
    """Print a token of the ADC, alone on stdout."""
    from gemauth.cli.gcloud.tokens import refuse_impersonation, write_token
    from gemauth.client.sources import chain
    from gemauth.errors import CredentialError, GemauthError

    refuse_impersonation(call)
    scopes = call.items("scopes")
    asked = scopes and google_scopes.canonical((*scopes, google_scopes.OPENID, google_scopes.EMAIL))
    found = chain.default(asked, endpoints=call.endpoints, environ=call.environ)
    if asked is None and found.credentials.kind != "authorized_user":
        # A person's token has what was granted; a machine's has what is asked for.
        found = chain.default(
            (google_scopes.CLOUD_PLATFORM,), endpoints=call.endpoints, environ=call.environ
        )
    try:
        token = found.credentials.token(fresh=True)
    except CredentialError as error:
        if scopes:
            raise invalid(
                "--scopes",
                f"the scopes have to be among those that were granted at the login. {error}",
            ) from None
        raise
    except GemauthError as error:
        raise GcloudError(
            f"There was a problem refreshing your current auth tokens: {error.message}",
            next_step=error.next_step,
        ) from error
    return write_token(call, token)


# --- revoke


def revoke(call: Call) -> int:
    """End the sign-in at the server and delete the file."""
    from gemauth.client.cache import adc, files
    from gemauth.client.revoke import revoke as end
    from gemauth.google.credentials import AuthorizedUser, ServiceAccountKey

    path = adc.well_known(call.environ)
    file = adc.find(path)
    if file is None:
        call.say("Application Default Credentials have not been set up, nothing to revoke.")
        return 0
    if isinstance(file.credentials, ServiceAccountKey):
        raise GcloudError(
            "The given credential file is a service account credential, and cannot be revoked."
        )
    if not call.proceed(f"You are about to revoke the credentials stored in: [{path}]"):
        raise GcloudError("Aborted by user.")
    if not isinstance(file.credentials, AuthorizedUser):
        files.delete(path)
        call.warn(
            f"The credentials stored in: [{path}] are not revocable from the server but have been "
            "deleted from the file system."
        )
        return 0
    ended = end(path, emulator=call.endpoints.gemini, environ=call.environ)
    if ended.problem is not None:
        raise ended.problem
    call.say("Credentials revoked.")
    return 0


_PATH = ("auth", "application-default")
COMMANDS = (
    Command(
        (*_PATH, "login"),
        login,
        "sign in, and keep the credentials for client libraries (ADC)",
        (
            Flag("client-id-file"),
            Flag("scopes", "list"),
            Flag("disable-quota-project", "switch"),
            *FLAGS,
        ),
        ("[ACCOUNT]",),
    ),
    Command(
        (*_PATH, "print-access-token"),
        print_access_token,
        "print an access token of the ADC",
        (Flag("scopes", "list"), Flag("lifetime")),
    ),
    Command((*_PATH, "revoke"), revoke, "end the sign-in and delete the ADC file"),
    Command(
        (*_PATH, "set-quota-project"),
        set_quota_project,
        "have another project billed",
        words=("QUOTA_PROJECT_ID",),
    ),
)
