"""Payload and environment in, recipe out: the trainer's settings, and what became of each field.

Pure: it imports no torch and no transformers, and looks at nothing but its arguments.
"""

from .making import recipe_for
from .values import Noted, Recipe, Refused, Set
from .world import Library, World

__all__ = ["Library", "Noted", "Recipe", "Refused", "Set", "World", "recipe_for"]
