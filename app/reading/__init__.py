"""Close reading of a record: its criteria as lists, its contradictions, and notes on what may no longer hold.

These are pure functions of a record that pages, exports and filters share. They may import the record and texts.
"""
