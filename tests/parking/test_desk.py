"""The desk of a community: everything that waits for a check is counted, and read page by page."""

from __future__ import annotations

from tests.clients import Served
from tests.gateway.test_desks import desks

from haian.demo import demo_id

COMMUNITY = "370211005001"


async def test_beyond_a_hundred_spaces_all_are_counted_and_each_is_seen_once(served: Served) -> None:
    clerk = await served.signed_in("clerk")
    before = (await desks(clerk))["/parking/desk"]["waiting"]
    async with served.platform.db.writing_as("parking") as connection:
        await connection.execute("""INSERT INTO parking.space (owner_id, community, lot, label, price_cents, registered_at)
            SELECT $1, $2, '北区', n::text, 100, $3 FROM generate_series(1, 130) n""",
            demo_id("citizen:resident"), COMMUNITY, served.platform.clock.now())
    assert (await desks(clerk))["/parking/desk"]["waiting"] == before + 130
    seen, after = [], None
    while True:
        page = await clerk.ask("ParkingDeskSpaces", first=60, after=after)
        seen += [edge["node"]["id"] for edge in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert len(seen) == len(set(seen)) == before + 130
