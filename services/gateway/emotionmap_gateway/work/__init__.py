"""What is done for analyses and highlights, and how it is made durable."""
