"""An unknown outcome stays unknown until it is proven."""
