import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import pytest
from lxml import html
from lxml.html import HtmlElement

from app.pages.trial.results import ResultsPart, results_part
from app.record.code_lists import canonical
from app.record.results_code_lists import (
    AGREEMENT_RESTRICTION,
    ANALYSIS_DISPERSION,
    EVENT_ASSESSMENT,
    INTERVAL_SIDES,
    MEASURE_DISPERSION,
    MEASURE_PARAMETER,
    OUTCOME_MEASURE_TYPE,
    REPORTING_STATUS,
    TEST_TYPE,
)
from app.registries.ctgov.results import read_results
from app.settings import Settings
from app.text.prose import line, prose
from app.text.wording import date_words
from app.web.rendering import Renderer
from tests.html_checks import check_html
from tests.support.reference_data import reference_file

Section = dict[str, Any]
TEMPLATE = Renderer.of(Settings()).environment.from_string(
    '{% from "parts/results.html" import results_section %}{{ results_section(results) }}'
)
PAGE = """<!doctype html><html lang="en"><head><title>A trial</title><link rel="canonical" href="/trials/NCT00000001">
</head><body><main><h1>A trial</h1><section id="results"><h2>Results</h2>%s</section></main></body></html>"""


def shaped(section: Section) -> ResultsPart:
    results = read_results({"resultsSection": section})
    assert results is not None
    return results_part(results)


def rendered(section: Section) -> HtmlElement:
    """Return the section within a page, which is checked as every page is."""
    document = check_html(PAGE % TEMPLATE.render(results=shaped(section)), is_fragment=False)
    return document.get_element_by_id("results")


def words(element: HtmlElement) -> str:
    return " ".join(" ".join(element.itertext()).split())


def first(element: HtmlElement, tag: str) -> str:
    """Return the words of the first element of its kind."""
    return words(next(element.iter(tag)))


def rows(table: HtmlElement) -> list[list[str]]:
    return [[words(cell) for cell in row.iterchildren("th", "td")] for row in table.iter("tr")]


def facts(element: HtmlElement) -> dict[str, list[str]]:
    return {words(term): [words(dd) for dd in term.itersiblings("dd")] for term in element.iter("dt")}


# From here to `lost` stands an independent second reading of the section: where each value of a record must
# be found.

NOT_SHOWN = {
    "participantFlowModule.groups.id": "stands for the group; its title heads the column",
    "participantFlowModule.periods.milestones.achievements.groupId": "says which column",
    "participantFlowModule.periods.dropWithdraws.reasons.groupId": "says which column",
    "baselineCharacteristicsModule.groups.id": "stands for the group; its title heads the column",
    "baselineCharacteristicsModule.denoms.counts.groupId": "says which column",
    "baselineCharacteristicsModule.measures.denoms.counts.groupId": "says which column",
    "baselineCharacteristicsModule.measures.classes.denoms.counts.groupId": "says which column",
    "baselineCharacteristicsModule.measures.classes.categories.measurements.groupId": "says which column",
    "outcomeMeasuresModule.outcomeMeasures.groups.id": "stands for the group; its title heads the column",
    "outcomeMeasuresModule.outcomeMeasures.denoms.counts.groupId": "says which column",
    "outcomeMeasuresModule.outcomeMeasures.classes.denoms.counts.groupId": "says which column",
    "outcomeMeasuresModule.outcomeMeasures.classes.categories.measurements.groupId": "says which column",
    "adverseEventsModule.eventGroups.id": "stands for the group; its title heads the column",
    "adverseEventsModule.seriousEvents.stats.groupId": "says which column",
    "adverseEventsModule.otherEvents.stats.groupId": "says which column",
}
MARKDOWN = {
    "allCauseMortalityComment", "ciLowerLimitComment", "ciUpperLimitComment", "comment", "description",
    "estimateComment", "groupDescription", "nonInferiorityComment", "notes", "otherAnalysisDescription",
    "otherDetails", "pValueComment", "populationDescription", "preAssignmentDetails", "recruitmentDetails",
    "statisticalComment",
}  # fmt: skip
NUMBERS = {
    "ciLowerLimit", "ciPctValue", "ciUpperLimit", "deathsNumAffected", "deathsNumAtRisk", "dispersionValue",
    "frequencyThreshold", "lowerLimit", "numAffected", "numAtRisk", "numEvents", "numSubjects", "numUnits",
    "otherNumAffected", "otherNumAtRisk", "pValue", "paramValue", "seriousNumAffected", "seriousNumAtRisk", "spread",
    "upperLimit", "value",
}  # fmt: skip
OUTCOME = "outcomeMeasuresModule.outcomeMeasures"
ENUMS = {
    "baselineCharacteristicsModule.measures.dispersionType": MEASURE_DISPERSION,
    "baselineCharacteristicsModule.measures.paramType": MEASURE_PARAMETER,
    f"{OUTCOME}.type": OUTCOME_MEASURE_TYPE,
    f"{OUTCOME}.reportingStatus": REPORTING_STATUS,
    f"{OUTCOME}.paramType": MEASURE_PARAMETER,
    f"{OUTCOME}.analyses.ciNumSides": INTERVAL_SIDES,
    f"{OUTCOME}.analyses.dispersionType": ANALYSIS_DISPERSION,
    f"{OUTCOME}.analyses.nonInferiorityType": TEST_TYPE,
    "adverseEventsModule.seriousEvents.assessmentType": EVENT_ASSESSMENT,
    "adverseEventsModule.otherEvents.assessmentType": EVENT_ASSESSMENT,
    "moreInfoModule.certainAgreement.restrictionType": AGREEMENT_RESTRICTION,
}
DISPERSIONS_IN_WORDS = {
    "Inter-Quartile Range": "Interquartile range",
    "80% Confidence Interval": "80 % confidence interval",
    "90% Confidence Interval": "90 % confidence interval",
    "95% Confidence Interval": "95 % confidence interval",
    "97.5% Confidence Interval": "97.5 % confidence interval",
    "99% Confidence Interval": "99 % confidence interval",
    "Other Confidence Interval Level": "Confidence interval of another level",
    "Not Applicable": "Dispersion not applicable",
}
"""Dispersions of outcome measures, which are no enum; other words stay as they are."""
SCOPES = {
    "participantFlowModule": "results-flow",
    "baselineCharacteristicsModule": "results-baseline",
    "adverseEventsModule": "results-events",
    "adverseEventsModule.seriousEvents": "results-serious-events",
    "adverseEventsModule.otherEvents": "results-other-events",
    "moreInfoModule": "results-more",
}


