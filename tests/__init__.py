"""What is promised, and the proof."""
