"""High availability: what a hub's database may lose when its leader dies."""