class Leaf(NamedTuple):
    path: str
    value: Any
    scope: str
    """Id of the element that must show the value."""
    column: int | None = None
    """Column of the group that a number belongs to."""
    groups: tuple[Section, ...] = ()


def leaves(node: Any, leaf: Leaf) -> Iterator[Leaf]:
    """Yield every value of a section with its place on the page; `leaf` is the place of the node itself."""
    if isinstance(node, dict):
        groups = tuple(node.get("groups") or node.get("eventGroups") or leaf.groups)
        leaf = leaf._replace(groups=groups)
        if "groupId" in node:
            leaf = leaf._replace(column=[group["id"] for group in groups].index(node["groupId"]))
        for key, value in node.items():
            path = f"{leaf.path}.{key}".lstrip(".")
            yield from leaves(value, leaf._replace(path=path, scope=SCOPES.get(path, leaf.scope)))
    elif isinstance(node, list):
        for place, item in enumerate(node):
            inner = leaf
            if leaf.path == OUTCOME:
                inner = leaf._replace(scope=f"results-outcome-{place + 1}", groups=())
            elif leaf.path == "adverseEventsModule.eventGroups":
                inner = leaf._replace(column=place)
            yield from leaves(item, inner)
    elif leaf.path not in NOT_SHOWN:
        is_event_total = leaf.path.startswith("adverseEventsModule.eventGroups") and isinstance(node, int)
        yield leaf._replace(value=node, scope="results-events-table" if is_event_total else leaf.scope)


def tokens(text: str) -> list[str]:
    return [token for part in text.casefold().split() if (token := part.strip("()[];,"))]


@cache
def expected_words(path: str, value: Any) -> str:
    """Return a value as a reader should find it."""
    name = path.rpartition(".")[2]
    if path in ENUMS:
        return ENUMS[path].label(canonical(value))
    if path == f"{OUTCOME}.dispersionType":
        return DISPERSIONS_IN_WORDS.get(value, str(value))
    if path == f"{OUTCOME}.anticipatedPostingDate":
        return date_words(value)
    if isinstance(value, bool):
        return ("No", "Yes")[value]
    if name in MARKDOWN:
        return words(html.fragment_fromstring(prose(value), create_parent="div"))
    return line(str(value))


def lost(section: Section, part: HtmlElement | None = None) -> list[Leaf]:
    """Return the values of a section that are not on the page.

    Texts must be in their part; numbers must be there as often as the record has them, in the column of their group.
    """
    part = rendered(section) if part is None else part
    elements = {str(element.get("id")): element for element in part.iterfind(".//*[@id]")}
    texts: dict[str, str] = {}
    numbers: dict[tuple[str, int | None], Counter[str]] = defaultdict(Counter)
    for scope, element in elements.items():
        texts[scope] = words(element).casefold()
        numbers[scope, None] = Counter(tokens(texts[scope]))
        for row in element.iter("tr"):
            for column, cell in enumerate(row.iterchildren("td")):
                if cell.get("colspan") is None:
                    numbers[scope, column].update(tokens(words(cell)))
    missing = []
    for leaf in leaves(section, Leaf("", None, "results")):
        name = leaf.path.rpartition(".")[2]
        if name == "groupIds":
            titles = {group["id"]: group["title"] for group in leaf.groups}
            is_found = line(titles[leaf.value]).casefold() in texts[leaf.scope]
        elif name in NUMBERS or isinstance(leaf.value, bool):
            found = numbers[leaf.scope, leaf.column]
            needed = tokens(expected_words(leaf.path, leaf.value))
            is_found = bool(needed) and all(found[token] > 0 for token in needed)
            found.subtract(needed)
        else:
            is_found = expected_words(leaf.path, leaf.value).casefold() in texts.get(leaf.scope, "")
        if not is_found:
            missing.append(leaf)
    return missing


