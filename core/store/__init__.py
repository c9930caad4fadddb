"""All SQL lives here: one module per table family. A function takes the connection first and does one thing."""
