from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gemauth.oauth.pkce import S256, challenge, is_verifier, matches, verifier


def test_the_rfcs_example() -> None:
    """RFC 7636 appendix B."""
    proof = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge(proof) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert matches(proof, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", S256)


@given(st.binary(min_size=32, max_size=96))
def test_a_verifier_proves_its_challenge(entropy: bytes) -> None:
    """Any 256 bits or more make a verifier of the right alphabet and length."""
    proof = verifier(entropy)
    assert is_verifier(proof)
    assert matches(proof, challenge(proof), S256)
    assert matches(proof, proof, "plain")
    assert not matches(proof, proof, S256)


@given(st.binary(min_size=32, max_size=96), st.text())
def test_nothing_else_does(entropy: bytes, other: str) -> None:
    """Neither another text for a verifier nor another challenge."""
    proof = verifier(entropy)
    assert not matches(other, challenge(proof), S256)
    assert not matches(proof, other, S256)


def test_a_short_verifier_is_proof_too() -> None:
    """oauth2l's, a UUID, proves its challenge; nothing, and what is too long, proves none."""
    uuid = "0c9b2b3e-3a1e-4d7f-9d2c-5f5b6f7a8b9c"
    assert not is_verifier(uuid)
    assert matches(uuid, challenge(uuid), S256)
    for other in ("", "a" * 129):
        assert not matches(other, challenge(other), S256)


@pytest.mark.parametrize("size", [0, 31, 97])
def test_too_little_or_too_much_entropy(size: int) -> None:
    """Less than 256 bits is refused, and what would exceed 128 characters."""
    with pytest.raises(ValueError, match="32 to 96"):
        verifier(bytes(size))


@pytest.mark.parametrize(
    ("text", "good"),
    [("a" * 42, False), ("a" * 43, True), ("a" * 128, True), ("a" * 129, False),
     ("a" * 42 + "é", False), ("a" * 43 + "\n", False), ("-._~" * 11, True)],
)  # fmt: skip
def test_a_verifiers_form(text: str, *, good: bool) -> None:
    """43 to 128 unreserved characters (RFC 7636 section 4.1)."""
    assert is_verifier(text) is good
