"""The relay: it stores and forwards ciphertext and learns mailbox, size class and hour, nothing else."""
