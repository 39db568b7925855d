"""Builds a plant out of its description, lets it run, and writes the example."""
