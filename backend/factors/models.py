"""What factors speak of."""

from __future__ import annotations

import enum


class Kind(enum.Enum):
    """What a citizen shows that it is them: 通行密钥, or a recovery code 恢复码."""

    PASSKEY = "PASSKEY"
    RECOVERY_CODE = "RECOVERY_CODE"
