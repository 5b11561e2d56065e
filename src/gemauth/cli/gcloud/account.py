"""`gcloud auth`: the accounts that gcloud itself works with, beside the ADC.

login, activate-service-account, list, revoke, print-access-token, print-identity-token. What an
account may do is the emulator's to say; this asks it, as gcloud asks Google.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.gcloud import store
from gemauth.cli.gcloud.errors import GcloudError, invalid
from gemauth.cli.gcloud.grammar import Command, Flag
from gemauth.cli.gcloud.login import FLAGS, help_another, request, sign_in
from gemauth.google import scopes as google_scopes
from gemauth.google.client_secret import GCLOUD_LOGIN_CLIENT_ID

if TYPE_CHECKING:
    from gemauth.cli.gcloud.call import Call
    from gemauth.cli.gcloud.machine import Machine
    from gemauth.client.token import AccessToken
    from gemauth.oauth.token import TokenResponse

__all__ = ["COMMANDS", "access_token", "identity_token"]

# gcloud's own scopes for a service account: those of a login, without the question who it is.
_SCOPES = tuple(s for s in google_scopes.GCLOUD_LOGIN if s != google_scopes.REAUTH)


def login(call: Call) -> int:
    """Sign a person in, or take a service account's key (`--cred-file`)."""
    if bootstrap := call.text("remote-bootstrap"):
        help_another(call, bootstrap)
        return 0
    if file := call.text("cred-file"):
        return _activate_key(call, file, call.word)
    if call.switch("enable-gdrive-access"):
        raise invalid("--enable-gdrive-access", "the emulator has no Google Drive.")
    known = call.word in store.accounts(call) and not call.switch("force")
    if known:
        account, _, user = store.find(call, call.word)
    else:
        wanted = request(call, GCLOUD_LOGIN_CLIENT_ID, google_scopes.GCLOUD_LOGIN)
        granted = sign_in(call, wanted)

        from gemauth.google.credentials import AuthorizedUser

        if granted.account is None or granted.tokens.refresh_token is None:
            raise GcloudError("The sign-in did not tell who signed in.")
        account = granted.account
        user = AuthorizedUser(
            client_id=wanted.client.client_id,
            client_secret=wanted.client.client_secret,
            refresh_token=granted.tokens.refresh_token,
            account=account,
        )
        store.keep(call, account, user)
    if call.switch("activate", default=True) and not call.switch("do-not-activate"):
        store.activate(call, account)
        if project := call.text("project"):
            call.properties.put("core", "project", project)
    if call.switch("update-adc"):
        _update_adc(call, user)
    if not call.switch("brief"):
        call.say(
            f"\nYou are now logged in as [{account}].\nYour current project is "
            f"[{call.value('core', 'project')}]. Change it with:\n"
            "  $ gcloud config set project PROJECT_ID"
        )
    return 0


def _update_adc(call: Call, user: store.Kept) -> None:
    from gemauth.cli.gcloud.adc import write_user
    from gemauth.google.credentials import AuthorizedUser

    if not isinstance(user, AuthorizedUser):
        call.warn("A service account's key is not written to ADC.")
        return
    write_user(call, user)


def activate_service_account(call: Call) -> int:
    """Keep a service account's key, and make it the active account."""
    file = call.text("key-file")
    if file is None:
        raise invalid("--key-file", "name the key's JSON file.")
    return _activate_key(call, file, call.word)


def _activate_key(call: Call, path: str, account: str | None) -> int:
    from gemauth.client.cache import adc
    from gemauth.client.sources import chain
    from gemauth.google.credentials import ServiceAccountKey

    key = adc.read(Path(path)).credentials
    if not isinstance(key, ServiceAccountKey):
        raise GcloudError(
            f"The credential file [{path}] holds no service account's key.",
            next_step="Other credentials are used through GOOGLE_APPLICATION_CREDENTIALS.",
        )
    if account not in {None, key.client_email}:
        raise invalid("ACCOUNT", f"the key in the file is {key.client_email}'s.")
    found = chain.load(path, _SCOPES, endpoints=call.endpoints, environ=call.environ)
    found.credentials.token(fresh=True)  # a key that is not accepted is told of, and not kept
    store.keep(call, key.client_email, key)
    store.activate(call, key.client_email)
    if project := call.text("project"):
        call.properties.put("core", "project", project)
    call.say(f"Activated service account credentials for: [{key.client_email}]")
    return 0


