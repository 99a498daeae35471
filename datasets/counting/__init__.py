"""All rows of a file added up: the verdict, the pin, the statistics."""
