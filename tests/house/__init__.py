"""The house itself: layout, import order, fences, documents."""
