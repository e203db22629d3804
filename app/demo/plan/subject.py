"""The subject of a trial: its disease in the trial's own words, and the conditions that it lists."""

from functools import lru_cache
from typing import NamedTuple

from app.demo.draw import Draw
from app.demo.world.area import Area, Disease, areas

_SMALL_WORDS = {"a", "an", "and", "at", "by", "for", "in", "of", "on", "or", "the", "to"}
_COURSES = {"acute", "chronic", "early", "late", "juvenile", "persistent", "recurrent"}
# Entries that registrants list as conditions besides the disease: aspects of the disease.
_ASPECTS = (
    "quality of life in {}",
    "self-management of {}",
    "adherence to treatment of {}",
    "screening for {}",
    "prevention of {}",
    "complications of {}",
    "burden of {}",
    "caregivers of people with {}",
    "{} in primary care",
    "{} in rural communities",
    "{} in low-resource settings",
    "fatigue in {}",
    "anxiety about {}",
    "cost of {}",
    "biomarkers of {}",
    "family history of {}",
    "{} with comorbid depression",
    "{} with comorbid diabetes",
    "{} with obesity",
    "{} after hospital discharge",
    "telehealth for {}",
    "patient education in {}",
    "shared decisions in {}",
    "sleep quality in {}",
    "diagnosis of {}",
    "physical activity in {}",
)


class Subject(NamedTuple):
    area: Area
    disease: Disease
    phrase: str
    """The disease as this trial words it, such as "relapsed acute myeloid leukemia"."""
    diseases: tuple[Disease, ...]
    """The disease, and in some trials further diseases of the area."""
    conditions: tuple[str, ...]
    keywords: tuple[str, ...]


def draw_subject(draw: Draw) -> Subject:
    area = draw.weighted(areas())
    disease = area.diseases[draw.rank(len(area.diseases), 1.7)]
    phrase = _phrase(draw, area, disease)
    others = [draw.pick(area.diseases)] if draw.chance(0.13) else []
    diseases = (disease, *(other for other in others if other is not disease))
    return Subject(
        area,
        disease,
        phrase,
        diseases,
        _conditions(draw, area, diseases, phrase),
        _keywords(draw, area, disease),
    )


def title_case(phrase: str) -> str:
    """Capitalize a phrase as in a title, but leave words that already have a capital (mRNA, NSCLC)."""
    first, *rest = phrase.split(" ")
    return " ".join([_titled(first), *[word if word in _SMALL_WORDS else _titled(word) for word in rest]])


def sentence_case(phrase: str) -> str:
    return phrase[:1].upper() + phrase[1:]


@lru_cache(maxsize=10_000)
def _titled(word: str) -> str:
    first, *rest = (sentence_case(part) if part.islower() else part for part in word.split("-"))
    return "-".join([first, *(part.lower() if part.lower() in _SMALL_WORDS else part for part in rest)])


def _phrase(draw: Draw, area: Area, disease: Disease) -> str:
    """Return the name of the disease, in about two trials of five with a modifier or gene."""
    position = draw.random()
    if position < 0.36:
        return _modified(draw, area, disease.name)
    if disease.genes and position < 0.46:
        return _genetic(draw, area, disease)
    return disease.name


def _modified(draw: Draw, area: Area, name: str) -> str:
    """Put a modifier before a name, unless the two clash (acute chronic pain, early early cancer)."""
    modifier = draw.pick(area.modifiers)
    told = set(_words(modifier))
    already = set(_words(name))
    if told & already or (told & _COURSES and already & _COURSES):
        return name
    return f"{modifier} {name}"


def _genetic(draw: Draw, area: Area, disease: Disease) -> str:
    return f"{draw.pick(disease.genes)}{area.gene_link} {disease.name}"


def _words(phrase: str) -> list[str]:
    return phrase.replace("-", " ").split()


def _conditions(draw: Draw, area: Area, diseases: tuple[Disease, ...], phrase: str) -> tuple[str, ...]:
    names = [_stated(draw, disease) for disease in diseases]
    if phrase != diseases[0].name and draw.chance(0.6):
        names.append(_styled(draw, phrase))
    if draw.chance(0.25):
        names.append(_styled(draw, _remote(draw, area, diseases[0])))
    return tuple(dict.fromkeys(names))


def _stated(draw: Draw, disease: Disease) -> str:
    """Name a disease as registrants do: in their own words, by its abbreviation, or by its MeSH heading."""
    position = draw.random()
    if position < 0.62:
        return _styled(draw, disease.name)
    if disease.short and position < 0.76:
        return disease.short if position < 0.69 else f"{title_case(disease.name)} ({disease.short})"
    if position < 0.86:
        return disease.heading
    return _styled(draw, draw.pick(disease.also) if disease.also else disease.name)


def _remote(draw: Draw, area: Area, disease: Disease) -> str:
    """Return one of the many conditions that only one or two trials list."""
    disease = disease if draw.chance(0.5) else draw.pick(area.diseases)
    name = _genetic(draw, area, disease) if disease.genes and draw.chance(0.3) else disease.name
    name = _modified(draw, area, name) if draw.chance(0.6) else f"{name} {draw.pick(area.settings)}"
    return draw.pick(_ASPECTS).format(name) if draw.chance(0.3) else name


def _styled(draw: Draw, phrase: str) -> str:
    position = draw.random()
    if position < 0.72:
        return title_case(phrase)
    return sentence_case(phrase) if position < 0.9 else phrase


def _keywords(draw: Draw, area: Area, disease: Disease) -> tuple[str, ...]:
    if draw.chance(0.36):
        return ()
    own = [word for word in (disease.name, disease.short, *disease.also) if word]
    return tuple(dict.fromkeys((draw.pick(own), *draw.several(area.keywords, draw.between(1, 5)))))
