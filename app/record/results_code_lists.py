"""The code lists of posted results, with the labels that a clinician reads."""

from app.record.code_lists import CodeList

MEASURE_PARAMETER = CodeList.of(
    "measure_parameter",
    ("geometric-mean", "Geometric mean"),
    ("geometric-least-squares-mean", "Geometric least squares mean"),
    ("least-squares-mean", "Least squares mean"),
    ("log-mean", "Log mean"),
    ("mean", "Mean"),
    ("median", "Median"),
    ("number", "Number"),
    ("count-of-participants", "Count of participants"),
    ("count-of-units", "Count of units"),
)

MEASURE_DISPERSION = CodeList.of(
    "measure_dispersion",
    ("na", "Dispersion not applicable"),
    ("standard-deviation", "Standard deviation"),
    ("standard-error", "Standard error"),
    ("inter-quartile-range", "Interquartile range"),
    ("full-range", "Full range"),
    ("confidence-80", "80 % confidence interval"),
    ("confidence-90", "90 % confidence interval"),
    ("confidence-95", "95 % confidence interval"),
    ("confidence-975", "97.5 % confidence interval"),
    ("confidence-99", "99 % confidence interval"),
    ("confidence-other", "Confidence interval of another level"),
    ("geometric-coefficient", "Geometric coefficient of variation"),
)

OUTCOME_MEASURE_TYPE = CodeList.of(
    "outcome_measure_type",
    ("primary", "Primary"),
    ("secondary", "Secondary"),
    ("other-pre-specified", "Other pre-specified"),
    ("post-hoc", "Post hoc"),
)

REPORTING_STATUS = CodeList.of("reporting_status", ("posted", "Posted"), ("not-posted", "Not posted"))

TEST_TYPE = CodeList.of(
    "test_type",
    ("superiority", "Superiority"),
    ("non-inferiority", "Non-inferiority"),
    ("equivalence", "Equivalence"),
    ("other", "Other"),
    ("non-inferiority-or-equivalence", "Non-inferiority or equivalence"),
    ("superiority-or-other", "Superiority or other"),
    ("non-inferiority-or-equivalence-legacy", "Non-inferiority or equivalence (as older records say it)"),
    ("superiority-or-other-legacy", "Superiority or other (as older records say it)"),
)

INTERVAL_SIDES = CodeList.of("interval_sides", ("one-sided", "1-sided"), ("two-sided", "2-sided"))

ANALYSIS_DISPERSION = CodeList.of(
    "analysis_dispersion",
    ("standard-deviation", "Standard deviation"),
    ("standard-error-of-mean", "Standard error of the mean"),
)

EVENT_ASSESSMENT = CodeList.of(
    "event_assessment",
    ("systematic-assessment", "Systematic assessment", "Looked or asked for"),
    ("non-systematic-assessment", "Non-systematic assessment", "Reported unasked"),
)

AGREEMENT_RESTRICTION = CodeList.of(
    "agreement_restriction",
    ("lte60", "The sponsor can review a publication first and hold it back for 60 days at most"),
    ("gt60", "The sponsor can review a publication first and hold it back for 61 to 180 days"),
    ("other", "Another agreement"),
)
