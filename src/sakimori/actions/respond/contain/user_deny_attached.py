"""What `user-denied` does, by AWS's own AWSDenyAll alone: for a responder who may attach it and may not write policies (HB26)."""

from typing import Final

from sakimori.actions.resources.cutoff import OF_USERS
from sakimori.actions.resources.denied_principal import Denied, denied_step
from sakimori.actions.resources.iam_principal import LAST_USED, LIST_KEYS, USER, last_uses

STEP: Final = denied_step(
    Denied(
        id="user-deny-attached", order=3025, texts="respond_steps.user_deny_attached", holder=USER, longest=OF_USERS,
        besides=last_uses, reads=(LIST_KEYS, LAST_USED), is_written=False,
    )
)  # fmt: skip
