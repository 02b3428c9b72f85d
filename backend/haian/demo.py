"""演示数据: synthetic, made with fixed seeds, the same on every machine; rolled forward to today at every start."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

SPACE = uuid5(NAMESPACE_URL, "https://haian.example/demo")


@dataclass(frozen=True)
class DemoSize:
    """How much there is. `demo` loads in seconds; `district` is what benchmarks and plans are checked with."""

    name: str
    citizens: int
    spaces: int
    bookings: int
    doctors: int
    slots: int
    classes: int
    notices: int

    def of(self, citizens: int) -> DemoSize:
        """The same in proportion to another number of citizens, for benchmarks that look at growth."""
        def part(number: int) -> int:
            return max(1, number * citizens // self.citizens)
        return DemoSize(self.name, citizens, max(20, part(self.spaces)), part(self.bookings), max(60, part(self.doctors)),
                        part(self.slots), max(12, part(self.classes)), part(self.notices))


SIZES = {
    "demo": DemoSize("demo", 300, 120, 60, 60, 0, 12, 36),
    "district": DemoSize("district", 200_000, 5_000, 200_000, 5_000, 200_000, 500, 50_000),
}


@dataclass(frozen=True)
class Account:
    """A demo account that a person signs in with; `key` names it in all mini-apps' demo data."""

    key: str
    phone: str
    name: str
    what_zh: str
    what_en: str


ACCOUNTS = (
    Account("resident", "13800000001", "王海燕", "居民", "resident"),
    Account("elder", "13800000002", "李德福", "72 岁的居民", "resident aged 72"),
    Account("parent", "13800000003", "张晓梅", "家长", "parent"),
    Account("teacher", "13800000004", "刘文静", "班主任", "class teacher"),
    Account("guard", "13800000005", "赵建国", "小区保安", "property guard"),
    Account("registrar", "13800000006", "孙丽娜", "医院挂号员", "hospital registrar"),
    Account("developer", "13800000007", "周子航", "小程序开发者", "mini-app developer"),
    Account("clerk", "13800000008", "吴志强", "物业管理员", "property clerk"),
    Account("editor", "13800000009", "郑海波", "区公告编辑", "district news editor"),
    Account("desk", "13800000010", "何秀兰", "社区服务台", "community desk officer"),
    Account("manager", "13800000011", "郭建华", "单位管理员", "manager"),
    Account("grandson", "13800000012", "李小军", "李德福的孙子", "grandson of 李德福"),
    Account("child", "13800000014", "张小海", "张晓梅的孩子，不满 14 岁", "child of 张晓梅, under 14"),
    Account("verifier", "13800000013", "林志远", "各处核验员", "reads codes in many places"),
)


def demo_id(name: str) -> UUID:
    """The fixed id of a thing in the demo data, such as `citizen:resident` or `organisation:school`."""
    return uuid5(SPACE, name)
