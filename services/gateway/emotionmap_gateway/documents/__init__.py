"""The JSON, CSV and WebVTT that leave the gateway, and the options that come in."""
