"""What a chat was about, how it ended and how its customer felt: trained with scikit-learn, applied with numpy alone."""
