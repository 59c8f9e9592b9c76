"""Answers about meetings, every sentence verified against the exact words of a source."""

__version__ = "0.1.0"
