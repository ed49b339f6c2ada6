"""What one has to believe of a certificate: its form, and the check of it in integers."""
