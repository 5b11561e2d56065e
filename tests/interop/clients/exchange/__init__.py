"""Credential files between programs: what one writes, each of the others reads.

`table.py` says what a writer and a reader are, `writers.py` and `readers.py` list them, `driver.py`
runs a writer and its readers inside one run, `test_exchange.py` asks the emulator what it saw of
each; docs/interop.md is the same table for people (`python -m tools.interop_page`).
"""
