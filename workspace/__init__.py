"""What is on this disk: configs, artifacts, settings, git; many of them linted or pinned at once.

It joins the compiler, the datasets and the review with files. Nothing is imported here,
because every command reads the settings.
"""
