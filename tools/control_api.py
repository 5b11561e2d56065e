"""Write the table of methods into docs/control-api.md: `python -m tools.control_api`.

`tests/emulator/control/test_methods.py` holds the page to it.
"""

from __future__ import annotations

from pathlib import Path

from gemauth.emulator.control.endpoint import ROOT
from gemauth.emulator.control.methods import METHODS

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).parent.parent / "docs" / "control-api.md"
_BEGIN = "<!-- methods: written by `python -m tools.control_api` -->\n"
_END = "<!-- end of methods -->\n"


def page(text: str) -> str:
    """Return the page with the table as the methods have it."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    rows = "".join(
        f"| `{method.verb} {method.path}` | {method.summary} | {method.body} |\n"
        for method in METHODS
    )
    heading = "| method | what it does | members of the body |\n|---|---|---|\n"
    table = f"\nPaths are below `{ROOT}`.\n\n{heading}{rows}\n"
    return f"{before}{_BEGIN}{table}{_END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
