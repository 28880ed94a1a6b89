"""HB34: a key cannot be committed.

Repositories lie outside AWS: a person vouches. `sakimori secrets install-hook` puts the hook there, and `sakimori secrets
hooks` tells where it is missing. Source: README of awslabs/git-secrets.
"""

from typing import Final

from sakimori.actions.step import Guide
from sakimori.model.action import Baseline

GUIDE: Final = Guide(
    id="HB34",
    order=340,
    texts="harden_guides.hb34",
    baseline=Baseline.STARTER,
    question="git-hooks-installed",
)
