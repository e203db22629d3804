"""Counts of a facet by trial equal those by value, whatever changed since the table was built."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from app.search.counts import values_by_trial as module
from app.search.counts.postings import Posting, Postings
from app.search.counts.values_by_trial import values_by_trial

Values = dict[int, set[str]]
"""Values by trial id."""

VERSIONS = st.lists(st.dictionaries(st.integers(1, 60), st.sets(st.sampled_from("abcdef"))), min_size=1)


def postings_of(values: Values, known: Postings) -> Postings:
    """Return postings as read from the database, where an unchanged posting is the same object.

    The values "e" and "f" are not always offered.
    """
    found = {}
    for value in sorted(set().union(*values.values())):
        trials = BitMap(trial_id for trial_id, own in values.items() if value in own)
        named = sum(trial_id % 6 == 0 for trial_id in trials) if value in "ef" else len(trials)
        new = Posting(value, len(trials), named, trials.serialize())
        found[value] = known[value] if value in known and known[value].trials == trials else new
    return found


@given(VERSIONS, st.sets(st.integers(1, 60)), st.booleans())
def test_a_table_that_followed_updates_counts_as_one_counts_by_hand(
    versions: list[Values], asked: set[int], is_kept: bool
) -> None:
    values: Values = dict(versions[0])
    postings = postings_of(values, {})
    table = values_by_trial(postings)
    for changed in versions:
        values |= changed
        postings = postings_of(values, postings)
        with pytest.MonkeyPatch.context() as patch:
            if is_kept:
                patch.setattr(module, "_MOST_CHANGED", 1_000)
            table = table.with_changes(postings)
        offered = {value for value, posting in postings.items() if posting.is_offered}
        by_hand = Counter(value for trial_id in asked & set(values) for value in values[trial_id] & offered)
        assert dict(table.counts(BitMap(asked))) == dict(by_hand)


def test_a_value_that_was_never_offered_may_go() -> None:
    offered = {trial_id: {"a"} for trial_id in range(1, 101)}
    postings = postings_of(offered | {1: {"a", "f"}}, {})
    assert not postings["f"].is_offered
    followed = values_by_trial(postings).with_changes(postings_of(offered, postings))
    assert dict(followed.counts(BitMap([1, 2]))) == {"a": 2}


def test_a_value_counts_while_it_is_offered_however_often_that_changes() -> None:
    offered = {trial_id: {"a"} for trial_id in range(1, 101)}
    postings = postings_of(offered | {1: {"a", "f"}}, {})
    table = values_by_trial(postings)
    for trial_id, count in ((6, 1), (1, 0), (12, 1), (6, 1), (1, 0)):
        postings = postings_of(offered | {trial_id: {"a", "f"}}, postings)
        table = table.with_changes(postings)
        assert dict(table.counts(BitMap([trial_id]))).get("f", 0) == count


def test_the_largest_counts_come_first() -> None:
    values = {1: {"a", "b", "c"}, 2: {"b", "c"}, 3: {"c"}, 4: {"a"}}
    table = values_by_trial(postings_of(values, {}))
    assert list(table.counts(BitMap([1, 2, 3]))) == [("c", 3), ("b", 2), ("a", 1)]
    assert list(table.counts(BitMap([]))) == []


def test_few_changes_are_counted_beside_the_table_and_many_bring_a_new_one() -> None:
    values = {trial_id: {"a"} for trial_id in range(1, 101)}
    postings = postings_of(values, {})
    table = values_by_trial(postings)
    few = postings_of(values | {7: {"b"}}, postings)
    followed = table.with_changes(few)
    assert followed.places is table.places
    assert dict(followed.counts(BitMap(range(1, 101)))) == {"a": 99, "b": 1}
    anew = followed.with_changes(postings_of(values | {trial_id: {"b"} for trial_id in range(1, 51)}, few))
    assert len(anew.changes.places) == 0
    assert dict(anew.counts(BitMap(range(1, 101)))) == {"a": 50, "b": 50}
