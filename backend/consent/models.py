"""What consent speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from haian.manifest import Texts


class LookKind(Enum):
    """Who stands in a line of the ledger: 工作人员, a scanner, 监护人 or 受托人, a mini-app, I, anybody else."""

    OFFICIAL = "OFFICIAL"
    SCAN = "SCAN"
    DELEGATE = "DELEGATE"
    MINI_APP = "MINI_APP"
    MYSELF = "MYSELF"
    OTHER = "OTHER"


class Receiver(Enum):
    """To whom consent is given."""

    ORGANISATION = "ORGANISATION"
    MINI_APP = "MINI_APP"


class RequestState(Enum):
    """What became of what a child asked: it waits, a guardian agreed or did not, or nobody answered for a week."""

    ASKED = "ASKED"
    AGREED = "AGREED"
    DECLINED = "DECLINED"
    LAPSED = "LAPSED"


class Term(Enum):
    """For how long: 只这一次, 30 天, 一年."""

    ONCE = "ONCE"
    MONTH = "MONTH"
    YEAR = "YEAR"


class TermsOutcome(Enum):
    """What became of proposed terms."""

    PUBLISHED = "PUBLISHED"
    DECLINED = "DECLINED"
    WITHDRAWN = "WITHDRAWN"


LASTS = {Term.ONCE: timedelta(minutes=10), Term.MONTH: timedelta(days=30), Term.YEAR: timedelta(days=365)}
"""What is given once and used by nobody lapses too."""


@dataclass(frozen=True)
class Asked:
    """What a citizen is asked for: a fact or a scope, by whom, what for. `receiver`: the id of an organisation or of a
    mini-app's client. `purpose`: a name that begins with the noun that asks, such as "onecode.hospital_check_in"; `words`
    say it to the citizen. Name and words are kept as they were agreed to."""

    fact: str
    kind: Receiver
    receiver: str
    receiver_name: str
    purpose: str
    words: Texts
