"""The environment of a run's program: the parent's, with all of Google's led to the emulator.

Pure: mapping in, mapping out. `folder.py` writes the files that it names, `cli/emulator/run.py`
starts the program with it. Source: interception.md sections 5 and 7, google-oauth.md section 6.4.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gemauth.google.hosts import EMULATED, GOOGLES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = [
    "AUTO_CONSENT_VARIABLE",
    "BROWSER_VARIABLE",
    "KEY_VARIABLES",
    "NETWORK",
    "RUN_VARIABLE",
    "TRUST_STORE_PASSWORD",
    "Given",
    "child_environment",
    "difference",
    "through",
]

RUN_VARIABLE = "GEMAUTH_RUN"
AUTO_CONSENT_VARIABLE = "GEMAUTH_AUTO_CONSENT"
BROWSER_VARIABLE = "GEMAUTH_RUN_BROWSER"

KEY_VARIABLES = ("GOOGLE_API_KEY", "GEMINI_API_KEY")
"""API keys of the parent's: Google's own, as a rule, and silently preferred by some clients."""

TRUST_STORE_PASSWORD = "changeit"  # noqa: S105  # of a file of certificates, and Java's own default

_SEPARATOR = re.compile(r"[,\s]+")  # curl and Node take white space for one, the others a comma
_LOCAL = ("localhost", "127.0.0.1", "::1")  # the emulator itself, as every client spells it

# In both cases: gRPC's core and curl read some in lower case only, Node's fetch upper first.
_PROXY = ("HTTPS_PROXY", "https_proxy", "grpc_proxy")
_DIRECT = ("NO_PROXY", "no_proxy", "no_grpc_proxy")

_BUNDLE = (  # what replaces the system's certificates, so that those are in the file too
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTPLIB2_CA_CERTS",
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE",
)
_BUNDLE_WHERE_SET = ("GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "NIX_SSL_CERT_FILE")

# What the parent may have set for the real Google, and would mislead a program here.
_REMOVED = (
    "HTTP_PROXY",
    "ALL_PROXY",
    "GEMAUTH_PROFILE",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_QUOTA_PROJECT",
    "GOOGLE_CLOUD_UNIVERSE_DOMAIN",
    "GOOGLE_API_CERTIFICATE_CONFIG",
    "GOOGLE_API_USE_MTLS_ENDPOINT",
    "GOOGLE_GEMINI_BASE_URL",  # google-genai's: where else than at Google its calls go
    "GOOGLE_VERTEX_BASE_URL",
    "GCLOUD_PROJECT",
    "GCE_METADATA_MTLS_MODE",
    "METADATA_SERVER_DETECTION",
    "NO_GCE_CHECK",
    AUTO_CONSENT_VARIABLE,
    BROWSER_VARIABLE,
)
_REMOVED_BELOW = (  # gcloud's: accounts, projects, endpoints and proxies of the person's own
    "CLOUDSDK_ACTIVE_CONFIG_NAME",
    "CLOUDSDK_API_",
    "CLOUDSDK_AUTH_",
    "CLOUDSDK_BILLING_",
    "CLOUDSDK_CONTEXT_AWARE_",
    "CLOUDSDK_CORE_ACCOUNT",
    "CLOUDSDK_CORE_PROJECT",
    "CLOUDSDK_PROXY_",
)

NETWORK = frozenset(
    name.upper()
    for name in (
        *_PROXY,
        *_DIRECT,
        *_BUNDLE,
        "NODE_EXTRA_CA_CERTS",
        "NODE_USE_ENV_PROXY",
        "NODE_OPTIONS",
        "PYTHONPATH",
        "JAVA_TOOL_OPTIONS",
    )
)
"""What leads a program to the emulator, in upper case: what must not go there is not given it."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a run gives to its program.

    Args:
        address: the emulator's, `http://127.0.0.1:PORT`.
        folder: the run's, laid out by `folder.py`.
        project: its id, for GOOGLE_CLOUD_PROJECT.
        credentials: the credential file; None where the program signs in by itself, or asks the
            metadata server.
        metadata: whether the metadata server has a service account to give.
        auto_consent: who consents to every sign-in, by e-mail address.
        keep_api_keys: whether the parent's API keys stay.
        java: whether JAVA_TOOL_OPTIONS is set; every Java prints a line about it on stderr.
    """

    address: str
    folder: Path
    project: str | None = None
    credentials: Path | None = None
    metadata: bool = False
    auto_consent: str | None = None
    keep_api_keys: bool = False
    java: bool = False


def child_environment(parent: Mapping[str, str], given: Given) -> dict[str, str]:
    """Return the environment of a run's program."""
    child = {name: value for name, value in parent.items() if not _is_removed(name, given)}
    child |= _proxies(parent, given.address)
    child |= _trust(parent, given.folder)
    child |= _preloads(parent, given.folder)
    child |= _google(given)
    child |= {
        "BROWSER": str(given.folder / "bin" / "gemauth-browser"),
        "GEMAUTH_EMULATOR": given.address,
        RUN_VARIABLE: str(given.folder),
        "PATH": _joined(str(given.folder / "bin"), parent.get("PATH") or os.defpath),
    }
    if given.auto_consent is not None:
        child[AUTO_CONSENT_VARIABLE] = given.auto_consent
    # For who opens the emulator's pages in it; in a run inside a run, the outer one's is ours.
    browser = parent.get(BROWSER_VARIABLE if RUN_VARIABLE in parent else "BROWSER")
    if browser:
        child[BROWSER_VARIABLE] = browser
    if given.java:
        child["JAVA_TOOL_OPTIONS"] = _java(parent, given)
    return child


