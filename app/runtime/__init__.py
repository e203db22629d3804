"""What the process needs from Python and the operating system: logs, memory, progress, intervals.

Knows nothing of trials and imports no other package of the application.
"""
