"""Training by a payload. Importing it imports neither torch nor transformers."""
