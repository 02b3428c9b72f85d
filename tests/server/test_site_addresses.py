"""The client's states have a Redis database of their own, beside the product's."""

from __future__ import annotations

import pytest

from server.site import client_redis


@pytest.mark.parametrize(
    ("product", "client"),
    [
        ("", ""),
        ("unix:///tmp/a/valkey.sock?db=0", "unix:///tmp/a/valkey.sock?db=1"),
        ("unix:///tmp/a/valkey.sock", "unix:///tmp/a/valkey.sock?db=1"),
        ("redis://h:6379", "redis://h:6379/1"),
        ("rediss://u:p@h:6379/3", "rediss://u:p@h:6379/4"),
    ],
)
def test_the_database_beside(product: str, client: str) -> None:
    assert client_redis(product) == client
