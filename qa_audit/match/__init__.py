"""Text in, spans out: phrases, regular expressions, token patterns, similarity, cues."""
