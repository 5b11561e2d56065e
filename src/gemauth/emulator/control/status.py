"""What an emulator says of itself."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gemauth.clock import rfc3339
from gemauth.emulator.control.projects import everyones
from gemauth.emulator.storage.records import Account, OAuthClient, TunedModel
from gemauth.version import __version__

if TYPE_CHECKING:
    from gemauth.emulator.control.endpoint import Answer, Call
    from gemauth.emulator.storage.store import Transaction

__all__ = ["status"]


def status(tx: Transaction, call: Call) -> Answer:
    """Return version, process id, address, time, data folder and how much there is."""
    data = call.context.settings.data
    return {
        "version": __version__,
        "pid": os.getpid(),
        "address": call.base,
        "time": rfc3339(call.now),
        "data": None if data is None else str(data),
        "accounts": len(tx.find(Account)),
        "projects": len(everyones(tx)),
        "clients": sum(client.kind != "first_party" for client in tx.find(OAuthClient)),
        "tunedModels": len(tx.find(TunedModel)),
    }
