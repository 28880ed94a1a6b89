"""After kills at random points of apply and undo the account is as wanted, or as it was."""

from tests.actions.killing import Torment
from tests.actions.staging import Stage

from sakimori.actions.catalogue import steps


def test_a_killed_run_goes_on_and_a_killed_undo_too(stage: Stage) -> None:
    chosen = [steps()[each] for each in ("HB15", "HB16", "HB17", "HB23")]
    toll = Torment(stage, chosen, seed=1).run(5)
    assert (toll.wrong, toll.failed) == ([], [])
    assert (toll.kills >= 5, toll.applied >= 1) == (True, True)
