"""`gemauth help [COMMAND… | TOPIC]`: the pages of `manual.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gemauth.cli.command import Command, Example

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["COMMAND"]

# The variables of the system itself (HOME, APPDATA) go without saying.
ENVIRONMENT = (
    ("GEMAUTH_EMULATOR", "the emulator to talk to instead of Google, http://127.0.0.1:PORT"),
    ("GEMAUTH_PROFILE", "the profile to use, before every place where Google's libraries look"),
    ("GOOGLE_APPLICATION_CREDENTIALS", "the credential file to use before the well-known one"),
    ("GOOGLE_CLOUD_QUOTA_PROJECT", "the quota project, unless --quota-project says another"),
    ("GOOGLE_CLOUD_PROJECT", "the project, where neither --project nor the credentials say one"),
    (
        "GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES",
        "1 lets an external_account file run the command it names",
    ),
    ("CLOUDSDK_CONFIG", "the folder that holds the well-known credential file"),
    ("CLOUDSDK_ACTIVE_CONFIG_NAME", "in a run: which configuration its gcloud uses"),
    ("XDG_CONFIG_HOME", "holds gemauth's own folder (token cache), instead of ~/.config"),
    ("XDG_DATA_HOME", "holds the emulator's data folder, instead of ~/.local/share"),
    ("HTTPS_PROXY, NO_PROXY", "the proxy for https, and the hosts that go without"),
    ("ALL_PROXY, all_proxy", "not read; doctor warns of it, since some programs do read it"),
    ("SSL_CERT_FILE, SSL_CERT_DIR", "CA certificates, such as those of a company's proxy"),
    ("REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE", "the same, where neither of those is set"),
    ("GOOGLE_API_KEY, GEMINI_API_KEY", "never used: status and doctor warn that SDKs use them"),
    ("GCE_METADATA_HOST, GCE_METADATA_IP", "where a cloud machine's own credentials are"),
    ("GCE_METADATA_TIMEOUT", "seconds to wait for them"),
    ("NO_GCE_CHECK", "true: do not look for them"),
    ("GOOGLE_GENAI_HTTP_CLIENT", "google-genai's: httpx, or httpx2 (the default), for its client"),
    ("BROWSER", "the browser that login opens, also on a machine without a display"),
    ("GEMAUTH_AUTO_CONSENT", "in a run: who signs in, without a browser, whenever one is opened"),
    ("GEMAUTH_RUN", "in a run: its folder, with browser.log"),
    ("GEMAUTH_RUN_BROWSER", "in a run: the BROWSER of before, which opens the emulator's pages"),
    ("NO_COLOR", "any value: no colour"),
    ("COLUMNS", "how wide the terminal is, before what it says of itself"),
    ("TERM", "dumb: no colour either, and no line that is painted over"),
    ("GEMAUTH_DEBUG", "1: a traceback with errors; what looks like a secret is left out"),
)


def arguments(parser: ArgumentParser) -> None:
    """Take the words that lead to a command, or a topic."""
    parser.add_argument(
        "words", nargs="*", metavar="COMMAND", help="the command, such as models list, or a topic"
    )


def run(args: Namespace, console: Console) -> int:
    """Print a page on stdout."""
    from gemauth.cli import manual
    from gemauth.cli.dispatch import locate

    words: list[str] = args.words
    if not words:
        console.print(manual.top(console.columns(manual.WIDTH)))
    elif words == ["exit-codes"]:
        from gemauth.cli.exit_codes import meanings

        console.records(
            [{"exitCode": code, "meaning": text} for code, text in meanings().items()],
            ("exitCode", "meaning"),
        )
    elif words == ["environment"]:
        console.records(
            [{"variable": name, "meaning": text} for name, text in ENVIRONMENT],
            ("variable", "meaning"),
        )
    else:
        tree, path, _ = locate(words)
        console.print(manual.page(tree, path, console.columns(manual.WIDTH)))
    return 0


COMMAND = Command(
    "help",
    "Show a command's help page.",
    run,
    arguments,
    details="Topics: exit-codes, environment.",
    examples=(
        Example("One command", "gemauth help models list"),
        Example("What an exit code means", "gemauth help exit-codes"),
    ),
)
