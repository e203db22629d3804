"""The list for programs: its own models, so that rewording a page breaks no client, and their OpenAPI description.

May import what builds the rows of pages, and search.
"""
