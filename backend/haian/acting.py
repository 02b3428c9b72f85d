"""Acting for another: a guardian 监护人 for a child, or whoever holds a mandate 亲友代办.

    @fields.field(allow=acting("healthcare.appointments.read"))

lets in whoever is signed in, for themself; and whoever acts for another, as far as `haian.may` says at that moment that this
scope covers it. Its SQL says {subject} where it means "mine". Every other personal field refuses while somebody acts for
another (ACTING_NOT_COVERED), so that sign-in, devices, consent and mandates are never covered.
"""

from __future__ import annotations

from haian import links
from haian.rules import Rule


def acting(scope: str) -> Rule:
    """Whoever is signed in, for themself or, as far as `scope` covers it, for another. A token of a mini-app needs the
    scope."""
    return Rule(signed_in=True, scope=scope, covered=lambda: links.may(scope))
