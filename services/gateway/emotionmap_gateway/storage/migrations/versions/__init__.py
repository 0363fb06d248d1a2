"""One module per change of the tables; never changed once it was released."""
