"""Posts: who works for which organisation, in which role and place, from when to when."""

from haian.registry import MiniApp

app = MiniApp(__name__)
