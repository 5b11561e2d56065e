"""Programs of other people's, unmodified, each run by `gemauth emulator run`: what works, and how.

`case.py` says what a case is, `python.py` and `other.py` list them, `programs/` holds the programs,
which know nothing of any emulator. `test_clients.py` runs each and asks the emulator what it saw;
docs/clients.md is the same table for people (`python -m tools.clients_page`).
"""
