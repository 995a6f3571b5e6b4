"""What happens, one file for each thing that can."""
