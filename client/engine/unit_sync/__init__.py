"""The devices of one unit: what they tell each other, and how they come to the same without a server that orders."""
