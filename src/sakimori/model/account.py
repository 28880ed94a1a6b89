"""An AWS account as a run knows it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One account of a run.

    `regions` are the enabled Regions, those a run may be asked to read, in alphabetical
    order; `selected` those it was asked to read. `regions_are_known` is false where the
    list is the partition's default one because the account's own could not be read.
    """

    id: str
    partition: str
    alias: str = ""
    regions: tuple[str, ...] = ()
    selected: tuple[str, ...] = ()
    regions_are_known: bool = True
