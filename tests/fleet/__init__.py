"""A fleet: many units and devices that join, leave, are restored and sleep for weeks, and lose no document."""
