"""From an operation to its answer: document, selection, execution, errors."""
