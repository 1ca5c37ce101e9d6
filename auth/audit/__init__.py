"""The audit: what is recorded of a request, the hash tree over the records, signed heads and receipts. No I/O here."""
