"""电子证照: what an office issued is claimed, shown and corrected here, and tells of a person only what they tap."""

from haian.registry import MiniApp

app = MiniApp(__name__)
