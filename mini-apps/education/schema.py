"""Education in GraphQL: types, and fields of one line with their authorisation beside them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import ID, Info, Private

from education import service, store
from education.errors import NoticeWithdrawn, RemindTooSoon
from education.models import READ, WRITE
from haian import fields
from haian.acting import acting
from haian.call import Call
from haian.entities import Key
from haian.errors import PublicError
from haian.fields import Audit, Connection
from haian.ids import parse_id
from haian.rules import GIVEN, PUBLIC, role, when
from identity.models import Relation

TEACHER = role("teacher")
TEACHES = when("class teacher", lambda notice: store.teaches(notice.class_id))
TEACHES_IT = when("class teacher", lambda class_: store.teaches(class_.id))


def sentence(info: Info[Call, None], refusal: type[PublicError]) -> str:
    """The words of a refusal, in the reader's language."""
    return info.context.platform.registry.catalogue.say(refusal.code, info.context.viewer.locale)


@fields.object_type(allow=PUBLIC, key=Key("id", store.school))
class EducationSchool:
    """A school of the district."""

    id: ID
    name: str
    demo: bool
    division_code: Private[str]

    @fields.field()
    def division(self) -> str | None:
        """The name of its street."""
        return store.division_name(self.division_code)


@fields.object_type(allow=GIVEN)
class EducationConfirmation:
    """回执: whether and by whom one child's notice was confirmed. `confirmed_at` is null as long as it was not; one
    guardian is enough, and the first stands. `relation` is null where it was done by mandate."""

    pupil_id: ID
    child_name: str
    confirmed_at: datetime | None
    relation: Relation | None
    confirmed_by: Private[UUID | None]
    child_id: Private[UUID]
    role: Private[str | None]

    @fields.field()
    def by_me(self, info: Info[Call, None]) -> bool:
        return self.confirmed_by is not None and self.confirmed_by == info.context.viewer.id


@fields.object_type(allow=GIVEN)
class EducationNotice:
    """A notice 通知 to a class. Where it has a deadline, guardians are asked to confirm it. It is never edited."""

    id: ID
    title: str
    body: str
    deadline: datetime | None
    published_at: datetime
    withdrawn_at: datetime | None
    reason: str | None
    demo: bool
    class_id: Private[UUID]
    author_id: Private[UUID | None]

    @fields.field(name="class")
    def class_(self) -> EducationClass:
        return store.class_of(self.class_id)

    @fields.field()
    def author(self) -> str | None:
        return store.author(self.author_id)

    @fields.field()
    def awaits_me(self) -> bool:
        """Whether I am to confirm it for a child of mine."""
        return store.awaits_me(self.id)

    @fields.field()
    def mine(self) -> list[EducationConfirmation]:
        """My own children in it."""
        return store.mine_in(self.id)

    @fields.field(allow=TEACHES, audit=Audit("PUPILS_SEEN", subject="child_id", role="role", ground="duty"))
    def confirmations(self) -> list[EducationConfirmation]:
        """Every child of the class, those who are awaited first."""
        return store.all_in(self.id)

    @fields.field(allow=TEACHES)
    def pupil_count(self) -> int:
        return store.addressee_count(self.id)

    @fields.field(allow=TEACHES)
    def confirmed_count(self) -> int:
        return store.confirmed_count(self.id)

    @fields.field(allow=TEACHES)
    def remind_again_at(self) -> datetime | None:
        """Until when no other reminder can be sent; null where one can."""
        return store.remind_again_at(self.id)


@fields.object_type(allow=GIVEN)
class EducationClass:
    """A class 班级 of a school."""

    id: ID
    name: str
    demo: bool
    school_id: Private[UUID]

    @fields.field()
    def school(self) -> EducationSchool:
        return store.school(self.school_id)

    @fields.field(allow=TEACHES_IT)
    def pupil_count(self) -> int:
        return store.pupil_count(self.id)

    @fields.field(allow=TEACHES_IT)
    def notices(self, first: int = 20, after: str | None = None,
                last: int | None = None, before: str | None = None) -> Connection[EducationNotice]:
        """What was written to it, newest first."""
        return store.notices_of(self.id, first=first, after=after, last=last, before=before)


@fields.object_type(allow=GIVEN)
class EducationPupil:
    """A child of mine in a class."""

    id: ID
    child_name: str
    class_id: Private[UUID]

    @fields.field(name="class")
    def class_(self) -> EducationClass:
        return store.class_of(self.class_id)


