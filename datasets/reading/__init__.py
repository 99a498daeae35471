"""Bytes to lines: files opened, decompressed, distinguished from other formats, cut into lines."""
