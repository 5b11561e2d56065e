"""The tests mirror `src/gemauth` one to one; `tests/guard` keeps them on this machine."""
