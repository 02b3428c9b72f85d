"""What search offers to others: nothing but that it listens."""

from __future__ import annotations

from haian.registry import Job, Providers
from search.service import heard, refresh

PROVIDERS = Providers(hears={"*": heard}, jobs=(Job("search.refresh", 600, refresh),),
                      not_held=("search.entry", "search.posting"))
