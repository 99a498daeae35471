"""All file access: reading, writing, and which files a document may name."""
