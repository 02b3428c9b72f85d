"""Who a citizen is, which posts they hold, for whom they act, and on which devices they are signed in."""

from haian.registry import MiniApp

app = MiniApp(__name__)
