"""The OAuth client of a notebook: Colab's secrets, a file, or the file's content.

Colab keeps secrets by name, hands them only to notebooks that were allowed to have them, and says
so by exceptions of its own (`google.colab.userdata`, a package that Colab alone has).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from gemauth.client.advice import NEW_CLIENT
from gemauth.client.login.wish import read_client
from gemauth.errors import DataError, UsageError
from gemauth.google.client_secret import ClientSecret, WrongFile

__all__ = ["FILE", "SECRET", "Client", "client_of"]

Client = str | os.PathLike[str] | Mapping[str, Any]
"""A file's path, or the content of one."""

SECRET = "CLIENT_SECRET"  # noqa: S105  # a name: that of Google's OAuth quickstart for notebooks
FILE = "client_secret.json"
_COLABS = "Colab's secrets (the key symbol on the left)"
# By the class of Colab's exception.
_REFUSED = {
    "SecretNotFoundError": (
        "Colab has no secret with the name {name}.",
        "Add it under " + _COLABS + ": its value is the whole text of the OAuth client's "
        "client_secret_….json. {new}",
    ),
    "NotebookAccessError": (
        "This notebook may not see the secret {name}.",
        "Switch “Notebook access” on beside it, under " + _COLABS + ", and run this again.",
    ),
    "TimeoutException": (
        "Colab did not hand out the secret {name}.",
        "Keep the notebook's page open while this runs: the secret comes from there.",
    ),
}


def client_of(given: Client | None, secret: str, *, emulated: bool) -> ClientSecret:
    """Return the OAuth client to sign in with.

    Args:
        given: its file or content; None takes Colab's secret, or `client_secret.json` here.
        secret: the name of Colab's.
        emulated: whether an emulator makes clients' files.

    Raises:
        UsageError: none is given, and there is neither secret nor file; or Colab refuses it.
        NotFoundError: there is no such file.
        DataError: it is no client file.
    """
    new = NEW_CLIENT.on(emulated=emulated)
    if isinstance(given, Mapping):
        return _parsed(given, "The client's content", new)
    if given is not None:
        return read_client(Path(given), emulated=emulated)
    text = _colab_secret(secret, new)
    if text is not None:
        return _parsed(text, f"The secret {secret}", new)
    if Path(FILE).exists():
        return read_client(Path(FILE), emulated=emulated)
    raise UsageError(
        f"There is no OAuth client to sign in with: no {FILE} in {Path.cwd()}.",
        next_step=f"Put it there, or name it: login('FILE'). {new}",
    )


def _colab_secret(name: str, new: str) -> str | None:
    """Return a secret of Colab's, or None where this is not Colab.

    Raises:
        UsageError: there is none of this name, or not for this notebook.
    """
    try:
        userdata = import_module("google.colab.userdata")
    except ImportError:
        return None
    try:
        return str(userdata.get(name))
    except Exception as error:
        refused = _REFUSED.get(type(error).__name__)
        if refused is None:
            raise
        message, step = (text.format(name=name, new=new) for text in refused)
        raise UsageError(message, next_step=step) from None


def _parsed(content: str | Mapping[str, Any], what: str, new: str) -> ClientSecret:
    try:
        return ClientSecret.from_json(
            json.loads(content) if isinstance(content, str) else dict(content)
        )
    except (ValueError, RecursionError):
        raise DataError(
            f"{what} is no JSON: it has to be the whole text of a client_secret_….json.",
            next_step=new,
        ) from None
    except WrongFile:
        raise
    except DataError as error:
        raise DataError(f"{what}: {error.message}", next_step=new) from None
