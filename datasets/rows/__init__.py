"""What a row is: its shape, its rules, and what is wrong with one, and where."""
