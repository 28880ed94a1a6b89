import subprocess
import sys
from collections.abc import Mapping
from datetime import date

import pytest

from sakimori.actions.prices import Price, Prices, prices
from sakimori.model.action import CostPart, Quantity
from sakimori.model.words import GLOBAL

_DAY = date(2026, 10, 7)
_LAST_READ = date(2026, 11, 26)
"""No price was read later; whoever reads prices anew moves this day."""


def _price(usd: Mapping[str, float], per: int = 1, as_of: date = _DAY) -> Price:
    return Price(en="a thing", ja="もの", per=per, usd=dict(usd), as_of=as_of, source="https://example.com/")


def _prices(**named: Price) -> Prices:
    return Prices(named, 150.0, _DAY)


@pytest.mark.parametrize("price", prices().by_name.values(), ids=prices().by_name)
def test_a_price_says_what_it_is_in_both_languages_and_when_and_where_it_was_read(price: Price) -> None:
    assert price.en.isascii()
    assert price.en.strip()
    assert not price.ja.isascii(), "a Japanese reader gets Japanese"
    assert date(2020, 1, 1) < price.as_of <= _LAST_READ
    assert "https://" in price.source
    assert price.per >= 1
    assert all(usd >= 0 for usd in price.usd.values())


def test_no_two_prices_read_alike_in_a_cost_line() -> None:
    found = prices().by_name.values()
    assert len({each.en for each in found}) == len({each.ja for each in found}) == len(found)


def test_a_price_is_for_one_of_what_it_is_stated_per() -> None:
    assert _price({"us-east-1": 4.0}, per=1_000_000).of_one("us-east-1") == pytest.approx(4e-6)


def test_a_region_that_is_not_named_has_no_price_rather_than_that_of_another() -> None:
    assert _price({"us-east-1": 4.0, "eu-west-1": 5.0}).of_one("ap-northeast-1") is None
    assert prices().by_name["guardduty.management_events"].of_one("nowhere-1") is None


def test_a_star_stands_for_every_region_that_is_not_named() -> None:
    price = _price({"*": 1.0, "eu-west-1": 2.0})
    assert [price.of_one(each) for each in ("ap-northeast-3", "eu-west-1", GLOBAL)] == [1.0, 2.0, 1.0]


def test_what_is_global_costs_what_it_costs_in_us_east_1() -> None:
    price = _price({"us-east-1": 3.0, "ap-northeast-1": 5.0})
    assert price.of_one(GLOBAL) == 3.0
    assert _price({"ap-northeast-1": 5.0}).of_one(GLOBAL) is None


def test_tokyo_is_not_estimated_with_the_price_of_virginia() -> None:
    price = prices().by_name["guardduty.management_events"]
    tokyo, virginia = price.of_one("ap-northeast-1"), price.of_one("us-east-1")
    assert tokyo is not None
    assert virginia is not None
    assert tokyo > virginia


def test_a_count_nobody_knows_gives_an_unknown_part_and_stays_out_of_the_sum() -> None:
    cost = _prices(alarm=_price({"*": 0.1}), event=_price({"*": 2.0})).cost(
        (Quantity("alarm", 30), Quantity("event", None)), "eu-west-1"
    )
    assert cost.usd_month == pytest.approx(3.0)
    assert cost.unknown == (CostPart("event", None, None),)


def test_a_price_nobody_knows_gives_an_unknown_part_and_stays_out_of_the_sum() -> None:
    cost = _prices(alarm=_price({"*": 0.1}), event=_price({})).cost(
        (Quantity("alarm", 30), Quantity("event", 7)), "eu-west-1"
    )
    assert cost.usd_month == pytest.approx(3.0)
    assert cost.unknown == (CostPart("event", 7, None),)


def test_none_of_it_costs_nothing_whatever_the_price() -> None:
    cost = _prices(event=_price({})).cost((Quantity("event", 0),), "eu-west-1")
    assert (cost.parts, cost.unknown) == ((CostPart("event", 0, 0.0),), ())


def test_a_name_without_a_price_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        prices().cost((Quantity("no.such", 1),), "us-east-1")


def test_an_estimate_is_as_old_as_its_oldest_price() -> None:
    found = _prices(old=_price({}, as_of=date(2025, 1, 1)), new=_price({}))
    assert found.as_of(("new", "old")) == date(2025, 1, 1)
    assert found.as_of(()) is None


def test_threads_that_ask_at_the_same_time_for_the_first_time_all_get_the_prices() -> None:
    script = (
        "import sys, threading\n"
        "from sakimori.actions.prices import prices\n"
        "sys.setswitchinterval(1e-6)\n"
        "ready, found = threading.Barrier(8), []\n"
        "def ask():\n    ready.wait(); found.append(prices())\n"
        "threads = [threading.Thread(target=ask) for _ in range(8)]\n"
        "for each in threads: each.start()\n"
        "for each in threads: each.join()\n"
        "assert len(found) == 8 and all(each is found[0] for each in found)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
