"""Consent: to the terms by version, and to who may see which fact."""

from haian.registry import MiniApp

app = MiniApp(__name__)
