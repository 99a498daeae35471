"""Measure a whole file: its verdict, its pin and its statistics."""