def list_accounts(call: Call) -> int:
    """List the accounts, and which one is active."""
    from gemauth.cli.gcloud.output import write_all

    now = store.active(call)
    rows = [
        {"account": account, "status": "ACTIVE" if account == now else ""}
        for account in store.accounts(call)
        if call.text("filter-account") in {None, account}
    ]
    rows = [row for row in rows if _passes(call, row)]
    if not rows and call.text("format") is None:
        call.say("\nNo credentialed accounts.\n\nTo log in, run:\n  $ gcloud auth login `ACCOUNT`")
        return 0

    def table() -> str:
        lines = ["Credentialed Accounts", "ACTIVE  ACCOUNT"]
        return "\n".join(
            [*lines, *(f"{'*' if row['status'] else '':8}{row['account']}" for row in rows)]
        )

    write_all(call, rows, table)
    call.say("\nTo set the active account, run:\n    $ gcloud config set account `ACCOUNT`\n")
    return 0


def _passes(call: Call, row: dict[str, str]) -> bool:
    """Whether a row is wanted: `--filter=[-]KEY:VALUE` or `KEY=VALUE`."""
    text = call.text("filter")
    if text is None:
        return True
    negated = text.startswith(("-", "NOT "))
    name, found, value = (
        text.removeprefix("-").removeprefix("NOT ").replace("=", ":").partition(":")
    )
    if not found or name.strip() not in row:
        raise invalid("--filter", f"{text!r}; this gcloud knows account:NAME and status:ACTIVE.")
    kept, wanted = row[name.strip()].lower(), value.strip().strip("\"'").lower()
    same = kept.startswith(wanted.rstrip("*")) if wanted.endswith("*") else kept == wanted
    return same is not negated


def revoke(call: Call) -> int:
    """End sign-ins at the server, and forget the accounts."""
    from gemauth.client.flows.revocation import end_grant
    from gemauth.client.transport import Transport
    from gemauth.client.world import Network
    from gemauth.flow import run
    from gemauth.google.credentials import AuthorizedUser

    known = store.accounts(call)
    unknown = [account for account in call.words if account not in known]
    if unknown:
        raise invalid("accounts", f"no credentials of {' '.join(unknown)}.")
    chosen = known if call.switch("all") else list(call.words)
    now = store.active(call)
    if not chosen and now in known:
        chosen = [str(now)]
    if not chosen:
        raise invalid("accounts", "no credentials available to revoke.")
    for account in chosen:
        if _machine(call, account):
            raise invalid("accounts", f"[{account}] is this machine's own account.")
        _, _, kept = store.find(call, account)
        if isinstance(kept, AuthorizedUser):
            with Transport(call.environ) as sender:
                run(end_grant(kept.refresh_token, call.endpoints), Network(sender))
        else:
            call.warn(
                f"[{account}] is a service account: its key stays valid at the server, and only "
                "this machine forgets it."
            )
        store.forget(call, account)
    call.console.print("\n".join(["Revoked credentials:", *(f" - {one}" for one in chosen)]))
    return 0


def print_access_token(call: Call) -> int:
    """Print an account's access token, alone on stdout."""
    from gemauth.cli.gcloud.tokens import refuse_impersonation, write_token

    refuse_impersonation(call)
    scopes = call.items("scopes")
    return write_token(call, access_token(call, call.word, scopes))


def print_identity_token(call: Call) -> int:
    """Print an account's id token, alone on stdout."""
    from gemauth.cli.gcloud.output import write
    from gemauth.cli.gcloud.tokens import refuse_impersonation

    refuse_impersonation(call)
    token = identity_token(call, call.word, call.text("audiences"))
    if token is None:
        raise GcloudError("No identity token can be obtained from the current credentials.")
    write(call, {"id_token": token}, lambda: token)
    return 0


