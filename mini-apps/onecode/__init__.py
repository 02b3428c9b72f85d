"""一码通: one code opens every door; it is shown once, and its holder sees at once who read it."""

from haian.registry import MiniApp

app = MiniApp(__name__)
