"""搜索: one index of what is public, fed by what the mini-apps offer."""

from haian.registry import MiniApp

app = MiniApp(__name__)
