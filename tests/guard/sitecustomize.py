"""Installs the outbound guard in a child process that has this folder on PYTHONPATH."""

import outbound

outbound.install()
