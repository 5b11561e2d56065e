"""What a notebook shows and asks: IPython's display, and the kernel's box for a line of input.

Jupyter's messaging protocol, `display_data` and `input_request`. IPython is loaded already where
there is a notebook, and is not needed where there is none.
"""

from __future__ import annotations

import getpass
import re
import sys
from html import escape
from importlib import import_module
from typing import Any

from gemauth.errors import Fault, UsageError

__all__ = ["ask", "is_notebook", "rendered", "show"]

# An address that stands on a line of its own is there to be opened.
_ADDRESS = re.compile(r"^[ ]+(https?://\S+)$", re.MULTILINE)


def is_notebook() -> bool:
    """Whether this runs in a kernel, Colab's among them, and not in a terminal's Python."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


def show(text: str) -> None:
    """Show text below the cell, its addresses as links; plain where a front end has no HTML."""
    display: Any = import_module("IPython.display")
    display.display({"text/html": rendered(text), "text/plain": text}, raw=True)


def rendered(text: str) -> str:
    """Return text as HTML: nothing in it is markup, but an address on its own line is a link."""
    parts = _ADDRESS.split(text)  # text, address, text, address, …
    made = [escape(part) for part in parts]
    made[1::2] = [
        f'<a href="{address}" target="_blank" rel="noopener noreferrer">{address}</a>'
        for address in made[1::2]
    ]
    return f'<div style="white-space:pre-wrap;overflow-wrap:anywhere">{"".join(made)}</div>'


def ask(prompt: str) -> str:
    """Ask for one line and return it, stripped.

    As for a password: pages write what is typed into any other box below the cell, and save it with
    the notebook.

    Raises:
        UsageError: the front end cannot ask: nobody is there, as when a notebook is converted.
    """
    try:
        return getpass.getpass(prompt).strip()  # ipykernel's, while a cell runs
    except EOFError:
        pass
    except Exception as error:
        if type(error).__name__ != "StdinNotImplementedError":  # IPython.core.error's
            raise
    raise UsageError(
        "This notebook runs where nobody can be asked, so nobody can sign in.",
        next_step="Sign in before it runs, in two steps: gemauth login --client-id-file FILE "
        "--start prints the address to open, and gemauth login --finish - takes the address that "
        "it ends at. Then this finds the sign-in.",
        fault=Fault.MACHINE,
    ) from None
