"""What to do next where the sides differ: at Google's console, or with `gemauth emulator …`.

google-oauth.md sections 1.3, 2.1, 5.7 and 7.5. Advice that is the same on both sides stands where
it is given: in `flows/exchange.py` and `refusal.py`, which also take from here.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Advice"]

CONSOLE = "https://console.cloud.google.com"
# What stands in a command for what is not known.
_UNKNOWN = {
    "project": "PROJECT",
    "email": "EMAIL",
    "account": "SERVICE-ACCOUNT-EMAIL",
    "key": "KEY-ID",
    "service": "SERVICE",
    "role": "ROLE",
    "member": "user:EMAIL",
}


@dataclass(frozen=True, slots=True)
class Advice:
    """One next step, in the words for each side; {names} are filled in by `on`."""

    google: str
    emulator: str

    def on(self, *, emulated: bool, **known: str | None) -> str:
        """Return the step for the side that refused.

        Args:
            emulated: whether an emulator did.
            known: project, email, account, key, service, role, member: whichever is known and not
                empty.
        """
        text = self.emulator if emulated else self.google
        return text.format_map(_UNKNOWN | {name: value for name, value in known.items() if value})


NEW_CLIENT = Advice(
    google="Create a client of type Desktop app, and download its file then and there: "
    f"{CONSOLE}/auth/clients",
    emulator="Create a desktop client and its file: "
    "gemauth emulator clients create {project} NAME --output client_secret.json",
)
RENEW_CLIENT = Advice(
    google=f"Create a client, or add a secret to yours, at {CONSOLE}/auth/clients, and sign in "
    "with the file: gemauth login --client-id-file FILE",
    emulator="Create a client (gemauth emulator clients create {project} NAME), or add a secret to "
    "yours (gemauth emulator clients add-secret CLIENT-ID), and sign in with the file: "
    "gemauth login --client-id-file FILE",
)
ENABLE_CLIENT = Advice(
    google=f"Enable the OAuth client at {CONSOLE}/auth/clients, or use another.",
    emulator="Enable the OAuth client: gemauth emulator clients enable CLIENT-ID",
)
ADD_TESTER = Advice(
    google="If the browser showed “Access blocked” or error 403, add the account under "
    f"Audience → Test users at {CONSOLE}/auth/audience?project={{project}}",
    emulator="If the browser showed error 403, make the account a test user: "
    "gemauth emulator test-users add {project} {email}",
)
BECOME_TESTER = Advice(
    google="Add the account under Audience → Test users at "
    f"{CONSOLE}/auth/audience?project={{project}}, and sign in again.",
    emulator="Make the account a test user, and sign in again: "
    "gemauth emulator test-users add {project} {email}",
)
OPEN_APP = Advice(
    google="Sign in with an account of the organization, or make the app External: "
    f"{CONSOLE}/auth/audience?project={{project}}",
    emulator="Sign in with an account of the organization, or make the app External: "
    "gemauth emulator consent-screen set {project} --user-type external",
)
OWN_CLIENT = Advice(
    google="Sign in with a desktop client of your own, as a test user of its app: "
    f"{CONSOLE}/auth/clients",
    emulator="Sign in with a desktop client of your own: "
    "gemauth emulator clients create {project} NAME --output client_secret.json",
)
PUBLISH = Advice(
    google="For more, publish the app or make it Internal: "
    f"{CONSOLE}/auth/audience?project={{project}}",
    emulator="For more, publish the app: "
    "gemauth emulator consent-screen set {project} --publishing-status production",
)
REMOVE_APP = Advice(
    google="Remove the app at https://myaccount.google.com/connections",
    emulator="Delete the OAuth client and with it its grants: "
    "gemauth emulator clients delete CLIENT-ID",
)
ENABLE_API = Advice(
    google=f"Enable it at {CONSOLE}/apis/library/{{service}}?project={{project}} or with: "
    "gemauth request POST https://serviceusage.googleapis.com/v1/projects/{project}/services/"
    "{service}:enable",
    emulator="Enable it: gemauth emulator services enable {project} {service}",
)
USE_PROJECT = Advice(
    google="Have roles/serviceusage.serviceUsageConsumer granted to you at "
    f"{CONSOLE}/iam-admin/iam?project={{project}}, or leave the quota project out: then the OAuth "
    "client's own project is billed.",
    emulator="Have the role granted: gemauth emulator iam add {project} "
    "roles/serviceusage.serviceUsageConsumer user:{email} – or leave the quota project out: then "
    "the OAuth client's own project is billed.",
)
GRANT_ROLE = Advice(
    google=f"Have {{role}} granted to you at {CONSOLE}/iam-admin/iam?project={{project}}",
    emulator="Have the role granted: gemauth emulator iam add {project} {role} {member}",
)
ACT_AS = Advice(
    google="See that the account exists, and have {role} granted to you on {account}, under "
    f"Permissions at {CONSOLE}/iam-admin/serviceaccounts; a delegate needs it on the next one.",
    emulator="See that the account exists, and have {role} granted on {account} or its project: "
    "gemauth emulator iam add {project} {role} user:{email} – a delegate needs it on the next one.",
)
ENABLE_ACCOUNT = Advice(
    google="Enable the service account: gemauth service-accounts enable {account}, or at "
    f"{CONSOLE}/iam-admin/serviceaccounts",
    emulator="Enable the service account, as its project's owner: "
    "gemauth service-accounts enable {account}",
)
DELETE_KEY = Advice(
    google="Delete the key, and then its file: "
    "gemauth service-accounts keys delete {account} {key}",
    emulator="Delete the key, as its project's owner, and then its file: "
    "gemauth service-accounts keys delete {account} {key}",
)
