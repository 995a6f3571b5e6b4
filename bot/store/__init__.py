"""What we remember: the only package that speaks SQL."""
