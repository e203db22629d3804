"""The database: how it is opened, migrated, looked at as a file, and how much room it has on the disk.

May import models and settings, nothing that knows trials.
"""
