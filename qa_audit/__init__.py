"""Audits Chinese customer-service transcripts against a service standard."""

__version__ = "0.1.0"
