"""Wire parity: what gemauth sends beside what Google's clients send for the same job."""
