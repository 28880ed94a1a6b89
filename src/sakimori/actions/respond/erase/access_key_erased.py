"""R34, R51: an access key that is deactivated already is deleted: AWS asks for that of a leaked key.

The resource is the user's ARN, a slash and the key's id. AWS shows neither a deleted key nor its last use: the id stays in
the incident for searches. Source: botocore's model of iam (DeleteAccessKey); IAM User Guide, "Manage access keys for IAM users".
"""

from collections.abc import Sequence
from typing import Final

from sakimori.actions.looking import looked
from sakimori.actions.resources.ending import Ending, ending_step
from sakimori.actions.resources.iam_principal import (
    ABSENT,
    CALLER,
    LAST_USED,
    LIST_KEYS,
    NAME,
    SHOWN,
    last_use,
    not_the_caller,
)
from sakimori.actions.resources.named_resource import Kind
from sakimori.actions.site import Site
from sakimori.actions.step import Caution, State
from sakimori.model.action import Approval, Call
from sakimori.model.words import Scope

_DELETE: Final = "iam:DeleteAccessKey"


def _named(name: str) -> tuple[str, str]:
    """The user's name and the key's id."""
    user, _, key = name.rpartition("/")
    return user.rpartition("/")[2], key


def _read(site: Site, name: str) -> State | None:
    user, key = _named(name)
    if site.call(LIST_KEYS, (ABSENT,), UserName=user) is None:
        return None
    found = site.all_of(LIST_KEYS, "AccessKeyMetadata", UserName=user)
    return next(({"status": each["Status"]} for each in found if each["AccessKeyId"] == key), None)


def _calls(site: Site, name: str, _state: State) -> Sequence[Call]:
    user, key = _named(name)
    named = {"UserName": user, "AccessKeyId": key}
    return (Call(operation=_DELETE, region=site.region, parameters=named, settled=(ABSENT,)),)


def _cautions(site: Site, name: str, state: State) -> Sequence[Caution]:
    user, key = _named(name)
    values = {"user": user, "key": key[-SHOWN:]}
    active = () if state["status"] != "Active" else (Caution(text="respond_steps.key_still_active", values=values, blocks=True),)  # fmt: skip
    return (
        *active,
        *looked(
            lambda: not_the_caller(site, site.resource.removesuffix(f"/{key}")),
            lambda: (last_use(site, user, key),),
        ),
    )


STEP: Final = ending_step(
    Ending(
        id="access-key-erased", order=4590, texts="respond_steps.access_key_erased", verb="erased",
        lasting="respond_steps.access_key_erased_lasting",
        kind=Kind(service="iam", call=LIST_KEYS, prefix="user/", pattern=rf"{NAME}/AKIA[A-Z0-9]{{12,124}}", has_region=False),
        reads=(LIST_KEYS, LAST_USED, CALLER), writes=(_DELETE,), read=_read, calls=_calls, cautions=_cautions,
        scope=Scope.ACCOUNT, approval=Approval.TWO_PERSON,
    )
)  # fmt: skip
