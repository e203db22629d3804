"""A trial taken elsewhere: citations for reference managers, a card to hand over, linked data for search engines.

Pure functions of a record. May import what reads a record, texts and registries; knows no page.
"""
