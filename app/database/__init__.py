"""The database: opening it, migrating it, inspecting its file, and checking for free disk space.

May import models and settings, nothing that knows trials.
"""
