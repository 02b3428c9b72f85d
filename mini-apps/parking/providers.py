"""What parking offers to others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from haian.reads import sql
from haian.registry import (
    LIMITATION,
    THREE_YEARS,
    Desk,
    Fact,
    HomeBlock,
    Job,
    Providers,
    Retention,
    Scope,
    SearchSource,
    Service,
    message,
)
from parking import store_held
from parking.demo import load_demo
from parking.models import READ, WRITE
from parking.service import remind
from parking.store import desk_spaces, forget

BOOKING = "/parking/booking?id={id}"


@sql
def next_bookings() -> Any:
    """SELECT b.id, 'booking' AS kind, s.lot || ' ' || s.label AS title, d.name AS place, lower(b.during) AS starts_at,
              upper(b.during) AS ends_at, '/parking/booking?id=' || b.id AS link, b.plate AS state
       FROM parking.booking b JOIN parking.space s ON s.id = b.space_id JOIN haian.division d ON d.code = s.community
       WHERE b.holder_id = {viewer} AND b.status = 'BOOKED' AND upper(b.during) > {now}"""


@sql
def spaces_to_find() -> Any:
    """SELECT 'space' AS kind, s.id::text AS id, s.lot || ' ' || s.label AS title, d.name AS detail,
              '/parking?community=' || s.community AS link
       FROM parking.space s JOIN haian.division d ON d.code = s.community WHERE s.status = 'APPROVED'"""


@sql
def booking_now(citizen: UUID) -> Any:
    """SELECT s.lot || ' ' || s.label || ' ' || b.plate FROM parking.booking b JOIN parking.space s ON s.id = b.space_id
       WHERE b.holder_id = {citizen} AND b.status = 'BOOKED' AND b.during @> {now} ORDER BY lower(b.during) LIMIT 1"""


@sql
def booking_here(citizen: UUID, organisation: UUID) -> Any:
    """SELECT s.lot || ' ' || s.label || ' ' || b.plate FROM parking.booking b JOIN parking.space s ON s.id = b.space_id
       JOIN haian.organisation o ON o.id = {organisation} AND starts_with(s.community, o.division_code)
       WHERE b.holder_id = {citizen} AND b.status = 'BOOKED' AND b.during @> {now} ORDER BY lower(b.during) LIMIT 1"""


PROVIDERS = Providers(
    desks=(Desk("/parking/desk", ("property_clerk",), waiting=desk_spaces.rows, since="registered_at"),),
    scopes=(
        Scope(READ, {"zh": "看车位预约", "en": "See parking bookings"},
              {"zh": "能看到您什么时候、把哪辆车停在哪里。", "en": "Can see when and where which car of yours is parked."},
              {"zh": "能看到对方什么时候、把哪辆车停在哪里。",
               "en": "Can see when and where which car of theirs is parked."}),
        Scope(WRITE, {"zh": "约车位和取消", "en": "Book and cancel parking"},
              {"zh": "能替您约车位、取消，也能看到您的预约。", "en": "Can book, cancel and see parking for you."},
              {"zh": "能替对方约车位、取消，也能看到对方的预约。", "en": "Can book, cancel and see parking for them."}),
    ),
    home=HomeBlock(next_bookings),
    search=(SearchSource("space", spaces_to_find, ("parking.space_approved",)),),
    services=(
        Service("parking", {"zh": "车位共享", "en": "Parking"}, "/parking", ("停车", "车位", "共享停车")),
        Service("parking.share", {"zh": "出租车位", "en": "Share my space"}, "/parking/mine", ("出租", "共享车位")),
    ),
    facts=(Fact("parking.booking_now", {"zh": "此刻的车位预约", "en": "Parking booking now"}, booking_now),
           Fact("parking.booking_here", {"zh": "本小区此刻的车位预约", "en": "Space booked here now"}, booking_here,
                local=True)),
    messages=(
        message("parking.booked", ("车位预约成功", "{starts_at:time} {lot} {label}，车牌 {plate}。"),
                ("Parking booked", "{starts_at:time}, {lot} {label}, plate {plate}."), BOOKING),
        message("parking.space_booked", ("您的车位被预约了", "{lot} {label}，{starts_at:time}，车牌 {plate}。"),
                ("Your space was booked", "{lot} {label}, {starts_at:time}, plate {plate}."), "/parking/mine"),
        message("parking.cancelled", ("一个预约取消了", "{lot} {label}，原定 {starts_at:time}。"),
                ("A booking was cancelled", "{lot} {label}, planned for {starts_at:time}."), "/parking/mine"),
        message("parking.space_approved", ("车位核实通过", "{lot} {label} 现在可以共享了。"),
                ("Your space was checked", "You can share {lot} {label} now."), "/parking/mine"),
        message("parking.space_rejected", ("车位没有通过核实", "{lot} {label}：{reason}"),
                ("Your space was not accepted", "{lot} {label}: {reason}"), "/parking/mine"),
        message("parking.starting", ("车位预约即将开始", "{starts_at:time} {lot} {label}，车牌 {plate}。"),
                ("Your parking starts soon", "{starts_at:time}, {lot} {label}, plate {plate}."), BOOKING),
    ),
    jobs=(Job("parking.remind", 60, remind),),
    export=store_held.EXPORT,
    leaves_out=store_held.LEAVES_OUT,
    erase=forget,
    erase_after=timedelta(days=7),
    load_demo=load_demo,
    retains=(
        Retention({"zh": "车位预约：结束以后", "en": "Parking bookings: after they were over"},
                  LIMITATION, THREE_YEARS, "parking.booking",
                  "SELECT id FROM parking.booking WHERE upper(during) < $1 ORDER BY upper(during) LIMIT $2"),
    ),
)
