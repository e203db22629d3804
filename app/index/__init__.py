"""What is stored to be searched, and how ingest and search both name it: filters, text columns, counts, the revision.

May import models, the record and the names of conditions; knows neither a page nor a registry.
"""
