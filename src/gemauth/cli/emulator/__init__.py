"""`gemauth emulator …`: run a local Google, and do there what the Cloud console does."""

from __future__ import annotations

from gemauth.cli.command import Group
from gemauth.cli.emulator.authorize import AUTHORIZE
from gemauth.cli.emulator.ca import CA
from gemauth.cli.emulator.clients import API_KEYS, CLIENTS
from gemauth.cli.emulator.consent import CONSENT_SCREEN, TEST_USERS
from gemauth.cli.emulator.credentials import CREDENTIALS
from gemauth.cli.emulator.grants import GRANTS
from gemauth.cli.emulator.metadata import METADATA
from gemauth.cli.emulator.people import ACCOUNTS, GROUPS
from gemauth.cli.emulator.process import START, STATUS, STOP
from gemauth.cli.emulator.projects import IAM, PROJECTS, SERVICES
from gemauth.cli.emulator.requests import REQUESTS
from gemauth.cli.emulator.run import RUN
from gemauth.cli.emulator.tuned_models import SEED, TUNED_MODELS
from gemauth.google.hosts import EMULATED

__all__ = ["COMMAND"]

COMMAND = Group(
    "emulator",
    "Run a local Google, and do there what a console does.",
    (
        START,
        STOP,
        STATUS,
        RUN,
        CA,
        REQUESTS,
        PROJECTS,
        SERVICES,
        CONSENT_SCREEN,
        TEST_USERS,
        CLIENTS,
        ACCOUNTS,
        GROUPS,
        AUTHORIZE,
        GRANTS,
        CREDENTIALS,
        IAM,
        API_KEYS,
        METADATA,
        TUNED_MODELS,
        SEED,
    ),
    details=(
        "Every command but start, stop and run talks to a running emulator: the one that "
        "--emulator or GEMAUTH_EMULATOR names, else the one that runs on the usual data folder. "
        "run starts one of its own where neither names one.\n\n"
        f"To programs in a run, an emulator answers for these hosts: {', '.join(EMULATED)}."
    ),
)
