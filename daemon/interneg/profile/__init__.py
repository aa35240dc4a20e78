"""What a show's dailies say of its cameras, its setups and how they move."""
