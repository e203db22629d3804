"""Everything known of conditions: their names, MeSH, which of them a record has and why, what a reader's name means.

May import the record, texts, models and the database; knows neither a search nor a run that ingests.
"""
