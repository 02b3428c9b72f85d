"""A class of a test's own: children, their guardians with a phone each, and the demo teacher who teaches it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tests.clients import Phone, Served
from tests.crowd import crowd

from haian.demo import demo_id
from haian.ids import new_id

SCHOOL = demo_id("organisation:school")


@dataclass
class Classroom:
    """`guardians`: one phone for each child, in the order of `children`; `pupils`: their enrolments."""

    served: Served
    id: UUID
    teacher: Phone
    guardians: list[Phone]
    children: list[UUID]
    pupils: list[UUID]

    async def publish(self, hours: float | None = 48, title: str = "周五研学", body: str = "八点校门口集合。",
                      key: str = "") -> dict[str, Any]:
        """A notice to this class; without hours it needs no confirmation."""
        deadline = None if hours is None else (self.served.platform.clock.now() + timedelta(hours=hours)).isoformat()
        made: dict[str, Any] = await self.teacher.ask(
            "EducationPublish", classId=str(self.id), title=title, body=body, deadline=deadline,
            key=key or str(uuid4()))
        return made

    async def written(self, notice: dict[str, Any]) -> dict[str, Any]:
        """The notice as the teacher sees it."""
        seen: dict[str, Any] = await self.teacher.ask("EducationWritten", id=notice["id"])
        return seen

    async def count(self, statement: str, *values: Any) -> int:
        """A number from behind the scenes."""
        return int((await self.served.platform.db.fetch(f"SELECT count(*) {statement}", *values))[0][0])


async def classroom(served: Served, children: int = 2) -> Classroom:
    """A new class of the demo's school, with so many children of one guardian each."""
    phones, class_ = await crowd(served, children), await add_class(served)
    made = Classroom(served, class_, await served.signed_in("teacher"), phones, [], [])
    for number, phone in enumerate(phones):
        child = await add_child(served, f"测试孩子{number}")
        made.children.append(child)
        made.pupils.append(await enrol(served, class_, child))
        await add_guardian(served, phone, child)
    return made


async def add_class(served: Served) -> UUID:
    """An empty class of the demo's school, taught by the demo teacher."""
    class_ = new_id()
    async with served.platform.db.writing_as("education") as connection:
        await connection.execute("INSERT INTO education.class VALUES ($1, $2, $3)", class_, SCHOOL,
                                 f"测试{class_.hex[-6:]}班")
        await connection.execute("INSERT INTO education.class_teacher VALUES ($1, $2)", class_, demo_id("citizen:teacher"))
    return class_


async def add_child(served: Served, name: str) -> UUID:
    child = new_id()
    async with served.platform.db.writing_as("identity") as connection:
        await connection.execute(
            "INSERT INTO identity.citizen (id, name, born, created_at) VALUES ($1, $2, '2017-05-01', $3)",
            child, name, served.platform.clock.now())
    return child


async def add_guardian(served: Served, who: Phone | UUID, child: UUID, relation: str = "MOTHER") -> None:
    now = served.platform.clock.now()
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("INSERT INTO delegation.guardianship VALUES ($1, $2, $3, $4, $5)",
                                 who if isinstance(who, UUID) else UUID(who.id), child, relation,
                                 now - timedelta(days=30), now + timedelta(days=3000))


async def end_guardian(served: Served, phone: Phone) -> None:
    async with served.platform.db.writing_as("delegation") as connection:
        await connection.execute("UPDATE delegation.guardianship SET until = $2 WHERE guardian_id = $1", UUID(phone.id),
                                 served.platform.clock.now())


async def enrol(served: Served, class_: UUID, child: UUID) -> UUID:
    async with served.platform.db.writing_as("education") as connection:
        made: UUID = await connection.fetchval(
            "INSERT INTO education.pupil (class_id, child_id, during) VALUES ($1, $2, tstzrange($3, NULL)) RETURNING id",
            class_, child, served.platform.clock.now() - timedelta(days=100))
    return made


async def inbox(phone: Phone) -> list[dict[str, Any]]:
    """The messages of a phone about notices, newest first."""
    found = await phone.ask("MessagesInbox", first=100)
    messages: Sequence[Any] = [edge["node"] for edge in found["messagesInbox"]["edges"]]
    return [message for message in messages if message["type"].startswith("education.")]


async def notices(phone: Phone) -> list[dict[str, Any]]:
    """The notices for my children, as the phone lists them."""
    found = await phone.ask("EducationNotices", first=100)
    return [edge["node"] for edge in found["educationNotices"]["edges"]]


async def newcomers(served: Served, many: int) -> list[Phone]:
    """More residents beside those that a classroom has made."""
    return [await served.signed_in(f"137{uuid4().int % 10**8:08d}") for _ in range(many)]
