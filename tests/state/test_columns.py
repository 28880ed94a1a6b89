from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import postgresql, sqlite

from sakimori.state.columns import UtcTime

ZONES = st.builds(lambda hours: timezone(timedelta(hours=hours)), st.integers(-12, 14))
MOMENTS = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=ZONES)  # noqa: DTZ001


@pytest.mark.slow
@given(MOMENTS, st.sampled_from([sqlite.dialect(), postgresql.dialect()]))
def test_a_moment_comes_back_as_the_same_moment_in_utc(moment: datetime, dialect: object) -> None:
    column = UtcTime()
    stored = column.process_bind_param(moment, dialect)
    read = column.process_result_value(stored, dialect)
    assert read == moment
    assert read is not None
    assert read.utcoffset() == timedelta(0)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="2026"):
        UtcTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())  # noqa: DTZ001 - the point of the test


def test_no_moment_stays_none() -> None:
    assert UtcTime().process_bind_param(None, sqlite.dialect()) is None
    assert UtcTime().process_result_value(None, postgresql.dialect()) is None
    assert UtcTime().process_bind_param(datetime(2026, 1, 1, tzinfo=UTC), postgresql.dialect()) is not None