def report(missing: list[Leaf]) -> str:
    """Return the ten paths with most losses, each with an example."""
    examples = {leaf.path: leaf for leaf in missing}
    worst = Counter(leaf.path for leaf in missing).most_common(10)
    listed = [
        f"{times:6} {path}: {examples[path].value!r} in {examples[path].scope}" for path, times in worst
    ]
    return "\n".join([f"{len(missing)} values are lost", *listed])


class Real(NamedTuple):
    registry_id: str
    section: Section
    part: HtmlElement


@pytest.fixture(scope="module")
def real_results() -> list[Real]:
    """Render the results of all the real records."""
    with gzip.open(reference_file("data/ctgov.ndjson.gz")) as file:
        studies = [json.loads(record) for record in file if b'"resultsSection"' in record]
    return [
        Real(study["protocolSection"]["identificationModule"]["nctId"], section, rendered(section))
        for study in studies
        if (section := study.get("resultsSection"))
    ]


def test_nothing_of_the_real_results_is_lost(real_results: list[Real]) -> None:
    assert len(real_results) > 100
    missing = [leaf for real in real_results for leaf in lost(real.section, real.part)]
    assert not missing, report(missing)


def test_no_raw_value_or_escape_shows_on_real_results(real_results: list[Real]) -> None:
    raw = re.compile(r"\b[A-Z]+(?:_[A-Z0-9]+)+\b|\\[!-/:-@\[-`{-~]")
    for real in real_results:
        text = words(real.part)
        received = json.dumps(real.section, ensure_ascii=False)
        enums = {value for value in raw.findall(text) if f'"{value}"' in received or value.startswith("\\")}
        assert not enums, f"{real.registry_id}: {enums}"
        assert text.count("None") <= received.count("None"), real.registry_id


def denominators(prefix: str, *counts: str, units: str = "Participants") -> list[Section]:
    return [{"units": units, "counts": per_group(prefix, "value", *counts)}]


def per_group(prefix: str, key: str, *values: Any) -> list[Section]:
    return [{"groupId": f"{prefix}{place:03}", key: value} for place, value in enumerate(values)]


def groups(prefix: str) -> list[Section]:
    return [
        {"id": f"{prefix}000", "title": f"Aspirin ({prefix})", "description": f"Given *daily* as {prefix}"},
        {
            "id": f"{prefix}001",
            "title": f"Placebo ({prefix})",
            "description": f"\\>100 mg of nothing as {prefix}",
        },
    ]


def every_measure_leaf(prefix: str, number: int, dispersion: str) -> Section:
    """Return the fields that baseline and outcome measures share, each with a value of its own."""
    measurements = [
        {
            "groupId": f"{prefix}{place:03}",
            "value": f"{number}.{place}1",
            "spread": f"{number}.{place}2",
            "lowerLimit": f"{number}.{place}3",
            "upperLimit": f"{number}.{place}4",
            "comment": f"Comment {prefix} {place}, 10\\^9/L",
        }
        for place in range(2)
    ]
    return {
        "title": f"Measure {prefix}",
        "description": f"Described {prefix}",
        "populationDescription": f"Population of the measure {prefix}",
        "paramType": "GEOMETRIC_MEAN",
        "dispersionType": dispersion,
        "unitOfMeasure": f"unit {prefix}",
        "calculatePct": True,
        "denomUnitsSelected": f"eyes {prefix}",
        "denoms": denominators(prefix, f"{number}11", f"{number}12"),
        "classes": [
            {
                "title": f"Class {prefix}",
                "denoms": denominators(prefix, f"{number}21", f"{number}22", units=f"eyes {prefix}"),
                "categories": [{"title": f"Category {prefix}", "measurements": measurements}],
            }
        ],
    }


def every_event_leaf(kind: str, number: int) -> list[Section]:
    stats = [
        {
            "groupId": f"EG{place:03}",
            "numEvents": number + place,
            "numAffected": number + place + 10,
            "numAtRisk": number + place + 20,
        }
        for place in range(2)
    ]
    return [
        {
            "term": f"{kind} event",
            "organSystem": f"{kind} organ system",
            "sourceVocabulary": f"{kind} vocabulary",
            "assessmentType": "NON_SYSTEMATIC_ASSESSMENT",
            "notes": f"{kind} notes",
            "stats": stats,
        }
    ]


