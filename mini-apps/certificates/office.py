"""演示: an office that knows everybody by their number, and tells the same at each question. All of it is synthetic."""

from __future__ import annotations

from datetime import date

from certificates.models import Record

CODE = "11370211DEMO0000"
OFFICES = {
    "id_card": ("公安局户籍窗口（演示）", CODE + "01"), "household": ("公安局户籍窗口（演示）", CODE + "01"),
    "residence_permit": ("公安局户籍窗口（演示）", CODE + "01"), "driving_licence": ("公安交警车管所（演示）", CODE + "01"),
    "social_security": ("人力资源和社会保障局（演示）", CODE + "02"), "senior": ("民政局（演示）", CODE + "03"),
    "marriage": ("民政局婚姻登记处（演示）", CODE + "03"), "student_card": ("演示大学", CODE + "04"),
    "disability": ("残疾人联合会（演示）", CODE + "05"), "business": ("行政审批服务局（演示）", CODE + "06"),
}
ADDRESS = "青岛西海岸新区演示路 8 号"
YEARS = {"driving_licence": 10, "residence_permit": 1, "student_card": 4, "disability": 10, "social_security": 10}
"""How long a certificate is good; others have no end, but the ID card."""


def _has(kind: str, order: int, age: int) -> bool:
    """Who has what: by the order places of the number, and by age."""
    return {"driving_licence": age >= 18 and order % 2 == 0, "marriage": age >= 22 and order % 2 == 0,
            "residence_permit": order % 5 == 3, "student_card": 6 <= age < 30, "disability": order % 5 == 1,
            "senior": age >= 60, "business": age >= 18 and order % 5 == 0}.get(kind, True)


def _own(kind: str, name: str, order: int, born: date) -> dict[str, str]:
    """What a kind says beside name, number and birth date."""
    adult = max(date(born.year + 20, 6, 1), date(2012, 6, 1))
    return {
        "id_card": {"gender": "男" if order % 2 else "女", "ethnicity": "汉", "address": ADDRESS},
        "driving_licence": {"vehicle_class": "C1", "first_issued": adult.isoformat(), "points": "0"},
        "social_security": {"card_number": f"SD{order:03d}{born:%m%d}88", "bank": "演示银行"},
        "household": {"household_number": f"0208{order:04d}", "relation": "户主", "address": ADDRESS},
        "marriage": {"spouse": "演示配偶", "married_on": max(adult, date(2014, 5, 20)).isoformat()},
        "residence_permit": {"address": ADDRESS, "since": "2024-03-01"},
        "student_card": {"school": "演示大学", "programme": "海洋科学", "student_number": f"2024{order:05d}"},
        "disability": {"category": "肢体", "grade": "三级"},
        "senior": {"benefit": "公交、景区免费" if born.year < 1960 else "景区半价"},
        "business": {"company": f"演示海味小吃店 {order:03d} 号", "uscc": f"92370211DEMO000{order:03d}",
                     "representative": name, "scope": "餐饮服务", "address": ADDRESS},
    }[kind]


def told(kind: str, name: str, number_: str, today: date) -> Record | None:
    """What the demo's office knows of a person: the same at each question; None for a kind that they do not have."""
    born, order = date.fromisoformat(f"{number_[6:10]}-{number_[10:12]}-{number_[12:14]}"), int(number_[14:17])
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if kind not in OFFICES or not _has(kind, order, age):
        return None
    general = {} if kind == "business" else {"name": name, "birthdate": born.isoformat(), "number": number_}
    office, code = OFFICES[kind]
    issued = date(today.year - 1, 1, 15) if kind in ("residence_permit", "student_card") else date(2020, 1, 15)
    years = YEARS.get(kind, 20 if kind == "id_card" and age < 46 else 0)
    until = date(issued.year + years + (kind == "residence_permit"), 12, 31) if years else None
    serial = f"{number_[10:17]}{len(kind):02d}"
    return Record(general | _own(kind, name, order, born), office, code, serial, issued, issued, until)
