"""What a responder must be allowed, exactly."""

from sakimori.actions.catalogue import containments, erasures, replacements
from sakimori.app.harden import actions_of
from sakimori.app.permissions import OPENING
from sakimori.app.respond import gather, identify, identity_center, organization, own_functions, preflight
from sakimori.ingest.lookup import CALL


def actions_of_respond() -> tuple[str, ...]:
    """The IAM actions that `sakimori respond` may need, to look and to change; sorted."""
    operations = (
        *OPENING,
        CALL,
        *preflight.OPERATIONS,
        *identify.OPERATIONS,
        *gather.OPERATIONS,
        *organization.OPERATIONS,
        *identity_center.OPERATIONS,
        *own_functions.OPERATIONS,
    )
    return actions_of((*containments().values(), *erasures().values(), *replacements().values()), operations)
