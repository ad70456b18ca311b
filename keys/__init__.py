"""What all parties agree on byte for byte, and the trust between them: the public half.

It verifies and parses; it holds no secret.
"""
