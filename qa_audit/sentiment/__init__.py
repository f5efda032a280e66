"""The customer's mood in each round: trained with scikit-learn, applied with numpy alone."""