def through(address: str, direct: Iterable[str] = ()) -> dict[str, str]:
    """Return the variables that make an emulator everybody's HTTPS proxy.

    Args:
        address: the emulator's.
        direct: what goes without it, beside the emulator itself.
    """
    return {
        **dict.fromkeys(_PROXY, address),
        **dict.fromkeys(_DIRECT, ",".join(dict.fromkeys((*_LOCAL, *direct)))),
    }


def difference(
    parent: Mapping[str, str], child: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Return the variables that a child has set or changed, and the names that it lacks."""
    changed = {name: child[name] for name in sorted(child) if parent.get(name) != child[name]}
    return changed, sorted(set(parent) - set(child))


def _is_removed(name: str, given: Given) -> bool:
    upper = name.upper()
    if upper in KEY_VARIABLES:
        return not given.keep_api_keys
    return upper in _REMOVED or upper.startswith(_REMOVED_BELOW)


def _proxies(parent: Mapping[str, str], address: str) -> dict[str, str]:
    entries = [entry for name in _DIRECT for entry in _SEPARATOR.split(parent.get(name, ""))]
    return through(address, _not_googles(entries))


def _not_googles(entries: Iterable[str]) -> Iterable[str]:
    """Yield the entries of a NO_PROXY that keep no host of Google's from the proxy.

    Clients disagree on what an entry matches, so it is read in the widest sense: as a suffix, with
    or without a dot in front, as a pattern, with or without a port.
    """
    hosts = (*EMULATED, *GOOGLES, *(f"any.{domain}" for domain in GOOGLES))
    for entry in entries:
        name = entry.lower().rpartition(":")[0] if _has_port(entry) else entry.lower()
        suffix = name.lstrip("*").lstrip(".").rstrip(".")
        if not suffix:
            continue
        below = tuple(f".{domain}" for domain in GOOGLES)
        if f".{suffix}".endswith(below):
            continue
        if any(host.endswith(suffix) or fnmatchcase(host, name) for host in hosts):
            continue
        yield entry


def _has_port(entry: str) -> bool:
    return entry.count(":") == 1 and entry.rpartition(":")[2].isdigit()


def _trust(parent: Mapping[str, str], folder: Path) -> dict[str, str]:
    names = [*_BUNDLE, *(name for name in _BUNDLE_WHERE_SET if name in parent)]
    return {
        **dict.fromkeys(names, str(folder / "bundle.pem")),
        "NODE_EXTRA_CA_CERTS": str(folder / "ca.pem"),
    }


def _preloads(parent: Mapping[str, str], folder: Path) -> dict[str, str]:
    required = f"--require {_quoted(folder / 'preload' / 'node' / 'preload.cjs')}"
    return {
        "NODE_OPTIONS": " ".join(filter(None, (parent.get("NODE_OPTIONS"), required))),
        "NODE_USE_ENV_PROXY": "1",
        "PYTHONPATH": _joined(str(folder / "preload" / "python"), parent.get("PYTHONPATH", "")),
    }


def _google(given: Given) -> dict[str, str]:
    host = urlsplit(given.address).netloc
    variables = {
        "CLOUDSDK_CONFIG": str(given.folder / "gcloud"),
        "CLOUDSDK_CORE_DISABLE_USAGE_REPORTING": "true",
        "GCE_METADATA_HOST": host,
        "GCE_METADATA_IP": host,
        "GCE_METADATA_ROOT": host,
        "GOOGLE_API_USE_CLIENT_CERTIFICATE": "false",
    }
    if not given.metadata:  # no machine of Google's: nobody need wait for its metadata server
        variables |= {"NO_GCE_CHECK": "true", "METADATA_SERVER_DETECTION": "none"}
    if given.project is not None:
        variables["GOOGLE_CLOUD_PROJECT"] = given.project
    if given.credentials is not None:
        variables["GOOGLE_APPLICATION_CREDENTIALS"] = str(given.credentials)
    return variables


def _java(parent: Mapping[str, str], given: Given) -> str:
    proxy = urlsplit(given.address)
    options = (
        f"-Dhttps.proxyHost={proxy.hostname}",
        f"-Dhttps.proxyPort={proxy.port or 80}",
        "-Dhttp.nonProxyHosts=localhost|127.*|[::1]",  # Java's own default, over the parent's
        _quoted(f"-Djavax.net.ssl.trustStore={given.folder / 'truststore.p12'}"),
        "-Djavax.net.ssl.trustStoreType=PKCS12",
        f"-Djavax.net.ssl.trustStorePassword={TRUST_STORE_PASSWORD}",
    )
    return " ".join(filter(None, (parent.get("JAVA_TOOL_OPTIONS"), *options)))


def _quoted(word: object) -> str:
    """Return a word as Node's and Java's options take one: in double quotes where need be."""
    text = str(word)
    if not {" ", '"', "'"} & set(text):
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _joined(*folders: str) -> str:
    return os.pathsep.join(folder for folder in folders if folder)