EVERYTHING: Section = {
    "participantFlowModule": {
        "preAssignmentDetails": "Before **assignment**",
        "recruitmentDetails": "How recruited",
        "typeUnitsAnalyzed": "clinics",
        "groups": groups("FG"),
        "periods": [
            {
                "title": "The only period",
                "milestones": [
                    {
                        "type": "NOT COMPLETED",
                        "comment": "On the milestone",
                        "achievements": [
                            {
                                "groupId": "FG000",
                                "numSubjects": "12",
                                "numUnits": "3",
                                "comment": "On twelve",
                            },
                            {
                                "groupId": "FG001",
                                "numSubjects": "13",
                                "numUnits": "4",
                                "comment": "On thirteen",
                            },
                        ],
                    }
                ],
                "dropWithdraws": [
                    {
                        "type": "Lost to Follow-up",
                        "comment": "On the reason",
                        "reasons": [
                            {"groupId": "FG000", "numSubjects": "5", "comment": "On five"},
                            {"groupId": "FG001", "numSubjects": "6", "comment": "On six"},
                        ],
                    }
                ],
            }
        ],
    },
    "baselineCharacteristicsModule": {
        "populationDescription": "The whole population",
        "typeUnitsAnalyzed": "lesions",
        "groups": groups("BG"),
        "denoms": denominators("BG", "901", "902"),
        "measures": [every_measure_leaf("BG", 30, "INTER_QUARTILE_RANGE")],
    },
    "outcomeMeasuresModule": {
        "outcomeMeasures": [
            {
                **every_measure_leaf("OG", 40, "97.5% Confidence Interval"),
                "type": "OTHER_PRE_SPECIFIED",
                "reportingStatus": "POSTED",
                "anticipatedPostingDate": "2026-03",
                "timeFrame": "At week 12",
                "typeUnitsAnalyzed": "samples",
                "groups": groups("OG"),
                "analyses": [
                    {
                        "groupIds": ["OG000", "OG001"],
                        "groupDescription": "Why compared",
                        "paramType": "Hazard Ratio (HR)",
                        "paramValue": "0.74",
                        "dispersionType": "STANDARD_ERROR_OF_MEAN",
                        "dispersionValue": "0.077",
                        "statisticalMethod": "Log Rank",
                        "statisticalComment": "On the method",
                        "pValue": "<0.0001",
                        "pValueComment": "On the p value",
                        "ciNumSides": "ONE_SIDED",
                        "ciPctValue": "97.5",
                        "ciLowerLimit": "0.61",
                        "ciUpperLimit": "0.90",
                        "ciLowerLimitComment": "On the lower limit",
                        "ciUpperLimitComment": "On the upper limit",
                        "estimateComment": "On the estimate",
                        "testedNonInferiority": True,
                        "nonInferiorityType": "NON_INFERIORITY_OR_EQUIVALENCE_LEGACY",
                        "nonInferiorityComment": "On the margin",
                        "otherAnalysisDescription": "Another analysis",
                    }
                ],
            }
        ]
    },
    "adverseEventsModule": {
        "frequencyThreshold": "5",
        "timeFrame": "Over a year",
        "description": "How events were found",
        "allCauseMortalityComment": "On deaths",
        "eventGroups": [
            {
                **group,
                "deathsNumAffected": 100 + place,
                "deathsNumAtRisk": 200 + place,
                "seriousNumAffected": 300 + place,
                "seriousNumAtRisk": 400 + place,
                "otherNumAffected": 500 + place,
                "otherNumAtRisk": 600 + place,
            }
            for place, group in enumerate(groups("EG"))
        ],
        "seriousEvents": every_event_leaf("Serious", 1000),
        "otherEvents": every_event_leaf("Other", 2000),
    },
    "moreInfoModule": {
        "limitationsAndCaveats": {"description": "What limits it"},
        "certainAgreement": {
            "piSponsorEmployee": False,
            "restrictionType": "LTE60",
            "restrictiveAgreement": True,
            "otherDetails": "More on the agreement",
        },
        "pointOfContact": {
            "title": "Study Director",
            "organization": "A University",
            "email": "director@university.example",
            "phone": "+1 555 0100",
            "phoneExt": "77",
        },
    },
}
"""A results section with every field that the registry has for one."""


def test_every_field_of_a_results_section_is_shown() -> None:
    missing = lost(EVERYTHING)
    assert not missing, report(missing)


def test_every_published_field_is_in_the_record_that_has_everything() -> None:
    sections = json.loads(reference_file("spec/studies_fieldlist.json").read_text())
    (results,) = (section for section in sections if section["name"] == "resultsSection")
    assert published_paths(results) == {leaf.path for leaf in leaves(EVERYTHING, Leaf("", None, ""))} | set(
        NOT_SHOWN
    )


def published_paths(field: Section, path: str = "") -> set[str]:
    children = field.get("children", [])
    if not children:
        return {path}
    return {
        found for child in children for found in published_paths(child, f"{path}.{child['name']}".lstrip("."))
    }


@pytest.mark.parametrize("module", EVERYTHING)
def test_each_part_can_stand_alone(module: str) -> None:
    section = {module: EVERYTHING[module]}
    assert lost(section) == []
    headings = [words(heading) for heading in rendered(section).iter("h3")]
    assert len(headings) == 1


@pytest.mark.parametrize("module", EVERYTHING)
def test_a_part_that_says_nothing_but_is_there_breaks_nothing(module: str) -> None:
    assert words(rendered({module: {"unknown": []}}))


def flow(**module: Any) -> HtmlElement:
    return rendered({"participantFlowModule": {"groups": groups("FG"), **module}})


def milestone(name: str, *counts: str, **more: Any) -> Section:
    return {"type": name, "achievements": per_group("FG", "numSubjects", *counts), **more}


