"""Files in, transcripts out: every format, spilled to buckets by chat, everything unreadable named."""
