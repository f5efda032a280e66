"""The way back: what people wrote into the workbooks, checked, counted, and kept beside the nights."""

from qa_audit.review.quality import Quality, quality

__all__ = ["Quality", "quality"]
