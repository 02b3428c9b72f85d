"""For whom I act: guardians 监护人 and mandates 亲友代办."""

from haian.registry import MiniApp

app = MiniApp(__name__)
