"""Exclusions for allergy to a drug that the trial does not give, which are usually copied from another trial."""

import re
from collections.abc import Iterator

from app.reading.contradictions.wording import clipped, contradiction, quoted
from app.reading.criteria import Criteria, Criterion
from app.reading.notes import Evidence, TrustNote
from app.record.trial import Intervention, TrialRecord

# Stems of international nonproprietary names (WHO, "The use of stems in the selection of INN", 2018) of drugs that are
# given as treatment. Stems of drugs that a trial uses only in passing are left out on purpose: anesthetics,
# antibiotics, antihistamines, steroids, contrast agents, painkillers.
_STEMS = r"""
    mab|nib|platin|taxel|rubicin|parib|ciclib|zomib|limus|cept|gliptin|gliflozin|glutide|glitazone|vastatin|sartan
    |oxaban|gatran|grel|grelor|previr|buvir|asvir|tegravir|navir|citabine|arabine|ribine|trexate|trexed|poside|tecan
    |lukast|degib|clax|leucel|mustine|zolomide|domide|damide|tamide|sfamide|phamide|bulin|blastine|cristine|inostat
    |lisib|gepant|triptan|formin|fungin|conazole
"""
_NAME = rf"(?P<drug>[A-Za-z]{{3,24}}?(?:{''.join(_STEMS.split())}))"
# The drug must be all that the item is about: `known allergy to Chidamide or any of its excipients`.
_ALLERGY = re.compile(
    rf"""
    \b(?: allerg(?:y|ies|ic) | hypersensitiv(?:e|ity) | anaphylaxis
         | (?:allergic|hypersensitivity|anaphylactic)\s+reactions? )
    (?: \s+ or \s+ (?:intoleran(?:t|ce)|hypersensitiv(?:e|ity)|allerg(?:y|ic)) )?
    \s+ (?:to|against) \s+ (?:the\s+)?(?:drug\s+|use\s+of\s+)? {_NAME}
    (?: \s+ (?:tablets?|capsules?|injections?) )?
    (?: \s* (?:or|and|and\s*/\s*or) \s+ (?:to\s+)? (?:any\s+(?:of\s+)?)?
        (?:its|similar|related|the\s+same) \b [^.;]{{0,60}} )?
    [\s.;,)]* $
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LONGEST_ITEM = 200
_ALLERGIC = re.compile(r"allerg|hypersensitiv|anaphyla", re.IGNORECASE)
# An allergy item with one of these covers the trial's own drugs, so a drug named elsewhere is one used in passing.
_OWN_DRUG = re.compile(
    r"\b(?:study|trial|test|investigational|experimental|research|protocol)[\s-]*"
    r"(?:drug|medication|medicine|product|treatment|agent|compound|intervention|material|component)"
    r"|\b(?:component|ingredient|excipient|constituent|active substance)|\bany (?:of the )?(?:drug|agent|medication)",
    re.IGNORECASE,
)
_DRUG_TYPES = (None, "drug", "biological", "genetic", "combination-product", "dietary-supplement")
_KNOWN = re.compile(
    rf"\b{_NAME}\b|\bplacebo\b|\b(?:busulfan|melphalan|tretinoin|insulin|interferon)\b"
    r"|\b[a-z]{3,24}?(?:sone|solone|grastim|poetin|pril|olol|dipine|prazole|caine|mycin|cillin|cycline|floxacin)\b",
    re.IGNORECASE,
)
_UNKNOWN = re.compile(
    r"[+/&®]|\b(?:chemo\w*|regimen|standard|best|choice|combination|therapy|treatment|immuno\w*|radio\w*|cells?)\b"
    r"|\b[A-Z]{2,}-?\d|\d{3,}\b(?!\s*m)",
)


def allergy_note(record: TrialRecord, criteria: Criteria | None) -> TrustNote | None:
    """Note an exclusion for allergy to a single drug, in a trial whose own drugs are all known and different.

    The drug must not appear anywhere else in the record, and no other item on allergy may be about the trial's own
    drugs; otherwise the drug may be one given in passing.
    """
    if not criteria or not _ALLERGIC.search(criteria.source):
        return None
    found = next(_allergy_items(criteria), None)
    if not found:
        return None
    number, item, drug = found
    given = [item for item in record.interventions if item.type in _DRUG_TYPES]
    if not given or not all(_is_known(intervention) for intervention in given):
        return None
    stem = drug.lower()[:-1]
    is_in_record = any(stem in text.lower() for text in _texts(record))
    if is_in_record or criteria.source.lower().count(stem) > 1 or _covers_own_drugs(criteria, item, given):
        return None
    names = clipped(", ".join(dict.fromkeys(item.name for item in given if item.name)))
    text = (
        f"A drug may be named by mistake: exclusion criterion {number} is about allergy to {drug}, which"
        f" does not appear among the trial's interventions ({names})."
    )
    return contradiction(
        "allergy",
        text,
        Evidence(quoted(item.text), f"#exclusion-{number}", f"Exclusion criterion {number}"),
        Evidence(names, "#arms", "Interventions"),
    )


def _allergy_items(criteria: Criteria) -> Iterator[tuple[int, Criterion, str]]:
    for number, item in enumerate(criteria.of("exclusion"), start=1):
        if len(item.text) <= _LONGEST_ITEM and not item.children and (match := _ALLERGY.search(item.text)):
            yield number, item, match["drug"]


def _is_known(intervention: Intervention) -> bool:
    """Tell whether the name says which substance is given; a code, brand, regimen or class does not."""
    name = intervention.name or ""
    return bool(_KNOWN.search(name)) and not _UNKNOWN.search(name)


def _covers_own_drugs(criteria: Criteria, found: Criterion, given: list[Intervention]) -> bool:
    names = [word.lower() for item in given for word in re.findall(r"\w{5,}", item.name or "")]
    others = (item for item in criteria.of("exclusion") if item is not found)
    return any(
        _OWN_DRUG.search(text) or any(name in text.lower() for name in names)
        for item in others
        for text in _item_texts(item)
        if _ALLERGIC.search(text)
    )


def _item_texts(item: Criterion) -> Iterator[str]:
    yield item.text
    for child in item.children:
        if isinstance(child, Criterion):
            yield from _item_texts(child)
        else:
            yield child.text


def _texts(record: TrialRecord) -> Iterator[str]:
    """Return all texts that could name what the trial gives, except the criteria."""
    outcomes = (*record.primary_outcomes, *record.secondary_outcomes, *record.other_outcomes)
    terms = record.intervention_terms
    texts = (
        record.brief_title,
        record.official_title,
        record.brief_summary,
        record.detailed_description,
        record.design.intervention_model_description,
        *record.keywords,
        *record.conditions,
        *(concept.name for concept in (*terms.concepts, *terms.ancestors)),
        *(text for arm in record.arms for text in (arm.label, arm.description, *arm.intervention_names)),
        *(text for item in record.interventions for text in (item.name, item.description, *item.other_names)),
        *(text for outcome in outcomes for text in (outcome.measure, outcome.description)),
    )
    return (text for text in texts if text)
