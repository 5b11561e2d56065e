"""`gemauth emulator ca`: the certificate that a client needs to verify the emulator's TLS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from gemauth.cli.command import CONNECTION, Command, Example
from gemauth.cli.emulator.where import control

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from gemauth.cli.console import Console

__all__ = ["CA"]


def output(parser: ArgumentParser) -> None:
    """Take where the certificate goes."""
    parser.add_argument(
        "--output", metavar="FILE", help="write the certificate (PEM) there instead of printing it"
    )
    parser.add_argument(
        "--overwrite", action="store_true", help="replace a file that is there already"
    )


def show(args: Namespace, console: Console) -> int:
    """Print or write the certificate."""
    path = None if args.output is None else Path(args.output)
    if path is not None and not args.overwrite:
        from gemauth.cli.emulator.client_file import refuse_existing

        refuse_existing(path)
    with control(args, console) as emulator:
        answer = emulator.ca()
    pem = answer["certificate"]
    if path is not None:
        from gemauth.client.cache.files import write_private

        write_private(path, pem.encode("ascii"), replace=args.overwrite)
    if console.format == "json":
        console.json(answer if path is None else {**answer, "path": str(path)})
    elif path is None:
        console.write(pem)
    else:
        console.print(str(path))
    console.say(
        f"It is valid until {answer['notAfter']}, and only for Google's names and localhost. "
        f"SHA-256 of its key: {answer['spkiSha256']}"
    )
    return 0


CA = Command(
    "ca",
    "Print the certificate of the emulator's own authority.",
    show,
    output,
    options=CONNECTION,
    details=(
        "An emulator ends TLS for Google's hosts with certificates of its own authority, made for "
        "one data folder and valid for 30 days. It may vouch for googleapis.com, google.com, "
        "google.internal and localhost, and gemauth never puts it into a system's or a browser's "
        "store: gemauth emulator run tells one program to trust it, and no other.\n\n"
        "To trust it in one browser profile, where a page at Google's own address is to come from "
        "the emulator: start Chromium with --user-data-dir=DIR "
        "--proxy-server=http://127.0.0.1:PORT --ignore-certificate-errors-spki-list=KEY, where "
        "KEY is the spkiSha256 that --format json shows; it stays right when the certificate is "
        "renewed. Or import the file into the profile's NSS store: certutil -d sql:PROFILE -A -t "
        "C,, -n gemauth-emulator -i ca.pem, where PROFILE is Firefox's profile folder, or "
        "~/.pki/nssdb for all of Chromium's on Linux. Take it out with certutil -d sql:PROFILE -D "
        "-n gemauth-emulator."
    ),
    examples=(
        Example("For curl, by hand", "gemauth emulator ca --output ca.pem"),
        Example("What identifies it", "gemauth emulator ca --format json"),
    ),
)
