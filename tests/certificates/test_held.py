"""What is held under seal is whole in its citizen's own file: for them alone, in the ledger, kept by nobody on the way."""

from __future__ import annotations

import json
from uuid import UUID

from structlog.testing import capture_logs
from tests.certificates.people import named
from tests.certificates.test_wallet import claim, held
from tests.clients import Phone, Served
from tests.consent.test_my_data import shown


async def line_of_export(served: Served, who: Phone) -> list[tuple[str, str, list[str]]]:
    rows = await served.platform.db.fetch("""SELECT action, actor_role, fields FROM haian.audit
        WHERE subject_id = $1 AND action = 'DATA_EXPORTED' ORDER BY id""", UUID(who.id))
    return [tuple(row) for row in rows]


async def test_the_number_and_what_certificates_say_are_whole_in_my_file_and_nowhere_else(issuing: Served) -> None:
    phone = await shown(issuing, await named(issuing))
    await claim(phone, "id_card")
    card = (await held(phone))["id_card"]
    whole = {each["name"]: each["value"] for each in await phone.ask("CertificatesUnmask", id=card["id"])}
    with capture_logs() as logged:
        answer = await phone.send("ConsentExport")
    assert answer.headers["cache-control"] == "no-store"
    made = json.loads(answer.json()["data"]["consentExport"])
    [number], [certificate] = made["holds"]["identity"]["number"], made["holds"]["certificates"]["certificates"]
    assert number["number"] == phone.number != number["shown"]  # type: ignore[attr-defined]
    assert certificate["claims"] == whole and phone.number in whole.values()  # type: ignore[attr-defined]
    assert phone.number not in str(logged)  # type: ignore[attr-defined]
    assert await line_of_export(issuing, phone) == [("DATA_EXPORTED", "citizen", ["number", "certificates"])]
