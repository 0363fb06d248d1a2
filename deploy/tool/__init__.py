"""Brings an overlay of deploy/k8s onto a cluster and looks at it; see deploy/__main__.py."""
