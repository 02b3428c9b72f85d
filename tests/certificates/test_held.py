"""What is held under seal is whole in its citizen's own file: for them alone, in the ledger, kept by nobody on the way."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from tests.certificates.people import named
from tests.certificates.test_wallet import claim, held
from tests.clients import Phone, Served
from tests.consent.test_my_data import shown

from identity import numbers
from identity.numbers import FieldKeys


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


def foreign(bound_to: UUID) -> bytes:
    """What a key sealed that we do not have."""
    return numbers.seal("370211198805121009", FieldKeys(b"f" * 32), bound_to.bytes)


async def lose_keys(served: Served, phone: Phone, card: str) -> None:
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute("UPDATE identity.citizen_number SET sealed = $2 WHERE citizen_id = $1", UUID(phone.id),
                                 foreign(UUID(phone.id)))
    async with served.platform.db.writing_as("certificates") as connection:
        await connection.execute("UPDATE certificates.vault SET sealed = $2 WHERE certificate_id = $1", UUID(card),
                                 foreign(UUID(card)))


async def exported(phone: Phone) -> Any:
    return json.loads(await phone.ask("ConsentExport"))["holds"]


@pytest.mark.parametrize(("locale", "words"), [("zh", "解不开"), ("en", "cannot be opened")])
async def test_what_no_key_of_ours_opens_is_said_in_its_place_and_all_else_is_there(
        issuing: Served, locale: str, words: str) -> None:
    phone = await shown(issuing, await named(issuing, 206))
    await claim(phone, "id_card")
    await claim(phone, "disability")
    before = await exported(phone)
    card = (await held(phone))["id_card"]["id"]
    await lose_keys(issuing, phone, card)
    phone.http.headers["Accept-Language"] = locale
    with capture_logs() as logged:
        found = await exported(phone)
    [number] = found["identity"]["number"]
    lost, other = sorted(found["certificates"]["certificates"], key=lambda row: bool(row["id"] != card))
    assert words in number["number"]["not_opened"] and words in lost["claims"]["not_opened"]
    assert "sealed" not in number and "sealed" not in lost
    was_lost, was_other = sorted(before["certificates"]["certificates"], key=lambda row: bool(row["id"] != card))
    assert other == was_other, "one thing holds up no other of its kind"
    assert (lost["identifier"], lost["shown"]) == (was_lost["identifier"], was_lost["shown"]), "nor the rest of its row"
    assert found["identity"] | {"number": []} == before["identity"] | {"number": []}
    assert set(found) == set(before)
    assert [(line["log_level"], line["noun"], line["what"], line["row"], line["citizen"]) for line in logged
            if line["event"] == "export.not_opened"] == [
        ("error", "identity", "number", "", phone.id), ("error", "certificates", "certificates", card, phone.id)]
