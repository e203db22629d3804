"""From a query to trials: the query and its URL, facets and their counts, full text, order, one page of ids."""
