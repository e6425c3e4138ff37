"""Measurements. Each prints ratios against bare forward passes of the same run; none is a test."""
