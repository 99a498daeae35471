"""The definition of a row: its shape and rules, and what is wrong with one, and where."""
