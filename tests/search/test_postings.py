"""A facet by trial: the same counts as by value, only where each trial has one value."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from app.search.postings import Posting, Postings, value_column

VALUES = st.sampled_from("abcdef")
TRIALS = st.dictionaries(st.integers(1, 200), VALUES, min_size=1)


def postings_of(value_by_trial: dict[int, str], known: Postings | None = None) -> Postings:
    """As read from the database: a posting that is as it was is the same object."""
    found = {}
    for value in sorted(set(value_by_trial.values())):
        trials = BitMap(trial_id for trial_id, own in value_by_trial.items() if own == value)
        earlier = (known or {}).get(value)
        is_as_it_was = earlier is not None and earlier.trials == trials
        found[value] = (
            earlier
            if is_as_it_was and earlier
            else Posting(value, len(trials), len(trials), trials.serialize())
        )
    return found


@given(TRIALS, TRIALS, st.sets(st.integers(1, 200)), st.integers(1, 6))
def test_a_column_that_followed_an_update_counts_as_one_counts_by_hand(
    before: dict[int, str], changed: dict[int, str], asked: set[int], most: int
) -> None:
    postings = postings_of(before)
    column = value_column(postings, len(before))
    after = before | changed
    column = value_column(postings_of(after, postings), len(after), column)
    assert column
    result = BitMap(asked & set(after))
    by_hand = Counter(after[trial_id] for trial_id in result)
    counts = column.counts(result, most)
    least = min((count for _, count in by_hand.most_common(most)), default=0)
    assert dict(counts) == {value: count for value, count in by_hand.items() if count >= least}


def test_there_is_none_where_a_trial_has_two_values() -> None:
    postings = {
        value: Posting(value, 2, 2, BitMap(ids).serialize()) for value, ids in (("a", [1, 2]), ("b", [2, 3]))
    }
    assert value_column(postings, 3) is None


def test_there_is_none_where_a_value_is_not_offered() -> None:
    rarely_named = Posting("a", 8, 1, BitMap(range(8)).serialize())
    assert value_column({"a": rarely_named}, 8) is None
