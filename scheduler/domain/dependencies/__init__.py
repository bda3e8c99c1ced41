"""What jobs wait for besides their turn, and how it is judged."""
