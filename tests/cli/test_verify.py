"""`sakimori verify alerts` as a person types it.

Slow: each canary takes its way in real time.
"""

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.app.test_trails import make_whole_trail
from tests.cli.running import Sakimori
from tests.ingest.doors import TOKYO
from tests.outputs.notify.sinks import HttpSink

from sakimori.app.alert_rules import ALERT_RULES
from sakimori.simulate.server import SimulatedAccount
from sakimori.texts.language import LANGUAGES

pytestmark = pytest.mark.slow

ROUTE = '[[notify.route]]\nname = "hook"\nkind = "webhook"\nurl = "env:FAKE_HOOK"\nsecret = "env:FAKE_SECRET"\n'


@pytest.fixture
def sink(sakimori: Sakimori, monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpSink]:
    with HttpSink() as opened:
        monkeypatch.setenv("FAKE_HOOK", f"{opened.url}/hook")
        monkeypatch.setenv("FAKE_SECRET", "whsec_" + "ZmFrZQ" * 6)
        sakimori.configure(ROUTE)
        yield opened


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedAccount]:
    with SimulatedAccount() as opened:
        for name, value in opened.environment("owner").items():
            if name.startswith("AWS_") or name.lower().endswith("_proxy"):
                monkeypatch.setenv(name, value)
        yield opened


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_hop_is_a_line_with_its_seconds(sakimori: Sakimori, sink: HttpSink, lang: str) -> None:
    done = sakimori("verify", "alerts", "--skip-account", lang=lang)
    assert (done.code, done.err) == (0, "")
    lines = [line for line in done.out.splitlines() if line.startswith("  ")]
    hops = {
        "en": ["planted", "delivered", "ingested", "judged", "told"],
        "ja": ["発生", "配信", "取り込み", "検知", "通知"],
    }
    assert [hop in line and "OK" in line for hop, line in zip(hops[lang], lines, strict=True)] == [True] * 5
    assert len(sink.taken) == 1
    assert ("カナリア" in done.out) == (lang == "ja")


def test_json_holds_the_hops_and_says_that_the_account_was_left_out(sakimori: Sakimori, sink: HttpSink) -> None:
    done = sakimori("verify", "alerts", "--skip-account", "--format", "json")
    told = json.loads(done.out)
    assert (done.code, told["schema"], told["is_heard"]) == (0, "sakimori.verify-alerts/1", True)
    assert [(each["hop"], each["outcome"], each["route"]) for each in told["hops"]] == [
        ("planted", "reached", None), ("delivered", "reached", None), ("ingested", "reached", None),
        ("judged", "reached", None), ("told", "reached", "hook"),
    ]  # fmt: skip
    assert told["canary"]["account_id"] == "000000000000"
    assert told["alarms"] == {"is_checked": False, "reason": "left out (--skip-account)", "rules": []}
    assert sink.taken


@pytest.mark.parametrize("lang", LANGUAGES)
def test_without_credentials_the_account_is_unknown_and_the_canary_flies(
    sakimori: Sakimori, sink: HttpSink, lang: str
) -> None:
    done = sakimori("verify", "alerts", lang=lang)
    assert done.code == 3
    assert "--profile" in done.out
    assert len(sink.taken) == 1


def test_without_a_route_nothing_is_proven(sakimori: Sakimori) -> None:
    done = sakimori("verify", "alerts", "--skip-account")
    assert done.code == 3
    assert "sakimori notify setup" in done.out


def test_without_a_watch_the_folder_is_where_it_is_lost(sakimori: Sakimori, sink: HttpSink, tmp_path: Path) -> None:
    done = sakimori("verify", "alerts", "--skip-account", "--into", str(tmp_path), "--timeout", "1s")
    assert done.code == 4
    assert f"sakimori watch {tmp_path}" in done.out.replace("\n      ", " ")
    assert sink.taken == []


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("--real", "--into", "."), "--into"),
        (("--watched",), "--real"),
        (("--timeout", "soon"), "soon"),
        (("--into", "no-such-folder"), "no-such-folder"),
    ],
)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_does_not_go_together_is_refused(
    sakimori: Sakimori, arguments: tuple[str, ...], word: str, lang: str
) -> None:
    done = sakimori("verify", "alerts", "--skip-account", *arguments, lang=lang)
    assert done.code == 2
    assert word in done.err


def with_trail(account: SimulatedAccount) -> None:
    make_whole_trail(account)
    account.client("cloudtrail", region=TOKYO).start_logging(Name="kiroku")
    account.forget_calls()


def called(account: SimulatedAccount) -> int:
    return sum((call.service, call.operation) == ("iam", "GetRole") for call in account.calls)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_real_call_needs_a_word_and_is_shown_first(
    sakimori: Sakimori, sink: HttpSink, account: SimulatedAccount, lang: str
) -> None:
    with_trail(account)
    region = ("--region", TOKYO)
    done = sakimori("verify", "alerts", "--real", "--skip-account", *region, lang=lang)
    assert (done.code, called(account), sink.taken) == (2, 0, [])
    assert "iam:GetRole" in done.err
    assert account.account_id in done.err
    done = sakimori("verify", "alerts", "--real", "--yes", "--skip-account", *region, lang=lang)
    assert (done.code, called(account), len(sink.taken)) == (0, 1, 1)
    assert "s3://kiroku/AWSLogs/" in done.out


@pytest.mark.slow
def test_the_accounts_own_alarms_are_judged_rule_by_rule(
    sakimori: Sakimori, sink: HttpSink, as_owner: SimulatedAccount
) -> None:
    """Reads a company of many services, in one Region."""
    given = ("verify", "alerts", "--region", TOKYO)
    told = json.loads(sakimori(*given, "--format", "json").out)
    assert [each["rule"] for each in told["alarms"]["rules"]] == list(ALERT_RULES)
    failing = {each["rule"] for each in told["alarms"]["rules"] if each["failed"]}
    assert "aws.cloudtrail.trail-delivers" in failing
    done = sakimori(*given, "--fail-on", "low")
    assert done.code == 4
    assert "FAIL" in done.out
    assert "aws.cloudtrail.trail-delivers" in done.out
    assert sink.taken


def test_ctrl_c_leaves_the_folder_as_it_was(sakimori: Sakimori, sink: HttpSink, tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    process = sakimori.start("verify", "alerts", "--skip-account", "--into", str(logs), env={"SAKIMORI_LANG": "en"})
    end = time.monotonic() + 120
    while not any(logs.glob("*.gz")) and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert (process.returncode, list(logs.iterdir())) == (130, [])
    assert "planted" in out
    assert "Traceback" not in err
    assert sink.taken == []
