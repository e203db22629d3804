"""What is stored for search, under names that ingest and search share: filters, text columns, counts, the revision.

May import models, the record and the names of conditions; knows neither pages nor registries.
"""
