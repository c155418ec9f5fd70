"""What an adapter writes down about itself holds no secret."""
