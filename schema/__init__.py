"""WHAT may be asked: the types of the graph. How they are answered stands in `resolvers`, bound by name at start."""
