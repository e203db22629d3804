"""The code lists of the field: each value as it stands in a URL, the label that a person reads, and their order.

A value is the registry's enum in lower case with hyphens (`NOT_YET_RECRUITING` is `not-yet-recruiting`). A value that
a registry adds later is kept, and shown as plain words until it gets a line here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

_WORDS = re.compile(r"[a-z0-9]+")

NOT_STATED = "not-stated"
NOT_STATED_LABEL = "Not stated"


@dataclass(frozen=True, slots=True)
class Code:
    value: str
    label: str
    help: str = ""


@dataclass(frozen=True)
class CodeList:
    name: str
    terms: tuple[Code, ...]
    _by_value: dict[str, Code] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_value", {term.value: term for term in self.terms})

    @classmethod
    def of(cls, name: str, *terms: tuple[str, str] | tuple[str, str, str]) -> "CodeList":
        return cls(name, tuple(Code(*term) for term in terms))

    def __iter__(self) -> Iterator[Code]:
        return iter(self.terms)

    def __contains__(self, value: str) -> bool:
        return value in self._by_value

    def label(self, value: str | None) -> str:
        """Return the label of a value: "Not stated" for a missing value, the value as words for an unlisted one."""
        if not value or value == NOT_STATED:
            return NOT_STATED_LABEL
        term = self._by_value.get(value)
        return term.label if term else value.replace("-", " ").capitalize()

    def help(self, value: str) -> str:
        term = self._by_value.get(value)
        return term.help if term else ""

    def position(self, value: str) -> int:
        """Return the position of a value in the list. Unlisted values come last."""
        return next((i for i, term in enumerate(self.terms) if term.value == value), len(self.terms))


@lru_cache(maxsize=1_000)
def canonical(value: str) -> str:
    """Return `not-yet-recruiting` for `NOT_YET_RECRUITING`, `Not yet recruiting` and `not-yet-recruiting`."""
    return "-".join(_WORDS.findall(value.lower()))


STATUS = CodeList.of(
    "status",
    ("recruiting", "Recruiting", "Open to new participants now"),
    ("not-yet-recruiting", "Not yet recruiting", "Registered, not open to participants yet"),
    ("enrolling-by-invitation", "Enrolling by invitation", "Open only to people the investigators select"),
    ("active-not-recruiting", "Active, not recruiting", "Running, closed to new participants"),
    ("available", "Available", "Expanded access is open"),
    ("temporarily-not-available", "Temporarily not available", "Expanded access is paused"),
    ("completed", "Completed", "Ended as planned"),
    ("approved-for-marketing", "Approved for marketing", "Expanded access ended because of an approval"),
    ("no-longer-available", "No longer available", "Expanded access has closed"),
    ("suspended", "Suspended", "Stopped for now, may resume"),
    ("terminated", "Terminated", "Stopped early, will not resume"),
    ("withdrawn", "Withdrawn", "Stopped before the first participant"),
    ("withheld", "Withheld", "Details are not public yet"),
    ("unknown", "Unknown status", "Past its completion date and not verified for two years"),
)

STUDY_TYPE = CodeList.of(
    "study_type",
    ("interventional", "Interventional", "Participants are assigned to an intervention"),
    ("observational", "Observational", "Participants are observed, nothing is assigned"),
    ("expanded-access", "Expanded access", "Treatment outside a trial"),
)

PHASE = CodeList.of(
    "phase",
    ("early-phase1", "Early phase 1"),
    ("phase1", "Phase 1"),
    ("phase2", "Phase 2"),
    ("phase3", "Phase 3"),
    ("phase4", "Phase 4"),
    ("na", "Not applicable", "Trials without drug phases, for example of devices or behavior"),
)

INTERVENTION_TYPE = CodeList.of(
    "intervention_type",
    ("drug", "Drug", "Including placebo"),
    ("biological", "Biological", "Vaccines, blood products, cells"),
    ("device", "Device", "Including sham devices"),
    ("procedure", "Procedure", "Including surgery"),
    ("radiation", "Radiation"),
    ("behavioral", "Behavioral", "Psychotherapy, lifestyle counseling"),
    ("genetic", "Genetic", "Gene transfer, stem cells, recombinant DNA"),
    ("dietary-supplement", "Dietary supplement", "Vitamins, minerals"),
    ("combination-product", "Combination product", "A drug with a device, for example"),
    ("diagnostic-test", "Diagnostic test", "Imaging, in-vitro tests"),
    ("other", "Other"),
)

ARM_TYPE = CodeList.of(
    "arm_type",
    ("experimental", "Experimental"),
    ("active-comparator", "Active comparator"),
    ("placebo-comparator", "Placebo comparator"),
    ("sham-comparator", "Sham comparator"),
    ("no-intervention", "No intervention"),
    ("other", "Other"),
)

SEX = CodeList.of("sex", ("all", "All"), ("female", "Female"), ("male", "Male"))

AGE_GROUP = CodeList.of(
    "age_group",
    ("child", "Child", "Birth to 17 years"),
    ("adult", "Adult", "18 to 64 years"),
    ("older-adult", "Older adult", "65 years and over"),
)

SPONSOR_CLASS = CodeList.of(
    "sponsor_class",
    ("industry", "Industry"),
    ("nih", "U.S. National Institutes of Health"),
    ("fed", "Other U.S. federal agency"),
    ("other-gov", "Other government"),
    ("network", "Network"),
    ("indiv", "Individual"),
    ("other", "Other", "Universities, hospitals, charities"),
    ("ambig", "Ambiguous"),
    ("unknown", "Unknown"),
)

ALLOCATION = CodeList.of(
    "allocation",
    ("randomized", "Randomized"),
    ("non-randomized", "Non-randomized"),
    ("na", "Not applicable"),
)

INTERVENTION_MODEL = CodeList.of(
    "intervention_model",
    ("single-group", "Single group"),
    ("parallel", "Parallel groups"),
    ("crossover", "Crossover"),
    ("factorial", "Factorial"),
    ("sequential", "Sequential"),
)

PURPOSE = CodeList.of(
    "purpose",
    ("treatment", "Treatment"),
    ("prevention", "Prevention"),
    ("diagnostic", "Diagnostic"),
    ("ect", "Educational, counseling or training"),
    ("supportive-care", "Supportive care"),
    ("screening", "Screening"),
    ("health-services-research", "Health services research"),
    ("basic-science", "Basic science"),
    ("device-feasibility", "Device feasibility"),
    ("other", "Other"),
)

OBSERVATIONAL_MODEL = CodeList.of(
    "observational_model",
    ("cohort", "Cohort"),
    ("case-control", "Case-control"),
    ("case-only", "Case-only"),
    ("case-crossover", "Case-crossover"),
    ("ecologic-or-community", "Ecologic or community"),
    ("family-based", "Family-based"),
    ("defined-population", "Defined population"),
    ("natural-history", "Natural history"),
    ("other", "Other"),
)

TIME_PERSPECTIVE = CodeList.of(
    "time_perspective",
    ("retrospective", "Retrospective"),
    ("prospective", "Prospective"),
    ("cross-sectional", "Cross-sectional"),
    ("other", "Other"),
)

MASKING = CodeList.of(
    "masking",
    ("none", "None (open label)"),
    ("single", "Single"),
    ("double", "Double"),
    ("triple", "Triple"),
    ("quadruple", "Quadruple"),
)

WHO_MASKED = CodeList.of(
    "who_masked",
    ("participant", "Participant"),
    ("care-provider", "Care provider"),
    ("investigator", "Investigator"),
    ("outcomes-assessor", "Outcomes assessor"),
)

SAMPLING_METHOD = CodeList.of(
    "sampling_method",
    ("probability-sample", "Probability sample"),
    ("non-probability-sample", "Non-probability sample"),
)

SAMPLES_KEPT = CodeList.of(
    "samples_kept",
    ("none-retained", "None retained"),
    ("samples-with-dna", "Samples with DNA"),
    ("samples-without-dna", "Samples without DNA"),
)

ROLE = CodeList.of(
    "role",
    ("study-chair", "Study chair"),
    ("study-director", "Study director"),
    ("principal-investigator", "Principal investigator"),
    ("sub-investigator", "Sub-investigator"),
    ("contact", "Contact"),
)

RESPONSIBLE_PARTY = CodeList.of(
    "responsible_party",
    ("sponsor", "Sponsor"),
    ("principal-investigator", "Principal investigator"),
    ("sponsor-investigator", "Sponsor-investigator"),
)

DATA_SHARING = CodeList.of("data_sharing", ("yes", "Yes"), ("no", "No"), ("undecided", "Undecided"))

SHARED_DOCUMENT = CodeList.of(
    "shared_document",
    ("study-protocol", "Study protocol"),
    ("sap", "Statistical analysis plan"),
    ("icf", "Informed consent form"),
    ("csr", "Clinical study report"),
    ("analytic-code", "Analytic code"),
)

REFERENCE_TYPE = CodeList.of(
    "reference_type",
    ("background", "Background"),
    ("result", "Results"),
    ("derived", "Linked by the registry"),
)

STUDY_ID_TYPE = CodeList.of(
    "study_id_type",
    ("nih", "U.S. NIH grant or contract"),
    ("fda", "U.S. FDA grant or contract"),
    ("va", "U.S. VA grant or contract"),
    ("cdc", "U.S. CDC grant or contract"),
    ("ahrq", "U.S. AHRQ grant or contract"),
    ("samhsa", "U.S. SAMHSA grant or contract"),
    ("other-grant", "Other grant or funding number"),
    ("eudract-number", "EudraCT number"),
    ("ctis", "EU trial number (CTIS)"),
    ("registry", "Registry identifier"),
    ("other", "Other identifier"),
)

RESULTS_STEP = CodeList.of(
    "results_step",
    ("release", "Submitted"),
    ("unrelease", "Submission withdrawn"),
    ("reset", "Returned for changes"),
)

VIOLATION = CodeList.of(
    "violation",
    ("violation-identified", "Violation identified by the U.S. FDA"),
    ("correction-confirmed", "Correction confirmed by the U.S. FDA"),
    ("penalty-imposed", "Penalty imposed by the U.S. FDA"),
    ("issues-in-letter-addressed-confirmed", "Issues in the letter addressed, confirmed by the U.S. FDA"),
)
