from sakimori.analysis.iam.kept import Kept


def recording(made: list[str]) -> Kept[str, str]:
    def make(key: str) -> str:
        made.append(key)
        return key

    return Kept(make, weigh=len, most=1_000)


def test_what_was_asked_for_is_made_once() -> None:
    made = list[str]()
    kept = recording(made)
    assert [kept("a"), kept("a"), kept("b")] == ["a", "a", "b"]
    assert made == ["a", "b"]


def test_what_is_kept_never_weighs_more_than_was_said() -> None:
    kept = Kept(lambda key: key, weigh=len, most=1_000)
    for number in range(500):
        kept(f"{number:050}")
        held = {*kept._new, *kept._old}
        assert sum(map(len, held)) <= 1_000


def test_one_long_key_drives_nothing_out() -> None:
    made = list[str]()
    kept = recording(made)
    kept("a")
    kept("x" * 900)
    kept("x" * 900)
    kept("a")
    assert [each[0] for each in made] == ["a", "x", "x"]


def test_what_is_asked_for_again_and_again_stays() -> None:
    made = list[str]()
    kept = recording(made)
    for number in range(100):
        kept("often")
        kept(f"{number:050}")
    assert made.count("often") == 1
