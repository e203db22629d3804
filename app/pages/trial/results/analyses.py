"""Statistical analyses of an outcome, as labeled facts."""

from dataclasses import dataclass

from app.pages.trial.results.measures import limits
from app.pages.trial.results.table import Columns, Statement, lines
from app.record.results import Analysis, Interval
from app.record.results_code_lists import ANALYSIS_DISPERSION, INTERVAL_SIDES, TEST_TYPE


@dataclass(frozen=True, slots=True)
class AnalysisPart:
    heading: str
    statements: tuple[Statement, ...]


def analysis_part(analysis: Analysis, columns: Columns, number: int) -> AnalysisPart:
    compared = tuple(columns.titles[group_id] for group_id in analysis.group_ids)
    rest = (
        _explained("p value", analysis.p_value, analysis.p_value_comment),
        _explained("Estimate", estimate_words(analysis), analysis.estimate_comment),
        _explained("Lower limit", None, analysis.interval.lower_limit_comment),
        _explained("Upper limit", None, analysis.interval.upper_limit_comment),
        _explained("Method", analysis.method, analysis.method_comment),
        _explained("Type of test", _test_words(analysis), analysis.test_comment),
        lines("Tested for non-inferiority", _yes_no(analysis.is_non_inferiority_tested)),
        _explained("Other analysis", None, analysis.other_description),
    )
    groups = "Groups compared" if len(compared) > 1 else "Group analyzed"
    about = Statement(groups, compared, analysis.group_description or "")
    return AnalysisPart(
        heading=f"Analysis {number}",
        statements=(
            *((about,) if about.lines or about.prose else ()),
            *(statement for statements in rest for statement in statements),
        ),
    )


def estimate_words(analysis: Analysis) -> str:
    """Word it as `Hazard Ratio (HR): 0.74 (95 % CI 0.61 to 0.90, 2-sided); standard error of the mean 0.07`."""
    value = " ".join(filter(None, (analysis.value, _interval_words(analysis.interval))))
    estimate = ": ".join(filter(None, (analysis.parameter, value)))
    return "; ".join(filter(None, (estimate, _dispersion_words(analysis))))


def _interval_words(interval: Interval) -> str:
    level = f"{interval.level} % CI" if interval.level else "CI"
    between = limits(interval.lower_limit, interval.upper_limit)
    sides = INTERVAL_SIDES.label(interval.sides) if interval.sides else ""
    if not (interval.level or between or sides):
        return ""
    return f"({', '.join(filter(None, (f'{level} {between}'.strip(), sides)))})"


def _dispersion_words(analysis: Analysis) -> str:
    label = ANALYSIS_DISPERSION.label(analysis.dispersion).lower() if analysis.dispersion else ""
    if analysis.dispersion_value and not label:
        label = "dispersion"
    return " ".join(filter(None, (label, analysis.dispersion_value)))


def _test_words(analysis: Analysis) -> str | None:
    return TEST_TYPE.label(analysis.test_type) if analysis.test_type else None


def _explained(label: str, words: str | None, comment: str | None) -> tuple[Statement, ...]:
    if not words and not comment:
        return ()
    return (Statement(label, (words,) if words else (), comment or ""),)


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else ("No", "Yes")[value]
