"""Cross-field rules, by topic."""
