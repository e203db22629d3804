"""What follows from all trials together: labels, names, links through what other records say, suggestions.

May import prepare and write.
"""
