"""Second factors: passkeys and recovery codes, with which a citizen shows that it is them."""

from haian.registry import MiniApp

app = MiniApp(__name__)
