"""Healthcare booking 预约挂号: hospital, department, doctor, day, slot; for myself or my child."""

from haian.registry import MiniApp

app = MiniApp(__name__)
