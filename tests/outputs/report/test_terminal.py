import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from sakimori.model.assessment import Assessment, Changes
from sakimori.model.verdict import Mute, Text, Verdict
from sakimori.model.words import Severity, Status
from sakimori.outputs.report.terminal import print_assessment
from sakimori.texts.language import LANGUAGES, Language

SNAPSHOTS = Path(__file__).parent / "snapshots"


def screen(assessment: Assessment, language: Language = "en", width: int = 80, limit: int = 10) -> str:
    stream = io.StringIO()
    print_assessment(assessment, Console(file=stream, width=width), language, limit=limit)
    return stream.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
def test_first_screen_reads_exactly_so(sample: Assessment, language: Language) -> None:
    assert screen(sample, language) == (SNAPSHOTS / f"terminal.{language}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("width", [40, 60, 80, 200])
@pytest.mark.parametrize("which", ["sample", "framed"])
def test_no_line_is_wider_than_the_terminal(
    which: str, language: Language, width: int, request: pytest.FixtureRequest
) -> None:
    shown = request.getfixturevalue(which)
    *lines, command = screen(shown, language, width).splitlines()
    assert max(cell_len(line) for line in lines) <= width
    assert command == f"  $ {shown.next_command}", "the command stays in one piece"


def test_a_framework_is_told_in_numbers_and_in_what_somebody_has_to_look_after(framed: Assessment) -> None:
    shown = screen(framed, width=100)
    begin = shown.index("Example Baseline (2.0)")
    assert shown[begin:].splitlines()[:9] == [
        "Example Baseline (2.0)",
        "  2 of 5 requirements are met or attested.",
        "  Not met 1 · Unknown 1 · To be attested 1 · Attested 1 · Met 1 · Nothing to check 1 · Not",
        "  assessable 1 · Withdrawn 1",
        "  Unknown: Two of three (1 of at least 2)",
        "  Met: One of these (1 of at least 1)",
        "  Not met         1.1  Requirement 1.1",
        "  Unknown         1.2  Requirement 1.2",
        "  To be attested  1.3  Requirement 1.3",
    ]


def test_many_failing_requirements_are_cut_and_the_worst_stay(framed: Assessment) -> None:
    [framework] = framed.frameworks
    fail, unknown = framework.requirements[:2]
    shown = screen(replace(framed, frameworks=(replace(framework, requirements=(*[unknown] * 12, fail)),)))
    assert "Requirement 1.1" in shown
    assert "… and 3 more requirements." in shown


def test_last_line_is_the_command_to_type(sample: Assessment) -> None:
    assert screen(sample).splitlines()[-1] == "  $ sakimori rules show aws.iam.root-no-access-key"


def test_one_failing_rule_takes_one_entry_however_many_resources(sample: Assessment) -> None:
    shown = screen(sample)
    assert "and 12 more" in shown
    assert shown.count("can be made public") == 1


def test_limit_bounds_the_rules_and_says_what_is_left_out(sample: Assessment) -> None:
    shown = screen(sample, limit=1)
    assert "aws.s3.bucket-public-access-blocked" not in shown
    assert "… and 14 findings of 2 more rules." in shown


@pytest.mark.parametrize("which", ["hostile", "hostile_framed"])
def test_hostile_names_reach_the_terminal_as_plain_text(
    which: str, hostile_texts: Sequence[str], request: pytest.FixtureRequest
) -> None:
    shown = screen(request.getfixturevalue(which), limit=100)
    assert all(character.isprintable() or character == "\n" for character in shown)
    assert hostile_texts[1] in shown.replace("\n            ", " "), "markup is shown, not obeyed"
    assert max(map(len, shown.splitlines())) <= 110


def test_colour_is_off_where_NO_COLOR_is_set(sample: Assessment, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: N802
    coloured, plain = io.StringIO(), io.StringIO()
    print_assessment(sample, Console(file=coloured, force_terminal=True, color_system="standard", width=80), "en")
    monkeypatch.setenv("NO_COLOR", "1")
    print_assessment(sample, Console(file=plain, force_terminal=True, color_system="standard", width=80), "en")
    assert "\x1b[31m" in coloured.getvalue()
    assert "\x1b[31m" not in plain.getvalue()


def test_terminal_without_unicode_gets_ascii_signs(sample: Assessment) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="replace")
    print_assessment(sample, Console(file=stream, width=80), "en")
    stream.flush()
    assert b"X Critical" in raw.getvalue()


class _FailuresThen(Sequence[Verdict]):
    """Gives its failures and one pass; asked for more, it fails the test."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self._verdicts = verdicts

    def __len__(self) -> int:
        return 1_000_000

    def __getitem__(self, index: object) -> Verdict:  # pyright: ignore[reportIncompatibleMethodOverride]
        raise AssertionError(index)

    def __iter__(self) -> Iterator[Verdict]:
        yield from self._verdicts
        raise AssertionError("read on after the first verdict that is no failure")


def test_a_million_passes_are_not_read(sample: Assessment) -> None:
    lazy = replace(sample, verdicts=_FailuresThen(sample.verdicts[:17]))
    assert screen(lazy) == screen(sample)


TEXT = Text(en="A sentence.", ja="文です。")
MUTE = Mute(reason="known")


@pytest.mark.parametrize(
    ("verdicts", "headline"),
    [
        ([], "There was nothing to check."),
        ([(Status.PASS, Severity.HIGH, None)], "All is well: every check passed."),
        ([(Status.UNKNOWN, Severity.HIGH, None)] * 2, "Nothing to do in what could be read; 2 checks could"),
        ([(Status.FAIL, Severity.LOW, None)], "Nothing urgent; one finding to put right"),
        ([(Status.FAIL, Severity.CRITICAL, None)], "One finding to deal with first."),
        ([(Status.FAIL, Severity.CRITICAL, MUTE)], "Nothing new to do; what fails is muted."),
    ],
)
def test_headline_says_how_urgent_it_is(
    build: Callable[..., Assessment],
    build_verdict: Callable[..., Verdict],
    sample: Assessment,
    verdicts: list[tuple[Status, Severity, Mute | None]],
    headline: str,
) -> None:
    made = [build_verdict("aws.x.y", s, v, TEXT, f"r{n}", mute=mute) for n, (s, v, mute) in enumerate(verdicts)]
    unknown = sum(verdict.status is Status.UNKNOWN for verdict in made)
    rules = (replace(sample.rules[0], id="aws.x.y", unknown=unknown),)
    assert headline in screen(build(made, rules=rules, gaps=(), changes=Changes()))


def test_a_run_with_nothing_in_it_still_prints(build: Callable[..., Assessment]) -> None:
    empty = build([], rules=(), gaps=(), accounts=(), next_step=None, next_command="")
    assert "There was nothing to check." in screen(empty)
