"""Sample cases to try the X-ray page with. Only `fetch` ever uses the network."""

from models.samples.catalog import fetch, load, remarks, samples, thumbnail
from models.samples.sample import Sample

__all__ = ["Sample", "fetch", "load", "remarks", "samples", "thumbnail"]
