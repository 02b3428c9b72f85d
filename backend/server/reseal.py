"""`python -m server reseal`: seal citizen ID numbers and certificates with the newest key, and let numbers be found by the
newest index key; 1 where no key opens some. The worker does the same by itself. `--give-up`: what only an index key finds
that is not given any more (numbers that nobody has now, recovery codes) is let go, so that all starts without it."""

from __future__ import annotations

import asyncio
import sys

from certificates import service
from factors.service import forget_lost_codes, with_old_codes
from haian.settings import Settings
from identity.indexing import Indexed, reindex
from identity.sealing import Resealed, reseal
from server.console import SAY, tell
from server.platform import opened


def main(settings: Settings) -> int:
    found, indexed, codes = asyncio.run(_resealed(settings, "--give-up" in sys.argv))
    tell(SAY("resealed", done=found.done))
    tell(SAY("reindexed", done=indexed.done, gone=indexed.gone))
    if indexed.left:
        tell(SAY("reindexed_left", left=indexed.left))
    if codes:
        tell(SAY("codes_left", codes=codes))
    if found.shut:
        tell(SAY("resealed_shut", shut=found.shut))
    return 1 if found.shut else 0


async def _resealed(settings: Settings, give_up: bool) -> tuple[Resealed, Indexed, int]:
    """What was sealed and indexed anew, and how many have recovery codes by another index key."""
    async with opened(settings, readers=1, writers=1) as platform:
        numbers, certificates = await reseal(platform), await service.reseal(platform)
        sealed = Resealed(numbers.done + certificates.done, numbers.shut + certificates.shut)
        if give_up:
            await forget_lost_codes(platform)
        return sealed, await reindex(platform, give_up=give_up), await with_old_codes(platform)
