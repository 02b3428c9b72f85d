"""A wallet of public packages, unchanged: it is issued a certificate, verifies it, and presents a part of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.certificates.conftest import issuing, office
from tests.certificates.test_presenting import asked, holding
from tests.clients import Served
from tests.conformance.test_public_clients import ENVIRONMENT, HERE, NODE, packages

__all__ = ["issuing", "office", "packages"]


async def walked(script: str, **environment: str) -> list[str]:
    """What a wallet says that it has done."""
    process = await asyncio.create_subprocess_exec(NODE / "node", HERE / script, env=ENVIRONMENT | environment, cwd=HERE,
                                                   stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    said, failed = await asyncio.wait_for(process.communicate(), 300)
    assert process.returncode == 0, failed.decode()
    return list(json.loads(said.splitlines()[-1]))


async def test_a_public_wallet_takes_a_certificate_and_shows_that_its_holder_is_18(
        packages: Path, issuing: Served) -> None:
    phone = await holding(issuing)
    offer = await phone.ask("CertificatesOffer", id=phone.certificate)  # type: ignore[attr-defined]
    staff, made, _ = await asked(issuing)
    said = await walked("wallet.mjs", OFFER=offer["text"], CODE=offer["code"], REQUEST=made["wallet"],
                        SHOW=json.dumps({"age_equal_or_over": {"18": True}}), NOW=str(int(issuing.platform.clock.epoch())))
    assert said == ["issued", "verified id_card", "asked by x509_hash", "answered 200"]
    answer = await staff.ask("CertificatesAnswer", id=made["id"])
    assert (answer["fate"], answer["shown"]) == ("PRESENTED", [{"name": "age_18", "text": None, "holds": True}])


async def test_a_public_wallet_of_mdocs_takes_a_licence_and_hires_a_car(packages: Path, issuing: Served) -> None:
    phone = await holding(issuing, "driving_licence")
    offer = await phone.ask("CertificatesOffer", id=phone.certificate)  # type: ignore[attr-defined]
    staff, made, _ = await asked(issuing, "car_hire", "verifier")
    said = await walked("mdoc.mjs", OFFER=offer["text"], CODE=offer["code"], REQUEST=made["wallet"],
                        AUTHORITY=f"{issuing.origin}/credentials/iaca", NOW=str(int(issuing.platform.clock.epoch())))
    assert said == ["issued org.iso.18013.5.1.mDL", "verified 王", "shows age_over_18 vehicle_class", "answered 200"]
    answer = await staff.ask("CertificatesAnswer", id=made["id"])
    assert (answer["fate"], answer["shown"]) == ("PRESENTED", [
        {"name": "age_18", "text": None, "holds": True}, {"name": "vehicle_class", "text": "C1", "holds": None}])
