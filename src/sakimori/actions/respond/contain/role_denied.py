"""A role that a thief made or holds may do nothing any more, whoever takes it: the freeze before it is erased (R51)."""

from typing import Final

from sakimori.actions.resources.cutoff import OF_ROLES
from sakimori.actions.resources.denied_principal import Denied, denied_step
from sakimori.actions.resources.iam_principal import ROLE
from sakimori.actions.resources.role_use import role_stops

STEP: Final = denied_step(
    Denied(
        id="role-denied", order=3060, texts="respond_steps.role_denied", holder=ROLE, longest=OF_ROLES,
        besides=role_stops,
    )
)  # fmt: skip
