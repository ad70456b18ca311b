"""What keeps an office running: vault, trust, outbox, inbox and the one sync loop."""
