"""The plants that the laboratory can build: one file each."""
