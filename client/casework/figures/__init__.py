"""F11 statistics: fixed cells, counted where the documents lie, masked before they leave."""
