"""All places, in the order in which they are listed."""

from typing import Final

from sakimori.collect.secret_places import building, containers, disks, ec2, images, lambda_, samples, ssm
from sakimori.collect.secret_places.place import Place

PLACES: Final[tuple[Place, ...]] = (
    *ec2.PLACES, *lambda_.PLACES, *containers.PLACES, *building.PLACES, *ssm.PLACES, *samples.PLACES, *images.PLACES, *disks.PLACES,
)  # fmt: skip


def places(ids: tuple[str, ...] = ()) -> tuple[Place, ...]:
    """Those with these ids; all where none is named."""
    return tuple(each for each in PLACES if not ids or each.id in ids)
