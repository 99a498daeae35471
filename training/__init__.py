"""Train a payload. Importing this package imports neither torch nor transformers."""
