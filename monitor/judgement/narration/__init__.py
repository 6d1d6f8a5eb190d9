"""Facts to words: windows, places, findings and whole screens. Pure; nothing reads these words back."""
