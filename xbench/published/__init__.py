"""Published results: the numbers of the papers' tables, and what can be recomputed from them."""
