"""A user's sessions of before the cutoff work no longer, its long-term keys do: what may stand in the place of `user-denied`.

It never replaces the deactivation of a leaked key: a request that a long-term key signs has no issue time.
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.resources.cutoff import OF_USERS
from sakimori.actions.resources.iam_principal import LIST_KEYS, SHOWN, USER
from sakimori.actions.resources.revoked_sessions import Revoked, revoked_step
from sakimori.actions.site import Site
from sakimori.actions.step import Caution


def _keys_go_on(site: Site, user: str) -> Sequence[Caution]:
    keys = site.all_of(LIST_KEYS, "AccessKeyMetadata", UserName=user)
    active = [each["AccessKeyId"][-SHOWN:] for each in keys if each["Status"] == "Active"]
    return (Caution(text="respond_steps.keys_go_on", values={"user": user, "keys": active}),) if active else ()


STEP: Final = revoked_step(
    Revoked(
        id="user-sessions-revoked", order=3090, texts="respond_steps.user_sessions_revoked", holder=USER,
        longest=OF_USERS, besides=_keys_go_on, reads=(LIST_KEYS,),
    )
)  # fmt: skip
