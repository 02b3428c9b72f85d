"""X-Haian-For: a request says for whom it acts; a socket cannot, and what is nobody else's business refuses."""

from __future__ import annotations

from uuid import uuid4

from tests.clients import DOCUMENTS, Phone, Served

HEADER = "X-Haian-For"


async def acting(served: Served, subject: str) -> Phone:
    phone = await served.signed_in("resident")
    phone.http.headers[HEADER] = subject
    return phone


async def test_who_i_am_is_nobody_elses_and_says_so_in_both_languages(shared: Served) -> None:
    elder = await shared.signed_in("elder")
    phone = await acting(shared, elder.id)
    for document in ("IdentityViewer", "IdentityDevices", "ConsentLedger"):
        assert await phone.refused(document) == "ACTING_NOT_COVERED"
    [error] = (await phone.send("IdentityViewer")).json()["errors"]
    assert "代别人办理" in error["message"]
    phone.http.headers["Accept-Language"] = "en"
    [error] = (await phone.send("IdentityViewer")).json()["errors"]
    assert "acting for somebody else" in error["message"]


async def test_one_acts_for_oneself_as_if_it_were_not_said(shared: Served) -> None:
    phone = await shared.signed_in("resident")
    before = await phone.ask("IdentityViewer")
    phone.http.headers[HEADER] = phone.id
    assert await phone.ask("IdentityViewer") == before


async def test_what_is_no_citizen_is_a_bad_request(shared: Served) -> None:
    for wrong in ("me", "' OR true", str(uuid4()) + "0", "é"):
        phone = await shared.signed_in("resident")
        answer = await phone.http.post("/graphql", json={"documentId": "x"}, headers={HEADER.encode(): wrong.encode()})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_nobody_acts_for_nobody(shared: Served) -> None:
    phone = shared.phone()
    phone.http.headers[HEADER] = str(uuid4())
    assert await phone.refused("IdentityDevices") == "UNAUTHENTICATED"


async def test_a_stream_is_of_whoever_opened_it(shared: Served) -> None:
    phone = await shared.signed_in("resident")
    token = (await phone.http.put("/graphql")).text
    answer = await phone.http.post("/graphql", json={"documentId": "x"},
                                   headers={HEADER: str(uuid4()), "X-GraphQL-Event-Stream-Token": token})
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_REQUEST")


async def test_a_subscription_is_for_nobody_else(shared: Served) -> None:
    phone = await acting(shared, str(uuid4()))
    answer = await phone.http.post("/graphql", json={"documentId": DOCUMENTS["MessagesLive"].id},
                                   headers={"Accept": "text/event-stream"})
    assert "ACTING_NOT_COVERED" in answer.text
