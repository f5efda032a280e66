"""How satisfied a customer left a chat, learned from a team's own ratings."""
