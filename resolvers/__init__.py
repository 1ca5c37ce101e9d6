"""HOW it is answered: batch resolvers, named as the schema names its fields, and the engine that runs them."""
