"""Bytes -> Case. Each modality has one public entry: `image.decode_image` for radiographs."""
