"""Configs, artifacts, settings and git on this disk; many files linted or pinned at once.

It connects the compiler, datasets and review to files. It imports nothing itself, because every
command reads the settings.
"""
