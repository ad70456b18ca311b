"""Forms of the kinds: drawn from their declarations (``widgets``), read back (``reading``).

What a person typed is kept as typed, under names such as ``content.ongoing.0.insats``, so that nothing is lost when
something is wrong with it; values come from it only when the rules are asked.
"""
