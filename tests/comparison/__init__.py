"""The feature table of docs/comparison.md; each of gemauth's cells names the tests that fill it."""
