"""The columns of the full-text index, and what a word in each of them weighs."""

COLUMN_WEIGHTS = {
    "title": 8.9,
    "acronym": 10.0,
    "ids": 10.0,
    "conditions": 8.1,
    "interventions": 8.0,
    "keywords": 3.0,
    "sponsors": 1.0,
    "summary": 3.0,
    "outcomes": 2.0,
    "criteria": 0.5,
    "description": 0.5,
}
"""As the table has them. They weigh in the order of the registry's own BasicSearch area; the long fields less than
there, for bm25 counts every repetition."""
