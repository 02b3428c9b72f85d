"""车位共享: a resident lends a parking space while it stands empty, and a neighbour books it."""

from haian.registry import MiniApp

app = MiniApp(__name__)
