"""HB02: the mail of the root user reaches more than one person.

AWS tells the address only to the management account of an organisation, and whom a mailbox reaches nobody but its
readers: a person vouches. Source: AWS Account Management Reference Guide, "Update the root user email address".
"""

from typing import Final

from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

GUIDE: Final = Guide(
    id="HB02",
    order=20,
    texts="harden_guides.hb02",
    baseline=Baseline.STARTER,
    question="root-mail-is-group-address",
)
