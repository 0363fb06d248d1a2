"""Reads media: probes, plans, decodes, cuts, renders thumbnails. Knows nothing of emotions."""