def test_a_period_is_a_table_of_milestones_and_reasons_by_group() -> None:
    reason = {"type": "Death", "reasons": per_group("FG", "numSubjects", "1", "0")}
    steps = [
        milestone("STARTED", "10", "11"),
        milestone("COMPLETED", "9", "11"),
        milestone("Treated", "10", "10"),
    ]
    (table,) = flow(
        periods=[{"title": "Overall Study", "milestones": steps, "dropWithdraws": [reason]}]
    ).iter("table")
    assert rows(table) == [
        ["Milestone", "Aspirin (FG)", "Placebo (FG)"],
        ["Started", "10", "11"],
        ["Completed", "9", "11"],
        ["Treated", "10", "10"],
        ["Reasons for not completing"],
        ["Death", "1", "0"],
    ]
    assert first(table, "caption") == "Overall Study"


def test_units_other_than_participants_stand_beside_them() -> None:
    counts = [{"groupId": "FG000", "numSubjects": "10", "numUnits": "20"}]
    part = flow(
        typeUnitsAnalyzed="eyes", periods=[{"milestones": [{"type": "STARTED", "achievements": counts}]}]
    )
    assert rows(next(part.iter("table")))[1] == ["Started", "10 20 eyes", "Not stated"]


def test_a_comment_shared_by_cells_is_one_note_below_the_table() -> None:
    counts = [
        {"groupId": f"FG00{place}", "numSubjects": "9", "comment": "One moved \\>100 km"} for place in (0, 1)
    ]
    part = flow(periods=[{"milestones": [{"type": "STARTED", "comment": "All", "achievements": counts}]}])
    assert rows(next(part.iter("table")))[1] == ["Started [a]", "9 [b]", "9 [b]"]
    notes = {item.get("id"): words(item) for item in part.iter("li")}
    assert notes == {"results-period-1-a": "a All", "results-period-1-b": "b One moved >100 km"}
    assert [link.get("href") for link in part.iter("a")] == [
        f"#{mark}" for mark in (*notes, *list(notes)[1:])
    ]


def test_a_group_that_only_numbers_name_gets_a_column_of_its_own() -> None:
    counts = [{"groupId": "FG007", "numSubjects": "3"}, {"numSubjects": "4"}]
    part = flow(periods=[{"milestones": [{"type": "STARTED", "achievements": counts}]}])
    assert rows(next(part.iter("table"))) == [
        ["Milestone", "Aspirin (FG)", "Placebo (FG)", "Group FG007, not described", "Group not stated"],
        ["Started", "Not stated", "Not stated", "3", "4"],
    ]


def test_two_numbers_for_one_group_are_both_shown() -> None:
    counts = [{"groupId": "FG000", "numSubjects": "3"}, {"groupId": "FG000", "numSubjects": "4"}]
    part = flow(periods=[{"milestones": [{"type": "STARTED", "achievements": counts}]}])
    assert rows(next(part.iter("table")))[1] == ["Started", "3; 4", "Not stated"]


def baseline(*measures: Section) -> list[list[str]]:
    module = {"groups": groups("BG"), "denoms": denominators("BG", "40", "50"), "measures": list(measures)}
    (table,) = rendered({"baselineCharacteristicsModule": module}).iter("table")
    return rows(table)[1:]


def one_row(prefix: str, *measurements: Section, **more: Any) -> Section:
    return {"categories": [{"measurements": list(measurements)}], **more}


def test_a_baseline_measure_stands_under_its_name_and_its_parameter() -> None:
    measure = {
        "title": "Age, Continuous",
        "paramType": "MEAN",
        "dispersionType": "STANDARD_DEVIATION",
        "unitOfMeasure": "years",
        "classes": [one_row("BG", {"groupId": "BG000", "value": "54.30", "spread": "9.1"})],
    }
    assert baseline(measure) == [
        ["Participants analyzed", "40", "50"],
        ["Age, Continuous Mean (standard deviation), years"],
        ["Mean (standard deviation)", "54.30 (9.1)", "Not stated"],
    ]


def test_counts_of_participants_come_with_their_share() -> None:
    categories = [{"title": "Female", "measurements": per_group("BG", "value", "10", "0")}]
    measure = {"title": "Sex", "paramType": "COUNT_OF_PARTICIPANTS", "unitOfMeasure": "Participants"}
    shares = {**measure, "classes": [{"categories": categories}]}
    assert baseline(shares)[1:] == [["Sex Count of participants"], ["Female", "10 (25.0 %)", "0 (0.0 %)"]]
    assert baseline({**shares, "calculatePct": False})[-1] == ["Female", "10", "0"]
    of_the_class = {"categories": categories, "denoms": denominators("BG", "20", "0")}
    assert baseline({**measure, "classes": [of_the_class]})[2:] == [
        ["Participants analyzed", "20", "0"],
        ["Female", "10 (50.0 %)", "0"],
    ]


def test_classes_with_titled_categories_are_groups_of_rows() -> None:
    categories = [
        {"title": title, "measurements": per_group("BG", "value", "1", "2")} for title in ("Dry", "Wet")
    ]
    measure = {
        "title": "Eyes",
        "classes": [
            {"title": "Both", **one_row("BG", *per_group("BG", "value", "3", "4"))},
            {"title": "Left", "categories": categories},
            {"title": "Right", "categories": categories[:1], "denoms": denominators("BG", "7", "8")},
        ],
    }
    assert baseline(measure)[1:] == [
        ["Eyes"],
        ["Both", "3", "4"],
        ["Left"],
        ["Dry", "1", "2"],
        ["Wet", "1", "2"],
        ["Right"],
        ["Participants analyzed", "7", "8"],
        ["Dry", "1", "2"],
    ]


