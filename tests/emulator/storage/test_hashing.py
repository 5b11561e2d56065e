from __future__ import annotations

from gemauth.emulator.storage.hashing import digest


def test_the_digest_is_sha_256() -> None:
    """The digest of a text is the SHA-256 of its UTF-8 (FIPS 180-2's own example)"""
    expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert digest("abc") == expected


def test_any_text_has_a_digest() -> None:
    """What a request may hold, half a surrogate pair included, has a digest and not a crash"""
    assert len(digest("\udc80")) == 64
    assert digest("\udc80") != digest("?")
