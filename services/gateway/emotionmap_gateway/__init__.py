"""The one door of EmotionMap: HTTP and gRPC API, uploads, durable jobs, the web page."""
