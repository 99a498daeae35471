"""The one gate to the disk: what is read, what is written, and what a document may name."""
