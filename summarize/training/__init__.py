"""How the shipped weights are made, and how a user makes their own."""