def test_a_class_of_one_row_has_its_denominators_in_its_cells() -> None:
    classes = [
        one_row(
            "BG", {"groupId": "BG000", "value": "3.2"}, title="Week 4", denoms=denominators("BG", "31", "32")
        ),
        {"title": "Week 8", "denoms": denominators("BG", "60", "62", units="eyes")},
    ]
    assert baseline({"title": "Score", "paramType": "MEAN", "classes": classes})[1:] == [
        ["Score Mean"],
        ["Week 4", "3.2 n = 31", "Not stated n = 32"],
        ["Week 8", "Not stated n = 60 eyes", "Not stated n = 62 eyes"],
    ]


def test_a_denominator_in_a_cell_names_its_units_unless_the_table_has_said_participants() -> None:
    classes = [one_row("OG", {"groupId": "OG000", "value": "3"}, denoms=denominators("OG", "31"))]
    (table,) = outcome(paramType="MEAN", classes=classes).iter("table")
    assert rows(table)[1:] == [["Mean", "3 n = 31 Participants", "Not stated"]]
    (table,) = outcome(paramType="MEAN", classes=classes, denoms=denominators("OG", "40")).iter("table")
    assert rows(table)[2:] == [["Mean", "3 n = 31", "Not stated"]]


def test_a_unit_is_shown_even_where_its_letters_stand_in_the_parameter() -> None:
    assert baseline({"title": "Height", "paramType": "MEAN", "unitOfMeasure": "m"})[1] == ["Height Mean, m"]


@pytest.mark.parametrize(
    ("measurement", "text"),
    [
        ({"value": "3.20", "spread": "0.5"}, "3.20 (0.5)"),
        ({"value": "3.20", "lowerLimit": "1.0", "upperLimit": "NA"}, "3.20 (1.0 to NA)"),
        ({"value": "3.20", "lowerLimit": "1.0"}, "3.20 (from 1.0)"),
        ({"value": "3.20", "upperLimit": "9"}, "3.20 (up to 9)"),
        ({"value": "3.20", "spread": "0.5", "lowerLimit": "1", "upperLimit": "9"}, "3.20 (0.5; 1 to 9)"),
        ({"value": "NA"}, "NA"),
        ({"value": "2 x 10^9"}, "2 x 10⁹"),
        ({"spread": "0.5"}, "Not stated (0.5)"),
        ({}, "Not stated"),
    ],
)
def test_a_measurement_shows_its_numbers_as_written(measurement: Section, text: str) -> None:
    measure = {
        "title": "Age",
        "paramType": "MEAN",
        "classes": [one_row("BG", {"groupId": "BG000", **measurement})],
    }
    assert baseline(measure)[-1] == ["Mean", text, "Not stated"]


def outcomes(*measures: Section) -> list[HtmlElement]:
    section = {"outcomeMeasuresModule": {"outcomeMeasures": list(measures)}}
    return [element for element in rendered(section).iter("details") if element.get("class") == "outcome"]


def outcome(**measure: Any) -> HtmlElement:
    (element,) = outcomes({"title": "Pain", "groups": groups("OG"), **measure})
    return element


def summary(element: HtmlElement) -> str:
    return first(element, "summary")


def test_an_outcome_is_a_table_of_its_classes_by_group() -> None:
    element = outcome(
        type="PRIMARY",
        reportingStatus="POSTED",
        paramType="MEDIAN",
        dispersionType="95% Confidence Interval",
        unitOfMeasure="score on a scale",
        denoms=denominators("OG", "40", "50"),
        classes=[
            one_row("OG", {"groupId": "OG001", "value": "6.0", "lowerLimit": "5.1", "upperLimit": "7.0"})
        ],
    )
    (table,) = element.iter("table")
    assert summary(element) == "Primary Pain Posted, 2 rows"
    assert first(table, "caption") == "Median (95 % confidence interval), score on a scale"
    assert rows(table) == [
        ["Measured", "Aspirin (OG)", "Placebo (OG)"],
        ["Participants analyzed", "40", "50"],
        ["Median (95 % confidence interval)", "Not stated", "6.0 (5.1 to 7.0)"],
    ]


def test_only_the_first_primary_outcomes_are_open() -> None:
    kinds = ["PRIMARY", "PRIMARY", "SECONDARY", "PRIMARY"]
    assert [element.get("open") for element in outcomes(*({"type": kind} for kind in kinds))] == [
        "",
        "",
        None,
        None,
    ]
    assert [element.get("open") for element in outcomes(*[{"type": "PRIMARY"}] * 4)] == ["", "", "", None]


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        ({"anticipatedPostingDate": "2026-03"}, "Secondary Pain Not posted, expected Mar 2026"),
        ({}, "Secondary Pain Not posted, no date given"),
    ],
)
def test_an_outcome_without_numbers_yet_says_when_they_are_due(measure: Section, text: str) -> None:
    element = outcome(type="SECONDARY", reportingStatus="NOT_POSTED", **measure)
    assert summary(element) == text
    assert not list(element.iter("table"))


