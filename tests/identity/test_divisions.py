"""The district's streets and communities."""

from __future__ import annotations

from tests.clients import Served


async def test_the_district_has_its_streets_and_communities_by_the_names_that_people_use(served: Served) -> None:
    phone = served.phone()
    streets = await phone.ask("IdentityStreets")
    communities = [each for street in streets for each in await phone.ask("IdentityCommunities", street=street["code"])]
    assert (len(streets), len(communities)) == (23, 376)
    assert not [each["name"] for each in communities if each["name"].endswith("委员会")]
    assert {"盐滩社区", "丁家河社区"} <= {each["name"] for each in communities}


async def test_a_community_may_be_made_mine_and_a_street_may_not(served: Served) -> None:
    phone = await served.signed_in("resident")
    chosen = await phone.ask("IdentityChooseCommunity", code="370211001001")
    assert chosen["community"]["name"] == "盐滩社区"
    assert await phone.refused("IdentityChooseCommunity", code="370211001") == "INVALID_ARGUMENT"
    assert (await phone.ask("IdentityViewer"))["identityViewer"]["community"]["code"] == "370211001001"
