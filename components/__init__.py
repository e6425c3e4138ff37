"""What pages are made of: widgets and numpy-only views. Never torch, not even indirectly."""
