"""R14: sessions of a role that were given out before the cutoff work no longer. Whoever may take the role can take it again.

A session that is taken while the policy spreads may be dated after a cutoff of now: first whoever takes it is stopped
(R11, `role-trust-narrowed`), parents before children, and then the cutoff is set.
"""

from typing import Final

from sakimori.actions.resources.cutoff import OF_ROLES
from sakimori.actions.resources.iam_principal import ROLE
from sakimori.actions.resources.revoked_sessions import Revoked, revoked_step
from sakimori.actions.resources.role_use import sessions_stop

STEP: Final = revoked_step(
    Revoked(
        id="role-sessions-revoked", order=3080, texts="respond_steps.role_sessions_revoked", holder=ROLE,
        longest=OF_ROLES, besides=sessions_stop,
    )
)  # fmt: skip
