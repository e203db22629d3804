"""From a query to trials: the query and its URL, what it may cost, its trials in order, every filter's counts.

May import the index, what is known of conditions and the database; knows neither the web nor a registry.
"""
