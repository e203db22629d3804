"""Hypothesis strategies for the dates that a record may state, odd ones included."""

from datetime import date

from hypothesis import strategies as st

from app.record.trial import PartialDate

DATES = st.one_of(
    st.dates().map(date.isoformat),
    st.dates().map(lambda day: day.isoformat()[:7]),
    st.integers(0, 9999).map(str),
    st.text(max_size=12),
    st.from_regex(r"\d{4}-\d{1,2}(-\d{1,2})?", fullmatch=True),
)
PARTIAL_DATES = st.none() | st.builds(PartialDate, DATES, st.sampled_from([None, "actual", "estimated"]))
