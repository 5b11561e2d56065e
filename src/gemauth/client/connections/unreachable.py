"""What it means to people that no answer came: one text for each way that a request can fail."""

from __future__ import annotations

from enum import Enum, auto
from urllib.parse import urlsplit

from gemauth.errors import Fault, UnreachableError
from gemauth.http import LOOPBACK

__all__ = ["ConnectionLostError", "Failure", "cause", "unreachable"]


class ConnectionLostError(UnreachableError):
    """The connection broke off; the request may have been carried out all the same."""


class Failure(Enum):
    """How a request can fail before there is an answer."""

    PROXY = auto()  # it did not connect
    TLS = auto()
    NAME = auto()
    TIME = auto()
    CONNECTION = auto()  # nobody takes it
    LOST = auto()  # the connection, once it was made
    BROKEN = auto()  # what came on it is no HTTP
    SIZE = auto()  # more came than is held


def unreachable(  # noqa: PLR0911  # a table of kinds
    failure: Failure, host: str, proxy: str | None, seconds: float, evidence: str | None = None
) -> UnreachableError:
    """Return the error that names the host, the cause and the next step.

    Args:
        failure: how it failed.
        host: as people read it, with its port.
        proxy: its URL, or None; what it holds of a user is not repeated.
        seconds: that were waited.
        evidence: the system's own words, which name no URL.
    """
    match failure:
        case Failure.PROXY:
            where = urlsplit(proxy or "")
            return UnreachableError(
                f"The proxy {where.hostname}:{where.port or ''} did not connect to {host}.",
                next_step="Check HTTPS_PROXY and NO_PROXY.",
                evidence=evidence,
            )
        case Failure.TLS:
            return UnreachableError(
                f"The TLS certificate or handshake of {host} was not accepted.",
                next_step="Where a company's proxy opens TLS, set SSL_CERT_FILE to its "
                "certificates.",
                evidence=evidence,
            )
        case Failure.NAME:
            return UnreachableError(
                f"The name {host} could not be resolved.",
                next_step="Check the network connection and DNS, or set HTTPS_PROXY.",
            )
        case Failure.TIME:
            return UnreachableError(
                f"{host} did not answer within {seconds:g} seconds.",
                next_step="Try again; check the network connection and HTTPS_PROXY.",
            )
        case Failure.CONNECTION:
            emulated = (urlsplit(f"//{host}").hostname or "") in LOOPBACK
            return UnreachableError(
                f"Nothing accepts connections at {host}.",
                fault=Fault.MACHINE if emulated else None,
                next_step="Start the emulator (gemauth emulator start), or correct its address."
                if emulated
                else "Check the network connection and HTTPS_PROXY.",
                evidence=evidence,
            )
        case Failure.LOST:
            return ConnectionLostError(
                f"The connection to {host} broke off before the whole answer was there.",
                next_step="Try again; it may have been carried out all the same.",
                evidence=evidence,
            )
        case Failure.SIZE:
            return UnreachableError(
                f"{host} answered with more than 256 MiB at once.",
                fault=Fault.SERVER,
                next_step="Ask for less in one answer; check the address and HTTPS_PROXY.",
            )
        case Failure.BROKEN:
            return UnreachableError(
                f"The connection to {host} broke off, or what answered does not speak HTTP.",
                next_step="Try again; check the address and HTTPS_PROXY.",
                evidence=evidence,
            )


def cause(error: BaseException) -> str:
    """Return the system's own words for a failure: the innermost OSError's, which name no URL."""
    words, seen = type(error).__name__, error
    while True:
        if isinstance(seen, OSError):
            words = getattr(seen, "verify_message", None) or seen.strerror or words
        nested = next((arg for arg in seen.args if isinstance(arg, BaseException)), seen.__cause__)
        if nested is None:
            return words
        seen = nested
