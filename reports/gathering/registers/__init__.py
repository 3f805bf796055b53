"""What people entered, as the plain data that documents rest on: the one door from registers to figures.

Decimals are texts, so that all of it is frozen as it stands. What devices measured is none of it, unless a person
took it over.
"""
