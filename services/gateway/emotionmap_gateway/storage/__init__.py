"""What is kept: rows in a database, bytes in an object folder."""
