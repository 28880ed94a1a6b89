"""All attacks by name, and their telling."""

import attack_compute
import attack_data
import attack_identity
import attack_keys
import attack_moves
import attack_organisation
import attack_persistence
import attack_ransom
from story import SCENARIOS, Story

MODULES = (
    attack_keys,
    attack_compute,
    attack_data,
    attack_identity,
    attack_persistence,
    attack_moves,
    attack_organisation,
    attack_ransom,
)

__all__ = ["MODULES", "SCENARIOS", "Story", "told"]


def told(name: str, seed: int) -> Story:
    story = Story(name, seed)
    SCENARIOS[name](story)
    return story
