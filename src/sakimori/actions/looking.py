"""What a caution could not look at, said as a caution of its own: silence would say that nothing breaks."""

from collections.abc import Callable, Sequence

from sakimori.actions.step import Caution
from sakimori.aws.refusal import Refusal


def looked(*looks: Callable[[], Sequence[Caution]], blocks: bool = False) -> Sequence[Caution]:
    """The cautions of all looks; of one that AWS refused, that it could not be made, which holds back where it `blocks`."""
    found: list[Caution] = []
    for look in looks:
        try:
            found.extend(look())
        except Refusal as refusal:
            found.append(could_not_look(refusal, blocks=blocks))
    return found


def could_not_look(refusal: Refusal, *, blocks: bool = False) -> Caution:
    """That something which may break could not be looked at."""
    return Caution(text="harden.not_looked_at", values={"call": refusal.call, "code": refusal.code}, blocks=blocks)
