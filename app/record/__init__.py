"""The normalized trial record, the same for all registries: the trial, its posted results, and the code lists.

These modules import no other module of the program.
"""
