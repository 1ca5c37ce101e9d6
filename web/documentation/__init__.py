"""The documentation as pages: docs/*.md rendered, and a reference made of what the code itself says."""
