"""The simulated MYOB Business / AccountRight API."""
