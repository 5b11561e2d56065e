"""The top-level commands, in the order in which help shows them.

The summaries stand here too, so that `gemauth --help` imports no command; a test holds them equal.
"""

from __future__ import annotations

__all__ = ["TABLE", "load"]

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gemauth.cli.command import Command, Group

# name: (module that holds COMMAND, summary)
TABLE = {
    "login": ("gemauth.cli.login", "Sign in with your own OAuth client and keep the credentials."),
    "status": (
        "gemauth.cli.status",
        "Show which credentials are in use, and what they open.",
    ),
    "profiles": (
        "gemauth.cli.profiles",
        "Keep several sign-ins and keys, and choose the one in use.",
    ),
    "doctor": (
        "gemauth.cli.doctor",
        "Find out why the Gemini API cannot be called, and what to do.",
    ),
    "print-access-token": ("gemauth.cli.print_access_token", "Print an access token, alone."),
    "print-identity-token": (
        "gemauth.cli.print_identity_token",
        "Print an ID token, alone: who you are, for one audience.",
    ),
    "token-info": (
        "gemauth.cli.token_info",
        "Show what the server says of an access token.",
    ),
    "exec": (
        "gemauth.cli.exec",
        "Run a command that finds the credentials in its environment.",
    ),
    "serve-metadata": (
        "gemauth.cli.serve_metadata",
        "Hand out tokens as a Google machine's metadata server does.",
    ),
    "credential-helper": (
        "gemauth.cli.credential_helper",
        "Give git and Docker tokens for Google's own hosts.",
    ),
    "set-quota-project": (
        "gemauth.cli.set_quota_project",
        "Say which project the calls are billed to.",
    ),
    "logout": (
        "gemauth.cli.logout",
        "End the sign-in, at the server and on this machine.",
    ),
    "revoke": ("gemauth.cli.revoke", "The same as gemauth logout, by gcloud's name for it."),
    "models": ("gemauth.cli.models", "See the models you may use."),
    "tuned-models": ("gemauth.cli.tuned_models", "See the tuned models you may use."),
    "permissions": (
        "gemauth.cli.permissions",
        "See and change who may use a tuned model or a corpus.",
    ),
    "corpora": ("gemauth.cli.corpora", "See, make and search corpora of documents."),
    "share": (
        "gemauth.cli.share",
        "Share a model or a corpus with a person, a group, everyone or a list.",
    ),
    "service-accounts": (
        "gemauth.cli.service_accounts",
        "Make and manage service accounts and their keys.",
    ),
    "request": (
        "gemauth.cli.request",
        "Send one authorized request and print the answer as it came.",
    ),
    "selftest": (
        "gemauth.cli.selftest",
        "Compare the server's answers with what gemauth expects.",
    ),
    "emulator": ("gemauth.cli.emulator", "Run a local Google, and do there what a console does."),
    "completion": ("gemauth.cli.completion", "Print a shell's completion script."),
    "help": ("gemauth.cli.help", "Show a command's help page."),
}


def load(name: str) -> Command | Group:
    """Return a top-level command's tree; its module is imported now.

    Raises:
        KeyError: there is no such command.
    """
    from importlib import import_module  # the start imports no command

    tree: Command | Group = import_module(TABLE[name][0]).COMMAND
    return tree
