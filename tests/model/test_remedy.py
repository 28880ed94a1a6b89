from sakimori.model.remedy import Remedy
from sakimori.model.verdict import Text

STEPS = Text(en="1. Open.\n   Look.\n2. Choose.\n10. Save.", ja="1. 開きます。")


def test_the_estimate_counts_the_steps_of_the_console() -> None:
    assert Remedy(console=STEPS).estimated_minutes == 9


def test_a_told_number_counts_before_the_steps() -> None:
    assert Remedy(console=STEPS, minutes=60).estimated_minutes == 60


def test_without_steps_nothing_is_estimated() -> None:
    assert Remedy().estimated_minutes is None
    assert Remedy(console=Text("Ask.", "尋ねます。")).estimated_minutes is None
