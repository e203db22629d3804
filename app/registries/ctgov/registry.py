"""ClinicalTrials.gov as the rest of the program sees it."""

from app.registries.ctgov import ids, normalize
from app.registries.registry import LiveAnswer, LiveQuestion, Registry


def _open_live(question: LiveQuestion) -> LiveAnswer:
    from app.registries.ctgov.live import open_live  # noqa: PLC0415  pages do without the HTTP client

    return open_live(question)


CTGOV = Registry(
    name="ctgov",
    label="ClinicalTrials.gov",
    home="https://clinicaltrials.gov",
    id_label="NCT number",
    id_example="NCT06141304",
    normalize=normalize.normalize,
    fingerprint=normalize.fingerprint,
    release=normalize.release,
    missing_fields=normalize.missing_fields,
    condition_terms=normalize.condition_terms,
    canonical_id=ids.canonical_id,
    id_in_address=ids.id_in_address,
    ids_in=ids.ids_in,
    owns=ids.owns,
    record_url=ids.record_url,
    results_url=ids.results_url,
    open_live=_open_live,
)
