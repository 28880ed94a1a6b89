"""The law on suppressions: each check fires where it must, and only there."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from tests.findings.suppression.world import (
    BUCKET,
    NIGHTS,
    NOW,
    ROLE,
    RULE,
    detection,
    errors,
    faults,
    guardduty,
    keep,
    of_bucket,
    suppression,
    tell,
    texts,
    three_nights,
    until,
)

from sakimori.findings.suppression.checks import CHECKS
from sakimori.findings.suppression.criteria import Criteria, Criterion, Operator, equals
from sakimori.findings.suppression.lint import Level
from sakimori.findings.suppression.suppression import NO_END, Action
from sakimori.model.triage import Disposition
from sakimori.model.words import Severity
from sakimori.state.store import Store
from sakimori.texts.sentences import say


def test_the_table_has_every_law_once_with_a_sentence_in_both_languages() -> None:
    assert [each.id for each in CHECKS] == [f"SUP{number:03}" for number in range(1, 15)]
    for each in CHECKS:
        assert say(each.sentence, "en") != say(each.sentence, "ja")


@pytest.mark.slow
def test_what_came_three_nights_and_was_benign_may_be_quiet(store: Store) -> None:
    ids = keep(store, *three_nights())
    assert faults(store, suppression(created_from=ids)) == ()


# -- SUP001, SUP002: seen first ------------------------------------------------------


@pytest.mark.slow
def test_sup001_asks_for_a_finding_that_it_was_made_from(store: Store) -> None:
    ids = keep(store, *three_nights())
    assert texts(store, suppression()) == ["sup001_none"]
    other = keep(store, detection(NIGHTS[0], principal="arn:aws:iam::111122223333:role/other"))
    assert "sup001_no_match" in texts(store, suppression(created_from=other))
    told = faults(store, suppression(created_from=(*ids, "f" * 32)))
    assert [(each.text, each.level) for each in told] == [("suppress.sup001_unknown", Level.WARNING)]


@pytest.mark.slow
def test_sup001_takes_no_sample(store: Store) -> None:
    ids = keep(store, *three_nights(evidence={"is_sample": True}))
    told = texts(store, suppression(created_from=ids))
    assert {"sup001_sample", "sup002_never", "sup003_seldom"} <= set(told)


@pytest.mark.slow
def test_sup001_and_sup002_ask_for_a_message_once_messages_are_sent(store: Store) -> None:
    tell(store, "f" * 32, NIGHTS[0] - timedelta(days=1), case="SKM-20261101-01")
    ids = keep(store, *three_nights())
    assert texts(store, suppression(created_from=ids)) == ["sup001_not_told", "sup002_never"]
    tell(store, ids[0], NIGHTS[0], state="failed")
    assert "sup001_not_told" in texts(store, suppression(created_from=ids))
    tell(store, ids[1], NIGHTS[1], case="SKM-20261117-01")
    assert texts(store, suppression(created_from=ids)) == []


@pytest.mark.slow
def test_sup002_refuses_what_was_made_before_the_first_notification(store: Store) -> None:
    ids = keep(store, *three_nights())
    early = suppression(created_from=ids, created_at=NIGHTS[0] - timedelta(days=1))
    assert errors(store, early) == ["SUP002"]
    assert errors(store, replace(early, created_at=NIGHTS[0] + timedelta(minutes=1))) == []


# -- SUP003: repeated and harmless ----------------------------------------------------


@pytest.mark.slow
def test_sup003_asks_for_three_times_on_two_days(store: Store) -> None:
    twice = keep(store, *three_nights()[:2])
    assert errors(store, suppression(created_from=twice)) == ["SUP003"]
    one_day = (detection(NIGHTS[2] + timedelta(hours=hours)) for hours in (2, 4))
    keep(store, *one_day)
    assert errors(store, suppression(created_from=twice)) == []


@pytest.mark.slow
def test_sup003_counts_a_day_once(store: Store) -> None:
    ids = keep(store, *(detection(NIGHTS[0] + timedelta(hours=hours)) for hours in (0, 2, 4)))
    assert texts(store, suppression(created_from=ids)) == ["sup003_seldom"]


@pytest.mark.slow
def test_sup003_asks_that_all_were_closed_as_harmless(store: Store) -> None:
    ids = keep(store, *three_nights())
    keep(store, detection(NIGHTS[2] + timedelta(hours=5)), as_=None)
    assert texts(store, suppression(created_from=ids)) == ["sup003_undecided"]


@pytest.mark.slow
def test_two_people_may_decide_earlier(store: Store) -> None:
    ids = keep(store, *three_nights()[:1])
    for approver, level in (("suzuki", Level.WARNING), ("Tanaka ", Level.ERROR), ("sato", Level.ERROR)):
        told = faults(store, suppression(created_from=ids, approved_by=approver))
        assert [(each.check, each.level) for each in told] == [("SUP003", level)], approver


@pytest.mark.slow
def test_a_finding_that_guardduty_counted_again_on_another_day_is_repeated(store: Store) -> None:
    ids = keep(store, guardduty())
    assert errors(store, of_bucket(created_from=ids)) == []


# -- SUP004, SUP005, SUP006: fine-grained ----------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entries", "told"),
    [
        ((equals("rule", RULE),), ["sup004_no_identity"]),
        ((equals("severity", "medium"),), ["sup004_no_rule", "sup004_nothing"]),
        ((equals("principal", ROLE),), ["sup004_no_rule"]),
        ((equals("rule", RULE), equals("origin", "192.0.2.1")), ["sup004_no_identity"]),
        ((equals("rule", RULE), Criterion("resource", Operator.MATCHES, ("arn:aws:s3:::*",))), ["sup004_no_identity"]),
        ((equals("rule", RULE), Criterion("resource", Operator.MATCHES, ("arn:aws:s3:::back*",))), []),
        ((equals("rule", RULE), equals("resource", BUCKET)), []),
    ],
)  # fmt: skip
def test_sup004_asks_for_a_rule_and_a_name(store: Store, entries: tuple[Criterion, ...], told: list[str]) -> None:
    keep(store, *three_nights(origins=("192.0.2.1",)))
    found = texts(store, suppression(criteria=Criteria.of(entries)))
    assert [each for each in found if each.startswith("sup004")] == told


@pytest.mark.slow
def test_sup005_asks_for_the_name_of_the_bucket(store: Store) -> None:
    ids = keep(store, guardduty())
    by_arn = Criteria.of((equals("rule", "Policy:S3/BucketBlockPublicAccessDisabled"), equals("resource", BUCKET)))
    assert errors(store, of_bucket(created_from=ids, criteria=by_arn)) == ["SUP005"]
    assert errors(store, of_bucket(created_from=ids)) == []


@pytest.mark.slow
def test_sup006_refuses_patterns_of_rules_and_patterns_that_nothing_fits(store: Store) -> None:
    ids = keep(store, *three_nights())
    wide = Criteria.of((Criterion("rule", Operator.MATCHES, ("secrets-*",)), equals("principal", ROLE)))
    assert "sup006_rule_pattern" in texts(store, suppression(created_from=ids, criteria=wide))
    pattern = Criterion("principal", Operator.MATCHES, ("arn:aws:iam::*:role/back*",))
    fine = Criteria.of((equals("rule", RULE), pattern))
    assert errors(store, suppression(created_from=ids, criteria=fine)) == []
    unseen = Criteria.of((equals("rule", "other-rule"), pattern))
    assert "sup006_pattern" in texts(store, suppression(created_from=ids, criteria=unseen))


@pytest.mark.slow
def test_sup006_refuses_exclusion_alone(store: Store) -> None:
    ids = keep(store, *three_nights())
    excluding = Criterion("resource", Operator.NOT_EQUALS, ("arn:aws:s3:::other",))
    alone = suppression(created_from=ids, criteria=Criteria.of((equals("rule", RULE), excluding)))
    assert {"SUP004", "SUP006"} <= set(errors(store, alone))
    beside = Criteria.of((equals("rule", RULE), equals("principal", ROLE), excluding))
    assert errors(store, suppression(created_from=ids, criteria=beside)) == []


@pytest.mark.slow
def test_sup006_tells_of_a_star_that_is_only_a_star(store: Store) -> None:
    keep(store, *three_nights())
    starred = Criteria.of((equals("rule", RULE), equals("principal", "arn:aws:iam::*:role/backup")))
    assert "sup006_plain_sign" in texts(store, suppression(criteria=starred))


# -- SUP007: what is never quiet ---------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    "rule",
    ["CryptoCurrency:EC2/BitcoinTool.B", "Backdoor:EC2/Spambot", "AttackSequence:S3/CompromisedData",
     "Policy:IAMUser/RootCredentialUsage", "Stealth:IAMUser/CloudTrailLoggingDisabled",
     "UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS",
     "cloudtrail-logging-stopped", "root-console-login", "mining-pool-port"],
)  # fmt: skip
def test_sup007_lets_signs_of_an_attack_be_quiet_only_by_two_people_for_two_weeks(store: Store, rule: str) -> None:
    criteria = Criteria.of((equals("rule", rule), equals("principal", ROLE)))
    one = suppression(criteria=criteria)
    assert {"sup007_one_person", "sup007_too_long"} <= set(texts(store, one))
    two = suppression(criteria=criteria, approved_by="suzuki", expires_on=until(14))
    assert "SUP007" not in errors(store, two)
    assert "sup007_too_long" in texts(store, replace(two, expires_on=until(15)))


@pytest.mark.slow
def test_sup007_knows_what_is_critical_by_the_rule_the_findings_and_the_criteria(store: Store) -> None:
    ids = keep(store, *three_nights())
    plain = suppression(created_from=ids)
    assert "SUP007" not in errors(store, plain)
    assert "SUP007" in errors(store, plain, severities={RULE: Severity.CRITICAL})
    severe = Criteria.of((*plain.criteria.entries, equals("severity", "critical", "high")))
    assert "SUP007" in errors(store, replace(plain, criteria=severe))
    keep(store, detection(NIGHTS[2] + timedelta(hours=5), severity=Severity.CRITICAL))
    assert "SUP007" in errors(store, plain)


def test_sup007_sees_through_patterns(store: Store) -> None:
    for pattern in ("*", "Crypto*", "Stealth:IAMUser/Cloud*"):
        wide = Criteria.of((Criterion("rule", Operator.MATCHES, (pattern,)), equals("principal", ROLE)))
        assert "SUP007" in errors(store, suppression(criteria=wide)), pattern
    narrow = Criteria.of((Criterion("rule", Operator.MATCHES, ("Recon:*",)), equals("principal", ROLE)))
    assert "SUP007" not in errors(store, suppression(criteria=narrow))


# -- SUP008, SUP009: until when, by whom ------------------------------------------------------


@pytest.mark.slow
def test_sup008_asks_for_an_end_within_a_year(store: Store) -> None:
    ids = keep(store, *three_nights())
    for day, told in (
        (until(365), []),
        (until(366), ["sup008_too_long"]),
        (NO_END, ["sup008_no_end"]),
        (until(14), ["sup008_soon"]),
        (until(15), []),
        (until(-1), ["sup008_over"]),
    ):
        assert texts(store, suppression(created_from=ids, expires_on=day)) == told, day


@pytest.mark.slow
def test_sup009_asks_for_a_reason_and_an_owner_who_is_there(store: Store) -> None:
    ids = keep(store, *three_nights())
    whole = suppression(created_from=ids)
    assert texts(store, replace(whole, reason=" ", owner="", ticket="")) == ["sup009_reason", "sup009_owner", "sup009_ticket"]  # fmt: skip
    assert texts(store, replace(whole, owner="Sato ")) == []
    assert errors(store, replace(whole, owner="yamada")) == ["SUP009"]
    told = faults(store, whole, people=None)
    assert [(each.text, each.level) for each in told] == [("suppress.sup009_people", Level.WARNING)]


# -- SUP010, SUP011: the replay ------------------------------------------------------------------


@pytest.mark.slow
def test_sup010_refuses_what_would_have_hidden_a_true_positive_whoever_approves(store: Store) -> None:
    ids = keep(store, *three_nights())
    (true,) = keep(store, detection(NIGHTS[2] + timedelta(hours=5)), as_=Disposition.TRUE)
    found = faults(store, suppression(created_from=ids, approved_by="suzuki"))
    (told,) = [each for each in found if each.check == "SUP010"]
    assert (told.level, told.values["ids"]) == (Level.ERROR, [true[:12]])


@pytest.mark.slow
def test_sup010_looks_90_days_back_and_no_further(store: Store) -> None:
    ids = keep(store, *three_nights())
    keep(store, detection(NOW - timedelta(days=89)), as_=Disposition.TRUE)
    assert errors(store, suppression(created_from=ids)) == ["SUP010"]


@pytest.mark.slow
def test_what_was_true_more_than_90_days_ago_does_not_count(store: Store) -> None:
    ids = keep(store, *three_nights())
    keep(store, detection(NOW - timedelta(days=91)), as_=Disposition.TRUE)
    assert errors(store, suppression(created_from=ids)) == []


@pytest.mark.slow
def test_what_another_resource_was_true_of_does_not_count(store: Store) -> None:
    ids = keep(store, *three_nights())
    keep(store, detection(NIGHTS[2], principal=f"{ROLE}-2"), as_=Disposition.TRUE)
    assert errors(store, suppression(created_from=ids)) == []


@pytest.mark.slow
def test_sup010_says_what_cannot_be_replayed(store: Store) -> None:
    ids = keep(store, guardduty())
    blind = Criteria.of((*of_bucket().criteria.entries, equals("resource.instanceDetails.tags.value", "scanner")))
    assert texts(store, of_bucket(created_from=ids, criteria=blind))[-1] == "sup010_blind"


@pytest.mark.slow
def test_sup011_tells_of_what_holds_for_nothing(store: Store) -> None:
    assert "sup011_dead" in texts(store, suppression())
    keep(store, *three_nights())
    assert "sup011_dead" not in texts(store, suppression())


@pytest.mark.slow
def test_sup011_tells_of_shadows_and_overlaps(store: Store) -> None:
    ids = keep(store, *three_nights())
    narrow = suppression(created_from=ids)
    wide = suppression(id="wide", accounts=())
    assert texts(store, narrow, others=(wide,)) == ["sup011_shadowed"]
    assert texts(store, replace(wide, created_from=ids), others=(narrow,)) == ["sup011_overlap"]
    apart = suppression(id="apart", accounts=("999999999999",))
    assert texts(store, narrow, others=(apart,)) == []


# -- SUP012, SUP013, SUP014 ------------------------------------------------------------------------


@pytest.mark.slow
def test_sup012_warns_of_what_guardduty_archives(store: Store) -> None:
    ids = keep(store, guardduty())
    told = faults(store, of_bucket(created_from=ids, action=Action.ARCHIVE))
    assert [(each.check, each.level) for each in told] == [("SUP012", Level.WARNING)]
    assert faults(store, of_bucket(created_from=ids)) == ()


@pytest.mark.slow
@pytest.mark.parametrize(("name", "is_good"), [("ab", False), ("a b", False), ("抑制", False), ("x" * 65, False), ("a.b_c-1", True)])  # fmt: skip
def test_sup013_takes_names_that_guardduty_takes(store: Store, name: str, is_good: bool) -> None:
    ids = keep(store, *three_nights())
    assert errors(store, suppression(created_from=ids, id=name)) == ([] if is_good else ["SUP013"])


@pytest.mark.slow
def test_sup013_holds_to_the_quotas_of_the_services(store: Store) -> None:
    ids = keep(store, guardduty())
    patterns = Criterion(
        "resource.s3BucketDetails.name", Operator.MATCHES, tuple(f"backups{each}*" for each in range(6))
    )
    many = Criteria.of((*of_bucket().criteria.entries, patterns))
    assert "sup013_patterns" in texts(store, of_bucket(created_from=ids, criteria=many))
    others = tuple(of_bucket(id=f"f-{each}", accounts=("999999999999",)) for each in range(100))
    assert "sup013_count" in texts(store, of_bucket(created_from=ids), others=others)
    assert "sup013_count" not in texts(store, of_bucket(created_from=ids), others=others[:99])
    hub = suppression(source="securityhub", criteria=Criteria.of((equals("rule", "S3.8"), equals("resource", *map(str, range(21))))))  # fmt: skip
    assert "sup013_values" in texts(store, hub)


@pytest.mark.slow
def test_sup014_turns_a_rule_off_only_with_evidence_and_as_a_whole(store: Store) -> None:
    off = suppression(action=Action.DISABLE, criteria=Criteria.of((equals("rule", RULE),)), evidence="no secrets here")
    assert errors(store, off) == []
    assert texts(store, off) == ["sup014_review"]
    assert errors(store, replace(off, evidence=" ")) == ["SUP014"]
    assert errors(store, replace(off, criteria=suppression().criteria)) == ["SUP014"]
    keep(store, *three_nights())
    assert "sup014_hides" in texts(store, off)


@pytest.mark.slow
def test_a_rule_that_found_something_true_is_not_turned_off(store: Store) -> None:
    keep(store, *three_nights(), as_=Disposition.TRUE)
    off = suppression(action=Action.DISABLE, criteria=Criteria.of((equals("rule", RULE),)), evidence="none")
    assert errors(store, off) == ["SUP010"]


def test_a_rule_is_turned_off_for_a_year_at_most(store: Store) -> None:
    off = suppression(action=Action.DISABLE, criteria=Criteria.of((equals("rule", RULE),)), evidence="none")
    assert errors(store, replace(off, expires_on=date(2028, 1, 1))) == ["SUP008"]