def test_an_outcome_without_a_table_still_names_its_groups() -> None:
    element = outcome(groups=[{"id": "OG000", "title": "Aspirin"}])
    assert facts(element) == {"Aspirin": ["Not stated"]}


@pytest.mark.parametrize(
    ("analysis", "words_of_the_estimate"),
    [
        (
            {"paramType": "Hazard Ratio (HR)", "paramValue": "0.74", "ciPctValue": "95", "ciLowerLimit": "0.61",
             "ciUpperLimit": "0.90", "ciNumSides": "TWO_SIDED"},
            "Hazard Ratio (HR): 0.74 (95 % CI 0.61 to 0.90, 2-sided)",
        ),
        (
            {"paramValue": "0.74", "ciPctValue": "97.5", "ciUpperLimit": "0.90", "ciNumSides": "ONE_SIDED"},
            "0.74 (97.5 % CI up to 0.90, 1-sided)",
        ),
        ({"paramValue": "0.74", "ciLowerLimit": "0.61"}, "0.74 (CI from 0.61)"),
        ({"paramType": "Slope", "paramValue": "-0.2"}, "Slope: -0.2"),
        ({"ciPctValue": "95"}, "(95 % CI)"),
        (
            {"paramValue": "1.8", "dispersionType": "STANDARD_ERROR_OF_MEAN", "dispersionValue": "0.2"},
            "1.8; standard error of the mean 0.2",
        ),
        ({"paramValue": "1.8", "dispersionValue": "0.2"}, "1.8; dispersion 0.2"),
    ],
)  # fmt: skip
def test_an_estimate_reads_as_one_expression(analysis: Section, words_of_the_estimate: str) -> None:
    assert facts(outcome(analyses=[analysis]))["Estimate"] == [words_of_the_estimate]


def test_an_analysis_names_the_groups_it_compares() -> None:
    analysis = {"groupIds": ["OG001", "OG000"], "groupDescription": "At \\>12 weeks", "pValue": "<0.0001"}
    shown = facts(outcome(analyses=[analysis, {"groupIds": ["OG009"]}]))
    assert shown["Groups compared"] == ["Placebo (OG)", "Aspirin (OG)", "At >12 weeks"]
    assert shown["Group analyzed"] == ["Group OG009, not described"]
    assert shown["p value"] == ["<0.0001"]


def test_the_type_of_test_is_in_words() -> None:
    analysis = {"nonInferiorityType": "NON_INFERIORITY_OR_EQUIVALENCE", "testedNonInferiority": False}
    shown = facts(outcome(analyses=[analysis]))
    assert shown["Type of test"] == ["Non-inferiority or equivalence"]
    assert shown["Tested for non-inferiority"] == ["No"]


def events(**module: Any) -> HtmlElement:
    return rendered({"adverseEventsModule": {"eventGroups": groups("EG"), **module}})


def event(term: str, system: str, *affected: int | None, **more: Any) -> Section:
    stats = [
        {"groupId": f"EG{place:03}", "numAtRisk": 102, **({} if count is None else {"numAffected": count})}
        for place, count in enumerate(affected)
    ]
    return {"term": term, "organSystem": system, "stats": stats, **more}


def table_of(part: HtmlElement, element_id: str) -> HtmlElement:
    return next(part.get_element_by_id(element_id).iter("table"))


def test_event_groups_are_compared_by_deaths_serious_and_other_events() -> None:
    aspirin = {
        "deathsNumAffected": 0,
        "deathsNumAtRisk": 102,
        "seriousNumAffected": 3,
        "seriousNumAtRisk": 102,
        "otherNumAtRisk": 102,
    }
    described = [{**groups("EG")[0], **aspirin}, groups("EG")[1]]
    assert rows(table_of(events(eventGroups=described), "results-events-table")) == [
        ["Events", "Aspirin (EG)", "Placebo (EG)"],
        ["Deaths from any cause", "0 / 102 (0.0 %)", "Not stated"],
        ["Serious adverse events", "3 / 102 (2.9 %)", "Not stated"],
        ["Other adverse events", "not stated / 102", "Not stated"],
    ]


def test_events_are_grouped_by_organ_system_in_the_order_of_the_record() -> None:
    listed = [event("Cough", "Lung", 3, 0), event("Rash", "Skin", 1, None), event("Asthma", "Lung", 102, 2)]
    assert rows(table_of(events(otherEvents=listed), "results-other-events")) == [
        ["Event", "Aspirin (EG)", "Placebo (EG)"],
        ["Lung"],
        ["Cough", "3 / 102 (2.9 %)", "0 / 102 (0.0 %)"],
        ["Asthma", "102 / 102 (100.0 %)", "2 / 102 (2.0 %)"],
        ["Skin"],
        ["Rash", "1 / 102 (1.0 %)", "not stated / 102"],
    ]


