"""What messages may hold: text without surrogates, scopes without spaces."""

from __future__ import annotations

from hypothesis import strategies as st

TEXT = st.text(min_size=1)
MAYBE = st.none() | TEXT
SCOPES = st.lists(
    st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1), unique=True
).map(tuple)
SECONDS = st.none() | st.integers(0, 10**9)
