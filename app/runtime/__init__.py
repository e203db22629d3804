"""What the process needs of Python and the operating system: logs, memory, progress, intervals.

Knows nothing of trials and imports no other room.
"""
