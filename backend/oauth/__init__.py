"""Clients: mini-apps and programs outside the browser, which act for a citizen by tokens, as far as the citizen consents."""

from haian.registry import MiniApp

app = MiniApp(__name__)
