"""人人通: a teacher writes to a class, every guardian reads it in one inbox and confirms with one tap."""

from haian.registry import MiniApp

app = MiniApp(__name__)
