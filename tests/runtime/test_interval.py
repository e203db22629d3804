"""Intervals as people write them."""

from datetime import timedelta

import pytest

from app.runtime.interval import parse_interval, parse_time


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("24h", timedelta(hours=24)),
        ("90m", timedelta(minutes=90)),
        (" 1 D ", timedelta(days=1)),
        ("15m", timedelta(minutes=15)),
        ("365d", timedelta(days=365)),
    ],
)
def test_a_number_with_a_unit_is_read(text: str, interval: timedelta) -> None:
    assert parse_interval(text) == interval


@pytest.mark.parametrize("text", ["", "soon", "24", "h", "-1h", "1.5h", "24h5m", "١h", "0m", "9999999999d"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a time such as 3d"):
        parse_time(text)


@pytest.mark.parametrize("text", ["1m", "14m", "366d", "99999d"])
def test_too_often_and_too_seldom_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not between 15m and 365d"):
        parse_interval(text)
