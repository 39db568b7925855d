"""The plants that the laboratory can build, one a folder."""

from . import batch_plant, waterworks

PLANTS = {"batch-plant": batch_plant.plant, "waterworks": waterworks.plant}
