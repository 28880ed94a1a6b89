"""R11: a user may do nothing any more, nor may the sessions that its keys gave out, nor its password. Its keys stay as they are."""

from typing import Final

from sakimori.actions.resources.cutoff import OF_USERS
from sakimori.actions.resources.denied_principal import Denied, denied_step
from sakimori.actions.resources.iam_principal import LAST_USED, LIST_KEYS, USER, last_uses

STEP: Final = denied_step(
    Denied(
        id="user-denied", order=3020, texts="respond_steps.user_denied", holder=USER, longest=OF_USERS,
        besides=last_uses, reads=(LIST_KEYS, LAST_USED),
    )
)  # fmt: skip
