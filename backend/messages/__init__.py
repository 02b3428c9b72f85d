"""One inbox for each citizen, the live events of their phones, and the district's news 公告."""

from haian.registry import MiniApp

app = MiniApp(__name__)