@fields.object_type(allow=GIVEN)
class EducationGuardian:
    """A guardian of a pupil, as the class teacher sees one."""

    relation: Relation
    masked_name: str
    masked_phone: str | None
    citizen_id: Private[UUID]


@fields.object_type(allow=GIVEN)
class EducationWithdrawn:
    """The teacher had withdrawn it: nothing is to be confirmed any more."""

    notice_id: Private[UUID]

    @fields.field()
    def message(self, info: Info[Call, None]) -> str:
        return sentence(info, NoticeWithdrawn)

    @fields.field()
    def notice(self) -> EducationNotice:
        return store.notice(self.notice_id)


@fields.object_type(allow=GIVEN)
class EducationReminded:
    """`told`: how many guardians were reminded."""

    told: int
    again_at: datetime
    notice_id: Private[UUID]

    @fields.field()
    def notice(self) -> EducationNotice:
        return store.notice(self.notice_id)


@fields.object_type(allow=GIVEN)
class EducationRemindTooSoon:
    """The last reminder was less than 12 hours ago."""

    again_at: datetime
    notice_id: Private[UUID]

    @fields.field()
    def message(self, info: Info[Call, None]) -> str:
        return sentence(info, RemindTooSoon)


EducationConfirmResult = Annotated[EducationNotice | EducationWithdrawn, strawberry.union("EducationConfirmResult")]
EducationRemindResult = Annotated[EducationReminded | EducationRemindTooSoon, strawberry.union("EducationRemindResult")]


@strawberry.type
class Query:
    @fields.field(allow=PUBLIC)
    def education_schools(self, first: int = 20, after: str | None = None,
                          last: int | None = None, before: str | None = None) -> Connection[EducationSchool]:
        """The schools that use 人人通."""
        return store.schools(first=first, after=after, last=last, before=before)

    @fields.field(allow=PUBLIC)
    def education_school(self, id: ID) -> EducationSchool | None:
        return store.school(id)

    @fields.field(allow=acting(READ))
    def education_pupils(self) -> list[EducationPupil]:
        """My children who go to school here, or those of whom I act for."""
        return store.my_pupils()

    @fields.field(allow=acting(READ))
    def education_notices(self, first: int = 20, after: str | None = None,
                          last: int | None = None, before: str | None = None) -> Connection[EducationNotice]:
        """Notices for my children, or those of whom I act for: those that await me first, then the newest."""
        return store.my_notices(first=first, after=after, last=last, before=before)

    @fields.field(allow=acting(READ))
    def education_notice(self, id: ID) -> EducationNotice | None:
        """A notice for a child of mine, or to a class that I teach."""
        return store.notice(id)

    @fields.field(allow=TEACHER)
    def education_classes(self) -> list[EducationClass]:
        """The classes that I teach."""
        return store.my_classes()

    @fields.field(allow=TEACHER)
    def education_class(self, id: ID) -> EducationClass | None:
        """A class that I teach."""
        return store.my_class(id)

    @fields.field(allow=TEACHER, audit=Audit("GUARDIANS_SEEN", subject="citizen_id", ground="duty"))
    def education_guardians(self, pupil: ID) -> list[EducationGuardian]:
        """The guardians of a pupil in a class that I teach. Each look is in their ledger."""
        return store.guardians(pupil)


@strawberry.type
class Mutation:
    @fields.mutation(allow=TEACHER)
    async def education_publish(self, info: Info[Call, None], class_id: ID, title: str, body: str, key: str,
                                deadline: datetime | None = None) -> EducationNotice:
        """Publish a notice to a class that I teach; with a deadline, guardians are asked to confirm it."""
        return await service.publish(info.context, parse_id(class_id, "classId"), title, body, deadline, key)

    @fields.mutation(allow=TEACHER)
    async def education_withdraw(self, info: Info[Call, None], id: ID, reason: str) -> EducationNotice:
        return await service.withdraw(info.context, parse_id(id, "id"), reason)

    @fields.mutation(allow=TEACHER)
    async def education_remind(self, info: Info[Call, None], id: ID, key: str) -> EducationRemindResult:
        return await service.remind(info.context, parse_id(id, "id"), key)

    @fields.mutation(allow=acting(WRITE))
    async def education_confirm(self, info: Info[Call, None], id: ID, key: str) -> EducationConfirmResult:
        """Confirm for all my children in it, or those of whom I act for. The key lets a tap wait in the phone until the
        network is back."""
        return await service.confirm(info.context, parse_id(id, "id"), key)
