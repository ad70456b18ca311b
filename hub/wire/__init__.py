"""Every frame between a device and the hub, and nothing else (PROTOCOL 2): limits, requests, responses, frame."""
