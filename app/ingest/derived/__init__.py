"""What is derived from all trials together: labels, names, links that depend on other records, suggestions.

May import prepare and write.
"""
