"""What happens, one file each: answering, importing."""
