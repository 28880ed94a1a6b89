import pytest
from hypothesis import given
from hypothesis import strategies as st

from sakimori.aws.masking import mask

from .conftest import key_id_of

SECRETS = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", min_size=40, max_size=900)
WORDS = st.text(max_size=400)


@pytest.mark.slow
@given(WORDS, SECRETS, WORDS)
def test_secret_never_survives(before: str, secret: str, after: str) -> None:
    shown = mask(f"{before} {secret} {after}")
    assert not any(secret[start : start + 40] in shown for start in range(len(secret) - 39))


@pytest.mark.slow
@given(st.integers(0, 5000), SECRETS)
def test_secret_that_the_bound_cuts_leaves_no_beginning(filler: int, secret: str) -> None:
    assert secret[:12] not in mask("é " * (filler // 2) + secret, limit=10_000)


@given(WORDS)
def test_result_is_bounded_and_on_one_line(text: str) -> None:
    shown = mask(text)
    assert len(shown) <= 300
    assert shown.isprintable()


def test_key_id_keeps_its_last_four() -> None:
    key = key_id_of("123456789012", "ASIA")
    assert mask(f"key {key} is not active") == f"key ****{key[-4:]} is not active"


def test_named_values_are_removed_however_short() -> None:
    assert mask("X-Amz-Security-Token=abc&X=1") == "X-Amz-Security-Token=***&X=1"
    assert mask("Signature: 12ab, next") == "Signature: ***, next"
    assert mask("proxy http://me:mine@proxy:3128 failed") == "proxy http://***@proxy:3128 failed"


def test_ordinary_refusal_is_kept_whole() -> None:
    words = (
        "User: arn:aws:sts::123456789012:assumed-role/auditor/sakimori is not authorized to perform: "
        "s3:GetBucketPolicy on resource: arn:aws:s3:::logs with an explicit deny in a service control policy"
    )
    assert mask(words) == words
