"""The commands of ``sluss-keys`` that would crowd ``cli``: later changes, and witnesses."""
