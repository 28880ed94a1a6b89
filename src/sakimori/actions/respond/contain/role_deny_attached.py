"""What `role-denied` does, by AWS's own AWSDenyAll alone: for a responder who may attach it and may not write policies (HB26)."""

from typing import Final

from sakimori.actions.resources.cutoff import OF_ROLES
from sakimori.actions.resources.denied_principal import Denied, denied_step
from sakimori.actions.resources.iam_principal import ROLE
from sakimori.actions.resources.role_use import role_stops

STEP: Final = denied_step(
    Denied(
        id="role-deny-attached", order=3065, texts="respond_steps.role_deny_attached", holder=ROLE, longest=OF_ROLES,
        besides=role_stops, is_written=False,
    )
)  # fmt: skip