def _machine(call: Call, account: str | None) -> Machine | None:
    """Return the machine, if the account is its own (None: the active one)."""
    machine = call.machine
    mine = machine is not None and (account or store.active(call)) == machine.email
    return machine if mine else None


def access_token(
    call: Call, account: str | None = None, scopes: tuple[str, ...] | None = None
) -> AccessToken:
    """Return a new access token of an account (None: the active one).

    Raises:
        GcloudError: there is no such account here.
        GemauthError: the emulator does not accept its credentials.
    """
    from gemauth.client.sources import chain
    from gemauth.google.credentials import ServiceAccountKey

    if machine := _machine(call, account):
        return machine.access_token(scopes or (google_scopes.CLOUD_PLATFORM,))
    _, path, kept = store.find(call, account)
    asked = scopes and (*scopes, google_scopes.OPENID, google_scopes.EMAIL)
    if asked is None and isinstance(kept, ServiceAccountKey):
        asked = _SCOPES
    found = chain.load(path, asked, endpoints=call.endpoints, environ=call.environ)
    return found.credentials.token(fresh=True)


def identity_token(
    call: Call, account: str | None = None, audience: str | None = None
) -> str | None:
    """Return a new id token of an account (None: the active one); None where it has none.

    Args:
        call: knows the accounts.
        account: the account.
        audience: whom the token is for; a person's is for gcloud's own client, whatever is asked.

    Raises:
        GcloudError: there is no such account here, or the audience and it do not go together.
        GemauthError: the emulator does not accept its credentials.
    """
    from gemauth.client.flows.assertion import exchange_for_identity
    from gemauth.client.flows.refresh import refresh
    from gemauth.client.transport import Transport
    from gemauth.client.world import Network
    from gemauth.flow import run
    from gemauth.google.credentials import AuthorizedUser

    if machine := _machine(call, account):
        return machine.identity_token(audience or GCLOUD_LOGIN_CLIENT_ID)
    _, _, kept = store.find(call, account)
    if isinstance(kept, AuthorizedUser):
        if audience is not None:
            raise GcloudError("Invalid account type for `--audiences`. Requires a service account.")
        flow = refresh(kept, call.endpoints)
    else:
        own = GCLOUD_LOGIN_CLIENT_ID
        flow = exchange_for_identity(kept, call.endpoints, audience or own)
    with Transport(call.environ) as sender:
        answer: TokenResponse = run(flow, Network(sender))
    return answer.id_token


COMMANDS = (
    Command(
        ("auth", "login"),
        login,
        "sign in, for gcloud's own commands",
        (
            Flag("activate", "switch"),
            Flag("do-not-activate", "switch"),
            Flag("brief", "switch"),
            Flag("force", "switch"),
            Flag("enable-gdrive-access", "switch"),
            Flag("update-adc", "switch"),
            Flag("cred-file"),
            *FLAGS,
        ),
        ("[ACCOUNT]",),
    ),
    Command(
        ("auth", "activate-service-account"),
        activate_service_account,
        "use a service account's key, for gcloud's own commands",
        (Flag("key-file"), Flag("password-file"), Flag("prompt-for-password", "switch")),
        ("[ACCOUNT]",),
    ),
    Command(
        ("auth", "list"),
        list_accounts,
        "list the accounts",
        (Flag("filter"), Flag("filter-account"), Flag("limit"), Flag("sort-by")),
    ),
    Command(
        ("auth", "print-access-token"),
        print_access_token,
        "print an access token of the active account",
        (Flag("scopes", "list"), Flag("lifetime")),
        ("[ACCOUNT]",),
    ),
    Command(
        ("auth", "print-identity-token"),
        print_identity_token,
        "print an id token of the active account",
        (Flag("audiences"),),
        ("[ACCOUNT]",),
    ),
    Command(
        ("auth", "revoke"),
        revoke,
        "end the sign-ins of accounts",
        (Flag("all", "switch"),),
        ("[ACCOUNTS...]",),
    ),
)
