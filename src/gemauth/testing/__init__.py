"""What programs test with: a clock, an emulator in a thread or a process, suites for contracts.

Nothing is imported here: each module loads when it is first used.
"""

from __future__ import annotations
