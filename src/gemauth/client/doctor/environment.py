"""The doctor on variables: which Google is called, API keys, certificates, the proxy.

google-oauth.md 6.4. Nothing is sent.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gemauth.client import shadows
from gemauth.client.connections.trust import BUNDLES
from gemauth.client.doctor.finding import Finding, failed, ok, warning
from gemauth.client.target import EMULATOR_VARIABLE, target
from gemauth.errors import Fault, UsageError

if TYPE_CHECKING:
    from gemauth.client.doctor.case import Case

__all__ = ["api_keys", "certificates", "proxy", "proxy_url", "sdk_variables", "side"]

# The first two are OpenSSL's, and so also httpx's, aiohttp's and Go's; the next two requests' and
# google-auth's (client/connections/trust.py). The others are read by one kind of program each.
_OURS = ("SSL_CERT_FILE", "SSL_CERT_DIR", *BUNDLES)
_OTHERS = (
    "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
    "HTTPLIB2_CA_CERTS",
    "NODE_EXTRA_CA_CERTS",
)


def side(case: Case) -> Finding:
    """Which Google is called: the real one, or an emulator."""
    case.endpoints = target(case.environ, case.emulator)
    if not case.endpoints.is_emulator:
        return ok("Calls go to Google.")
    how = "--emulator" if case.emulator else EMULATOR_VARIABLE
    return ok(f"Calls go to the emulator at {case.endpoints.gemini}: {how} says so.")


def api_keys(case: Case) -> Finding:
    """Whether SDKs find an API key before the credentials."""
    found = shadows.keys(case.environ)
    if found is None:
        return ok("No API key is in the environment.")
    return warning(found.message, fault=Fault.CALLER, next_step=found.next_step)


def sdk_variables(case: Case) -> Finding:
    """Whether variables lead SDKs elsewhere."""
    found = shadows.routes(case.environ)
    if found is None:
        return ok("No variable leads SDKs elsewhere.")
    return warning(found.message, fault=Fault.CALLER, next_step=found.next_step)


def certificates(case: Case) -> Finding:
    """Whether the variables that name CA certificates lead to some."""
    named = {name: case.environ[name] for name in _OURS + _OTHERS if case.environ.get(name)}
    gone = [name for name, path in named.items() if not _leads(name, path)]
    if not named:
        return ok("The system's own CA certificates are used.")
    if not gone:
        return ok(f"CA certificates are named by {', '.join(named)}, and are there.")
    told = ", ".join(f"{name}={named[name]}" for name in gone)
    message = (
        "There are no CA certificates where variables name some: TLS fails in what reads them."
    )
    if set(gone) & set(_OURS):
        error = UsageError(message, fault=Fault.MACHINE, evidence=told)
        return failed(error, next_step=f"unset {' '.join(gone)}")
    return warning(message, fault=Fault.MACHINE, evidence=told, next_step=f"unset {' '.join(gone)}")


def _leads(name: str, value: str) -> bool:
    """Whether there is what the variable is for: a bundle, folders (OpenSSL), or either."""
    path = Path(value)
    try:
        if name == "SSL_CERT_DIR":  # of several, those that are not there are passed over
            return any(Path(folder).is_dir() for folder in value.split(os.pathsep) if folder)
        return path.exists() if name in BUNDLES else path.is_file()
    except OSError:  # in a folder that may not be looked into
        return False


def proxy_url(case: Case) -> str | None:
    """Return the proxy for https as it is set, or None."""
    return case.environ.get("https_proxy") or case.environ.get("HTTPS_PROXY") or None


def proxy(case: Case) -> Finding:
    """Through which proxy https goes; its password is not told."""
    environ, url = case.environ, proxy_url(case)
    if url is None:
        if environ.get("all_proxy") or environ.get("ALL_PROXY"):
            return warning(
                "ALL_PROXY is set, which gemauth and most SDKs do not read.",
                fault=Fault.CALLER,
                next_step='export HTTPS_PROXY="$ALL_PROXY"',
            )
        return ok("No proxy is set for https.")
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        where = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        where, usable = None, False
    if not usable:
        return failed(
            UsageError("HTTPS_PROXY is no http or https URL."),
            next_step="export HTTPS_PROXY=http://HOST:PORT",
        )
    lower, upper = environ.get("https_proxy"), environ.get("HTTPS_PROXY")
    if lower and upper and lower != upper:
        return warning(
            f"https_proxy and HTTPS_PROXY differ: gemauth goes through {where}, others may not.",
            fault=Fault.CALLER,
            next_step='export HTTPS_PROXY="$https_proxy"',
        )
    skipped = environ.get("no_proxy") or environ.get("NO_PROXY")
    return ok(f"https goes through {where}" + (f", but for {skipped}." if skipped else "."))