def test_a_share_is_never_rounded_to_none_or_all() -> None:
    stats = [
        {"groupId": "EG000", "numAffected": 1, "numAtRisk": 2841},
        {"groupId": "EG001", "numAffected": 2840, "numAtRisk": 2841},
    ]
    listed = [{"term": "Cough", "organSystem": "Lung", "stats": stats}]
    assert rows(table_of(events(otherEvents=listed), "results-other-events"))[-1] == [
        "Cough",
        "1 / 2841 (<0.1 %)",
        "2840 / 2841 (>99.9 %)",
    ]


def test_the_number_of_events_stands_beside_the_participants() -> None:
    stats = [
        {"groupId": f"EG00{place}", "numAffected": 1, "numAtRisk": 10, "numEvents": place + 1}
        for place in (0, 1)
    ]
    part = events(seriousEvents=[{"term": "Fall", "organSystem": "Injury", "stats": stats}])
    assert rows(table_of(part, "results-serious-events"))[-1] == [
        "Fall",
        "1 / 10 (10.0 %) 1 event",
        "1 / 10 (10.0 %) 2 events",
    ]


def test_what_all_events_share_is_said_once_and_what_differs_at_each() -> None:
    systematic = {"sourceVocabulary": "MedDRA 26.0", "assessmentType": "SYSTEMATIC_ASSESSMENT"}
    shared = events(
        otherEvents=[event("Cough", "Lung", 1, **systematic), event("Rash", "Skin", 1, **systematic)]
    )
    assert first(table_of(shared, "results-other-events"), "caption") == (
        "Other adverse events by organ system: affected / at risk. MedDRA 26.0, Systematic assessment"
    )
    assert words(shared).count("MedDRA") == 1
    mixed = events(otherEvents=[event("Cough", "Lung", 1, **systematic), event("Rash", "Skin", 1)])
    terms = [row[0] for row in rows(table_of(mixed, "results-other-events"))]
    assert terms == ["Event", "Lung", "Cough MedDRA 26.0, Systematic assessment", "Skin", "Rash"]


def test_a_long_table_is_folded_and_its_rows_are_counted() -> None:
    listed = [event(f"Event {number}", f"System {number % 3}", 1, 2) for number in range(21)]
    folded = events(seriousEvents=listed, otherEvents=listed[:20])
    assert summary(folded.get_element_by_id("results-serious-events")) == "Serious adverse events: 21 rows"
    assert folded.get_element_by_id("results-serious-events").get("open") is None
    assert folded.get_element_by_id("results-other-events").tag == "div"


def test_a_list_of_events_that_is_not_there_is_missed_in_words() -> None:
    assert "No serious adverse events are listed." in words(events(otherEvents=[event("Cough", "Lung", 1)]))


def test_wide_tables_scroll_in_a_region_with_a_name() -> None:
    for table in rendered(EVERYTHING).iter("table"):
        region = table.getparent()
        assert region is not None
        assert (region.get("class"), region.get("role"), region.get("tabindex")) == ("scroll", "region", "0")
        assert region.get("aria-label")


def test_every_header_says_what_it_heads() -> None:
    scopes = {"thead": {"col"}, "tbody": {"row", "rowgroup"}}
    part = rendered(EVERYTHING)
    for body, allowed in scopes.items():
        for header in part.iterfind(f".//{body}/tr/th"):
            assert header.get("scope") in allowed


def more(**module: Any) -> HtmlElement:
    return rendered({"moreInfoModule": module})


def test_agreements_are_in_words() -> None:
    agreement = {"piSponsorEmployee": False, "restrictiveAgreement": True, "restrictionType": "GT60"}
    assert facts(more(certainAgreement=agreement)) == {
        "Investigators are all employed by the sponsor": ["No"],
        "Investigators are restricted in publishing": ["Yes"],
        "How publishing is restricted": [
            "The sponsor can review a publication first and hold it back for 61 to 180 days"
        ],
    }


def test_the_contact_can_be_called_and_written_to() -> None:
    contact = {"title": "Director", "organization": "A University", "phone": "+1 555 0100", "phoneExt": "7"}
    part = more(pointOfContact={**contact, "email": "director@university.example"})
    links = {link.get("href"): words(link) for link in part.iter("a")}
    assert "Director , A University" in words(part)
    assert links == {
        "tel:+15550100": "+1 555 0100 ext. 7",
        "mailto:director@university.example": "director@university.example",
    }


def test_hostile_text_stays_text() -> None:
    hostile = "</table><script>alert(1)</script>\u202e"
    steps = [
        {"type": hostile, "comment": hostile, "achievements": [{"groupId": hostile, "numSubjects": hostile}]}
    ]
    part = rendered(
        {
            "participantFlowModule": {
                "groups": [{"id": hostile, "title": hostile, "description": hostile}],
                "periods": [{"title": hostile, "milestones": steps}],
            }
        }
    )
    assert not list(part.iter("script"))
    assert "\u202e" not in words(part)
    assert words(part).count("<script>alert(1)</script>") >= 5


def test_a_registry_word_that_is_new_reads_as_words() -> None:
    element = outcome(type="NEWLY_INVENTED", paramType="TRIMMED_MEAN", classes=[one_row("OG")])
    assert summary(element).startswith("Newly invented Pain")
    assert first(element, "caption") == "Trimmed mean"
