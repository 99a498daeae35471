"""A repository of configs and artifacts: what belongs together, what changed, what is current.

It joins the compiler, the datasets and the review with files and git. Nothing is imported here,
because every command reads the settings.
"""
