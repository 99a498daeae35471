"""Bytes to lines: files opened, decompressed, told from other formats, cut into lines."""
