"""Token Status List: what is put in is read out, and what is broken says nothing."""

from __future__ import annotations

import zlib

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from certificates import status_list
from certificates.sd_jwt import Invalid, b64, unb64


@given(st.dictionaries(st.integers(0, 1023), st.sampled_from([1, 2])))
def test_what_is_put_in_is_read_out(marked: dict[int, int]) -> None:
    lst = status_list.packed(marked.items(), 1024)
    assert {index: status_list.status_at(lst, 2, index) for index in range(1024)} == {
        index: marked.get(index, 0) for index in range(1024)}


def test_the_bits_stand_as_the_draft_has_them() -> None:
    """Section 4: twelve statuses of two bits are the bytes C9 44 F9."""
    statuses = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
    lst = status_list.packed(enumerate(statuses), 12)
    assert [status_list.status_at(lst, 2, index) for index in range(12)] == statuses
    assert zlib.decompress(unb64(lst)).hex() == "c944f9"


@pytest.mark.parametrize(("lst", "bits", "index"), [
    ("", 2, 0), ("AA", 2, 0), (b64(zlib.compress(b"\0")), 2, 4), (b64(zlib.compress(b"\0")), 2, -1),
    (b64(zlib.compress(b"\0")), 3, 0), (b64(zlib.compress(bytes(2**24 + 1))), 1, 0)])
def test_a_broken_list_says_nothing(lst: str, bits: int, index: int) -> None:
    with pytest.raises(Invalid):
        status_list.status_at(lst, bits, index)


def test_a_whole_list_is_small_and_signed() -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    made = status_list.token("https://x.example/1", [(7, 1)], 1_800_000_000, key, "k")
    said = jwt.decode(made, key.public_key(), algorithms=["ES256"], options={"verify_exp": False, "verify_iat": False})
    assert jwt.get_unverified_header(made)["typ"] == "statuslist+jwt"
    assert (said["sub"], said["exp"] - said["iat"]) == ("https://x.example/1", 86_400)
    assert status_list.status_at(said["status_list"]["lst"], said["status_list"]["bits"], 7) == 1
    assert len(made) < 1000
