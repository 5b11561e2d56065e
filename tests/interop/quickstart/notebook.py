"""Run a notebook's code cells from top to bottom in a real kernel, as Colab would.

    python notebook.py [NOTEBOOK.ipynb] < FORM

Without a file the cells are those of the OAuth quickstart's steps, in `cells.py`. FORM is JSON: the
values that a person types into Colab's form fields (`# @param`) by variable name. Prints, as JSON,
each code cell's outputs; a cell that raises ends the run with its traceback.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import nbformat
from cells import CELLS
from nbclient import NotebookClient


def main() -> None:
    """Execute and print."""
    form = json.loads(sys.stdin.read() or "{}")
    if len(sys.argv) > 1:
        notebook = nbformat.read(sys.argv[1], as_version=4)
    else:
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in CELLS])
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for cell in code:
        for name, value in form.items():
            field = rf"^{name} = ''(?=\s*# @param)"
            cell.source = re.sub(field, f"{name} = {value!r}", cell.source, flags=re.MULTILINE)
    NotebookClient(
        notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": Path.cwd()}}
    ).execute()
    outputs = [
        "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in cell.outputs)
        for cell in code
    ]
    json.dump(outputs, sys.stdout)


if __name__ == "__main__":
    main()
