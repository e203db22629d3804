"""Exports of a trial: citations for reference managers, the handoff card, linked data for search engines.

They are pure functions of a record. They may import `reading`, texts and registries, but no page.
"""
