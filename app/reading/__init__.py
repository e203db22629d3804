"""What a careful reader sees in a record: its criteria as lists, what in it contradicts itself, notes on values.

Pure functions of a record; pages, exports and filters share them. May import the record and texts.
"""
