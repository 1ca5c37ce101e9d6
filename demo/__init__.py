"""The embedded demo world: source systems of made-up enterprises, and the published facts, marked apart."""
